import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../watchdog/diagnose/diagnose.ts';
import { askedFor } from '../../watchdog/diagnose/mis-sized.ts';
import { NO_ALERTS } from '../../watchdog/domain/alert.ts';
import type { Reading, Scaling } from '../../watchdog/domain/scaling.ts';
import type { Drift, Scaled } from '../../watchdog/domain/size.ts';
import { seconds } from '../../watchdog/domain/time.ts';
import { aRecord, aScaling, failed, number, queue } from '../fakes/a-scaling.ts';
import { aFinding, ago, aHealthyReplica, aService, aStack, NOON } from '../fakes/a-service.ts';
import { conditionOf, incidentOf } from './a-diagnosis.ts';

// One replica for every ten items of a queue, between one and five of them.

const web = (replicas: number) =>
  aService({ replicas: Array.from({ length: replicas }, (_, i) => aHealthyReplica({ number: i + 1 })) });

const scaled = (reading: Reading, limits: Partial<Scaling> = {}, drift?: Drift): Scaled => ({
  at: NOON,
  scaling: aScaling({ metrics: [queue(10)], max: 5, ...limits }),
  elsewhere: [reading],
  making: undefined,
  record: aRecord({ drift }),
});

const looking = (replicas: number, known: Scaled | undefined) =>
  diagnose(aFinding({ kind: 'load' }), aStack([web(replicas)]), NO_ALERTS, { of: () => known });

describe('a service that is scaled', () => {
  test.each<[sentence: string, replicas: number, queued: number, limits: Partial<Scaling>, meaning: string]>([
    ['is well with as many as its load asks for', 3, 30, {}, 'well'],
    ['should have more', 3, 40, {}, 'mis-sized'],
    ['should have fewer', 3, 10, {}, 'mis-sized'],
    ['is well with its min, however little there is to do', 2, 0, { min: 2 }, 'well'],
    ['is well with its max, when its load asks for that', 5, 50, {}, 'well'],
    ['is pinned at its max, when its load asks for more', 5, 90, {}, 'mis-sized'],
    ['is brought back below its max, whatever its load', 7, 70, {}, 'mis-sized'],
    ['is brought back above its min', 1, 10, { min: 2 }, 'mis-sized'],
  ])('%s', (_sentence, replicas, queued, limits, meaning) => {
    expect(conditionOf(looking(replicas, scaled(number(queued), limits)))).toBe(meaning);
  });

  test('is in trouble as a whole: no container is a patient', () => {
    expect(incidentOf(looking(3, scaled(number(50))))).toEqual({
      project: 'shop',
      service: 'web',
      kind: 'mis-sized',
      condition: 'mis-sized',
      because: expect.stringMatching(/is at 50, target 10 for each replica, which asks for 5 replicas$/),
      patients: [],
      evidence: { replicas: 3, recommended: 5 },
      since: NOON,
      stoppedByHandAt: undefined,
    });
  });

  test('says that it has what it needs, and why', () => {
    expect(looking(3, scaled(number(30)))).toEqual({
      verdict: 'well',
      because: expect.stringMatching(
        /^shop\/web has 3 replicas: .* is at 30, target 10 for each replica, which is as it/,
      ),
      wellSince: 0,
    });
  });

  test.each([
    ['above', 7, {}, /^it has 7 replicas, outside its limits of 1 and 5; .* is at 20/],
    ['below', 1, { min: 2 }, /^it has 1 replica, outside its limits of 2 and 5; .* is at 20/],
    ['inside', 4, {}, /^queue .* is at 20/],
    ['at its min', 1, {}, /^queue .* is at 20/],
    ['at its max', 5, {}, /^queue .* is at 20/],
  ])('says when it stands outside its limits: %s', (_where, replicas, limits, sentence) => {
    expect(incidentOf(looking(replicas, scaled(number(20), limits))).because).toMatch(sentence);
  });

  test('is neither well nor in trouble while its load cannot be read', () => {
    expect(looking(3, scaled(failed()))).toEqual({
      verdict: 'nothing-wrong',
      because: expect.stringContaining('cannot be read (connection refused)'),
    });
  });

  test('is well when it is not scaled any more', () => {
    expect(looking(3, undefined)).toEqual({ verdict: 'well', because: 'shop/web is not scaled', wellSince: 0 });
  });
});

describe("what somebody's docker compose up took away", () => {
  const taken = (minutes: number): Drift => ({ at: ago(`${minutes}m`), from: 4, to: 2 });
  const asked = (replicas: number, queued: number, drift: Drift) =>
    askedFor(web(replicas), scaled(number(queued), {}, drift), seconds(30), NOON);

  test('is made up for, though the few that are left show little load yet', () => {
    const { current, recommendation } = asked(2, 20, taken(1));

    expect(current).toBe(2);
    expect(recommendation).toMatchObject({
      replicas: 4,
      because: "somebody's docker compose up took it from 4 to 2 replicas 1m ago, which is made up for",
      limits: [],
    });
  });

  test.each<[sentence: string, replicas: number, queued: number, drift: Drift, wanted: number]>([
    ['is forgotten when the window for shrinking is over', 2, 20, taken(5), 2],
    ['is no reason once it is there again', 4, 20, taken(1), 2],
    ['is no limit when the load asks for even more', 2, 50, taken(1), 5],
  ])('%s', (_sentence, replicas, queued, drift, wanted) => {
    const { recommendation } = asked(replicas, queued, drift);

    expect(recommendation.replicas).toBe(wanted);
    expect(recommendation.because).not.toContain('docker compose up');
  });

  test('is not named when the load asks for just as many', () => {
    expect(asked(2, 40, taken(1)).recommendation.because).not.toContain('docker compose up');
  });
});
