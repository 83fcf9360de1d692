import { expect, test } from '@jest/globals';
import { headcountOf, isChosen } from '../../watchdog/domain/headcount.ts';
import { MADE_LABEL } from '../../watchdog/domain/scaling.ts';
import { aReplica, aService } from '../fakes/a-service.ts';

test('tells what Compose made from what we made', () => {
  const ours = aReplica({ number: 2, labels: { [MADE_LABEL]: 'replica' } });

  expect(headcountOf(aService({ replicas: [aReplica(), ours] }))).toEqual({ all: 2, composes: 1 });
  expect(headcountOf(undefined)).toEqual({ all: 0, composes: 0 });
});

test('takes a seed for one of Compose’s own, in whose place it is', () => {
  const seed = aReplica({ labels: { [MADE_LABEL]: 'seed' } });
  const ours = aReplica({ number: 2, labels: { [MADE_LABEL]: 'replica' } });

  expect(headcountOf(aService({ replicas: [seed, ours] }))).toEqual({ all: 2, composes: 1 });
});

test.each([
  ['up --scale to more', [3, 1], [5, 3], true],
  ['up --scale to fewer, which takes ours first', [4, 1], [3, 1], true],
  ['up --scale to fewer than Compose made', [4, 3], [2, 2], true],
  ['a plain up, which takes all of ours', [4, 1], [1, 1], false],
  ['a plain up where there is nothing of ours', [2, 2], [2, 2], false],
  ['an up that makes the containers anew', [3, 2], [2, 2], false],
  ['a first up', [0, 0], [3, 3], false],
] as const)('%s: somebody chose the number? %s -> %s: %s', (_, before, now, chosen) => {
  const [all, composes] = before;
  const [allNow, composesNow] = now;

  expect(isChosen({ all, composes }, { all: allNow, composes: composesNow })).toBe(chosen);
});
