import { parseArgs } from 'node:util';
import { PROFILE_NAMES, type ProfileName, planFor } from './profiles.ts';
import { shrink } from './shrink.ts';
import { brokenWords, simulate } from './simulation.ts';

// `npm run simulate -- --seed 1 --days 30 --profile deaths`. Without a seed it draws one, without a profile it takes them all.

const DAY = 86_400_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { seed: { type: 'string' }, days: { type: 'string' }, profile: { type: 'string' } },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  const days = Number(values.days ?? 30);
  const profiles = values.profile === undefined ? PROFILE_NAMES : [values.profile as ProfileName];
  if (
    !Number.isInteger(seed) ||
    !Number.isInteger(days) ||
    days < 1 ||
    !profiles.every(p => PROFILE_NAMES.includes(p))
  ) {
    console.error(`usage: npm run simulate -- [--seed N] [--days D] [--profile ${PROFILE_NAMES.join('|')}]`);
    return 2;
  }
  for (const profile of profiles) {
    const plan = planFor(seed, profile, days);
    const began = performance.now();
    const { broken, story, lasted, counts } = await simulate(plan);
    const took = ((performance.now() - began) / 1_000).toFixed(1);
    const { happenings, repairs, healed, lives } = counts;
    console.log(
      `seed ${seed}, ${profile}: ${(lasted / DAY).toFixed(1)} days in ${took} s; ${happenings} happenings, ${repairs} repairs (${healed} healed), ${lives} lives`,
    );
    if (broken === undefined) continue;
    const short = await shrink(plan, simulate);
    const shown = short === plan ? story : (await simulate(short)).story;
    console.log(`${shown}\n\nThe shortest plan found that breaks the same rule:\n${JSON.stringify(short, null, 1)}`);
    console.log(`\nseed ${seed}, profile ${profile}, ${days} days: ${brokenWords(broken)}`);
    return 1;
  }
  return 0;
}

process.exitCode = await main();
