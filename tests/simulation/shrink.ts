import type { Plan } from './plan.ts';
import type { Result } from './simulation.ts';

/** So often a shorter plan is tried: a minute or two of work for a plan of a few days. */
const TRIES = 200;

/**
 * A shorter plan that breaks the same rule: ends with the day of the breach, then leaves out happenings (half of them, a quarter, ...
 * one at a time) and services nothing else needs, as long as the rule is still broken (after Zeller and Hildebrandt, Simplifying
 * and Isolating Failure-Inducing Input, 2002).
 */
export async function shrink(plan: Plan, run: (plan: Plan) => Promise<Result>): Promise<Plan> {
  const wanted = (await run(plan)).broken;
  if (wanted === undefined) return plan;
  let tries = TRIES;
  const stillBreaks = async (shorter: Plan) => {
    tries -= 1;
    return tries >= 0 && (await run(shorter)).broken?.rule === wanted.rule;
  };
  const { lasted } = await run(plan);
  let best: Plan = { ...plan, days: Math.ceil(lasted / 86_400_000) };
  best = { ...best, happenings: best.happenings.filter(({ at }) => at <= lasted) };
  if (!(await stillBreaks(best))) return plan;
  best = await withFewer(best, 'happenings', stillBreaks);
  return await withFewer(best, 'services', stillBreaks);
}

async function withFewer(
  plan: Plan,
  what: 'happenings' | 'services',
  stillBreaks: (plan: Plan) => Promise<boolean>,
): Promise<Plan> {
  let best = plan;
  for (let size = Math.ceil(best[what].length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best[what].length; ) {
      const shorter = sensible({ ...best, [what]: best[what].toSpliced(from, size) });
      if (shorter !== undefined && (await stillBreaks(shorter))) best = shorter;
      else from += size;
    }
  }
  return best;
}

/** Undefined where a service is needed that is not there. What happened to one that is not there does not happen. */
function sensible(plan: Plan): Plan | undefined {
  const names = new Set(plan.services.map(({ service }) => service));
  const whole = plan.services.every(
    ({ needs, inNetworkOf }) =>
      needs.every(name => names.has(name)) && (inNetworkOf === undefined || names.has(inNetworkOf)),
  );
  return whole && names.size > 0 ? plan : undefined;
}
