import { parseArgs } from 'node:util';
import type { Plan } from './plan.ts';
import { PROFILE_NAMES, type ProfileName, planFor } from './profiles.ts';
import { shrink } from './shrink.ts';
import { brokenWords, type Result, simulate } from './simulation.ts';

// `npm run simulate -- --seed 1 --days 30 --profile deaths`. Without a seed it draws one, without a profile it takes them all.
// `--seeds 100` goes on with the next ninety-nine, whatever is found, and cuts nothing down: for a run of hours.

const DAY = 86_400_000;

interface Wanted {
  readonly seed: number;
  readonly seeds: number;
  readonly days: number;
  readonly profiles: readonly ProfileName[];
}

function wanted(): Wanted | undefined {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string', default: '1' },
      days: { type: 'string', default: '30' },
      profile: { type: 'string' },
    },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  const [seeds, days] = [Number(values.seeds), Number(values.days)];
  const profiles = values.profile === undefined ? PROFILE_NAMES : [values.profile as ProfileName];
  const isSound =
    [seed, seeds, days].every(Number.isInteger) &&
    seeds > 0 &&
    days > 0 &&
    profiles.every(name => PROFILE_NAMES.includes(name));
  return isSound ? { seed, seeds, days, profiles } : undefined;
}

async function main(): Promise<number> {
  const run = wanted();
  if (run === undefined) {
    console.error(
      `usage: npm run simulate -- [--seed N] [--seeds N] [--days D] [--profile ${PROFILE_NAMES.join('|')}]`,
    );
    return 2;
  }
  let broken = 0;
  for (let seed = run.seed; seed < run.seed + run.seeds; seed += 1) {
    for (const profile of run.profiles) {
      const plan = planFor(seed, profile, run.days);
      const result = await timed(`seed ${seed}, ${profile}`, plan);
      if (result.broken === undefined) continue;
      broken += 1;
      await tell(plan, result, run.seeds === 1);
      console.log(`\nseed ${seed}, profile ${profile}, ${run.days} days: ${brokenWords(result.broken)}`);
      if (run.seeds === 1) return 1;
    }
  }
  return broken === 0 ? 0 : 1;
}

async function timed(name: string, plan: Plan): Promise<Result> {
  const began = performance.now();
  const result = await simulate(plan);
  const took = ((performance.now() - began) / 1_000).toFixed(1);
  const { happenings, repairs, healed, lives } = result.counts;
  const days = (result.lasted / DAY).toFixed(1);
  console.log(
    `${name}: ${days} days in ${took} s; ${happenings} happenings, ${repairs} repairs (${healed} healed), ${lives} lives`,
  );
  return result;
}

async function tell(plan: Plan, { story }: Result, cut: boolean): Promise<void> {
  const short = cut ? await shrink(plan, simulate) : plan;
  console.log(short === plan ? story : (await simulate(short)).story);
  if (cut) console.log(`\nThe shortest plan found that breaks the same rule:\n${JSON.stringify(short, null, 1)}`);
}

process.exitCode = await main();
