import { jest } from '@jest/globals';
import type { Plan } from './plan.ts';
import { type ProfileName, planFor } from './profiles.ts';
import type { Result } from './simulation.ts';

// Each rule is shown to bite: a watchdog in which just that one is broken is caught by it. What is broken stands in the place of
// the real file while the modules are loaded, so the product needs no hook for this.

export type Module = Readonly<Record<string, unknown>>;
export type Class = new (...given: unknown[]) => Record<string, (...given: unknown[]) => unknown>;

/** Seeds that are tried until the rule is broken. */
const SEEDS = 12;

/** The rule that is broken first, simulating with this file of the watchdog replaced. `jest.resetModules()` after each test. */
export async function caught(file: string, broken: (real: Module) => Module, plans: Iterable<Plan>): Promise<string> {
  const place = `../../watchdog/${file}`;
  const real = (await import(place)) as Module;
  jest.resetModules();
  jest.unstable_mockModule(place, () => ({ ...real, ...broken(real) }));
  try {
    const { simulate } = (await import('./simulation.ts')) as { simulate: (plan: Plan) => Promise<Result> };
    for (const plan of plans) {
      const { broken: rule } = await simulate(plan);
      if (rule !== undefined) return `${rule.rule}, ${rule.says} (${rule.because})`;
    }
    return 'nothing';
  } finally {
    jest.unstable_unmockModule(place);
  }
}

/** As it is. */
export const sound = (real: Module): Module => real;

export function* days(profile: ProfileName): Iterable<Plan> {
  for (let seed = 1; seed <= SEEDS; seed += 1) yield planFor(seed, profile, 1);
}
