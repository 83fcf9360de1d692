import { expect, test } from '@jest/globals';
import { hours } from '../../watchdog/domain/time.ts';
import type { Plan } from './plan.ts';
import { planFor } from './profiles.ts';
import { shrink } from './shrink.ts';
import type { Result } from './simulation.ts';

/** As if the rule were broken whenever db falls ill and web is deployed after that. */
const pretended = async (plan: Plan): Promise<Result> => {
  const ill = plan.happenings.find(what => what.kind === 'ill' && what.service === 'db');
  const then = plan.happenings.find(what => what.kind === 'deploy' && what.at > (ill?.at ?? hours(1e6)));
  const broken = then === undefined ? undefined : { rule: 7, says: '', because: '' };
  return { broken, story: '', lasted: then?.at ?? 0, counts: { happenings: 0, repairs: 0, healed: 0, lives: 0 } };
};

test('a plan of a month that breaks a rule is cut down to what it takes', async () => {
  const short = await shrink(planFor(3, 'people', 30), pretended);

  expect(short.happenings.map(({ kind }) => kind)).toEqual(['ill', 'deploy']);
  expect((await pretended(short)).broken?.rule).toBe(7);
});

test('a plan that breaks none stays as it is', async () => {
  const plan = planFor(3, 'deaths', 1);

  expect(await shrink(plan, pretended)).toBe(plan);
});
