import { describe, expect, test } from '@jest/globals';
import { recommend } from '../../../watchdog/diagnose/scaling/recommend.ts';
import type { Load, ScalingCode } from '../../../watchdog/domain/scaling.ts';
import { aLoad, cpu, failed, number, query, queue, shares, thresholds } from '../../fakes/a-scaling.ts';

type Row = readonly [sentence: string, load: Load, replicas: number, code?: ScalingCode];

const answers = (rows: readonly Row[]) =>
  test.each(rows)('%s', (...[, load, replicas, code]) => {
    const { replicas: found, limits } = recommend(load, undefined);

    expect([found, limits.map(limit => limit.code)]).toEqual([replicas, code === undefined ? [] : [code]]);
  });

const target = (value: number) => ({ kind: 'target' as const, target: value });
const perReplica = (value: number) => ({ kind: 'per-replica' as const, target: value });

// "Horizontal Pod Autoscaling", section "Algorithm details" (kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale).
describe('as the documentation of the HorizontalPodAutoscaler says,', () => {
  answers([
    ['twice the target doubles the replicas (200m of 100m)', aLoad(cpu(0.1), shares([0.2, 0.2])), 4],
    ['half the target halves them (50m of 100m)', aLoad(cpu(0.1), shares([0.05, 0.05, 0.05, 0.05])), 2],
    ['nothing happens a tenth above the target', aLoad(cpu(0.5), shares([0.55, 0.55])), 2, 'on-target'],
    ['nothing happens a tenth below it', aLoad(cpu(0.5), shares(Array(10).fill(0.45))), 10, 'on-target'],
    ['a little more than a tenth above it adds one', aLoad(cpu(0.5), shares([0.56, 0.56])), 3],
    ['a little more than a tenth below it takes one', aLoad(cpu(0.5), shares(Array(10).fill(0.44))), 9],
    ['the average counts, not the busiest', aLoad(cpu(0.5), shares([0.9, 0.1])), 2, 'on-target'],
    [
      'one without a sample counts with nothing when growing',
      aLoad(cpu(0.3), shares([0.6, 0.6], { unmeasured: 1 })),
      4,
    ],
    ['and with the whole target when shrinking', aLoad(cpu(0.5), shares([0.1, 0.1], { unmeasured: 2 })), 3],
    [
      'one whose newest sample got lost counts half way between the target and its whole limit when shrinking',
      aLoad(cpu(0.5), shares(Array(10).fill(0.1), { late: [0.1, 0.1] })),
      5,
    ],
    ['and with more where it had more before', aLoad(cpu(0.5), shares(Array(10).fill(0.1), { late: [0.1, 1.2] })), 6],
    [
      'nothing is taken away while the newest samples of all got lost',
      aLoad(cpu(0.5), shares([], { late: [0.1, 0.1] })),
      2,
      'in-doubt',
    ],
    [
      'when growing it counts with the sample before, and not with nothing',
      aLoad(cpu(0.5), shares([0.9, 0.9], { late: [0.6] })),
      5,
    ],
    ['one that starts counts with nothing when growing', aLoad(cpu(0.3), shares([0.6, 0.6], { starting: 1 })), 4],
    [
      'nothing happens where that would turn the direction',
      aLoad(cpu(0.5), shares([0.6], { starting: 3 })),
      4,
      'in-doubt',
    ],
    ['nor where it brings the number to the target', aLoad(cpu(1), shares([1.9], { unmeasured: 1 })), 2, 'in-doubt'],
  ]);
});

// Cases of kubernetes pkg/controller/podautoscaler/replica_calculator_test.go, told anew; its names in brackets.
describe('as the calculator of the HorizontalPodAutoscaler does,', () => {
  answers([
    ['0.3, 0.5 and 0.7 of 0.3 make 3 to 5 (ScaleUp)', aLoad(cpu(0.3), shares([0.3, 0.5, 0.7])), 5],
    [
      'one of them starting makes it 4 (ScaleUpUnreadyLessScale)',
      aLoad(cpu(0.3), shares([0.5, 0.7], { starting: 1 })),
      4,
    ],
    [
      'two starting leave it at 3 (ScaleUpUnreadyNoScale)',
      aLoad(cpu(0.3), shares([0.4], { starting: 2 })),
      3,
      'in-doubt',
    ],
    [
      'failed ones do not count at all (ScaleUpIgnoresFailedPods)',
      aLoad(cpu(0.3), shares([0.5, 0.7]), { current: 2 }),
      4,
    ],
    ['5 at 0.28 of 0.5 become 3 (ScaleDown)', aLoad(cpu(0.5), shares([0.1, 0.3, 0.5, 0.25, 0.25])), 3],
    ['1.01, 1.03 and 1.02 of 1 are good (Tolerance)', aLoad(cpu(1), shares([1.01, 1.03, 1.02])), 3, 'on-target'],
    ['two of four unmeasured: 4 become 3 (MissingMetrics)', aLoad(cpu(1), shares([0.4, 0.095], { unmeasured: 2 })), 3],
    [
      'on target with one unmeasured: nothing (MissingMetricsNoChangeEq)',
      aLoad(cpu(1), shares([1], { unmeasured: 1 })),
      2,
      'on-target',
    ],
    [
      '0.6 of 1 with one unmeasured: two stay (MissingMetricsNoChangeLt)',
      aLoad(cpu(1), shares([0.6], { unmeasured: 1 })),
      2,
    ],
    [
      'one starting, one unmeasured, 2 of 0.5: 3 become 4 (MissingMetricsUnreadyScaleUp)',
      aLoad(cpu(0.5), shares([2], { starting: 1, unmeasured: 1 })),
      4,
    ],
    [
      'one starting, one unmeasured, 0.1 of 0.5: 4 become 3 (MissingMetricsUnreadyScaleDown)',
      aLoad(cpu(0.5), shares([0.1, 0.1], { starting: 1, unmeasured: 1 })),
      3,
    ],
    [
      'one more than is meant to be, unmeasured: no turn (DuringRollingUpdateWithMaxSurge)',
      aLoad(cpu(0.5), shares([0.1, 0.1], { unmeasured: 1 }), { current: 2 }),
      2,
    ],
    [
      'nor where its whole target would make more of fewer (DuringRollingUpdateWithMaxSurgeCM)',
      aLoad(cpu(0.5), shares([0.3], { unmeasured: 1 }), { current: 1 }),
      1,
      'in-doubt',
    ],
    ['8.6 of 4.4 for each makes 1 to 2 (ScaleUpCMExternal)', aLoad(query(target(4.4)), number(8.6), one(1)), 2],
    [
      '50 of 10, one of three ready, makes 5 (ScaleUpCMObjectIgnoresUnreadyPods)',
      aLoad(query(target(10)), number(50), { current: 3, ready: 1 }),
      5,
    ],
    [
      '8.6 in all of 2.15 for each makes 3 to 4 (ScaleUpPerPodCMExternal)',
      aLoad(query(perReplica(2.15)), number(8.6), one(3)),
      4,
    ],
    [
      '8.6 in all of 2.867 for each makes 5 to 3 (ScaleDownPerPodCMExternal)',
      aLoad(query(perReplica(2.867)), number(8.6), one(5)),
      3,
    ],
    [
      '8.6 in all of 2.9 for each leaves 3 (TolerancePerPodCMExternal)',
      aLoad(query(perReplica(2.9)), number(8.6), one(3)),
      3,
      'on-target',
    ],
    [
      '20.166 in all of 5 for each leaves 4 (TolerancePerPodCMObject)',
      aLoad(query(perReplica(5)), number(20.166), one(4)),
      4,
      'on-target',
    ],
  ]);

  function one(current: number): Partial<Load> {
    return { current, ready: current };
  }
});

describe('more cautious than the calculator of the HorizontalPodAutoscaler,', () => {
  answers([
    [
      'those that start count with the whole target when shrinking: 5 become 4, not 2 (ScaleDownExcludeUnreadyPods)',
      aLoad(cpu(0.5), shares([0.1, 0.3, 0.5], { starting: 2 })),
      4,
    ],
    [
      'a number that is too high never shrinks: 3 stay, do not become 2 (ScaleUpCMExternalIgnoresUnreadyPods)',
      aLoad(query(target(4.4)), number(8.6), { current: 3, ready: 1 }),
      3,
      'in-doubt',
    ],
  ]);
});

describe('with a pair of thresholds', () => {
  answers([
    ['nothing happens at the upper one', aLoad(thresholds(0.2, 0.8), shares([0.8, 0.8])), 2, 'on-target'],
    ['nothing happens at the lower one', aLoad(thresholds(0.2, 0.8), shares([0.2, 0.2])), 2, 'on-target'],
    [
      'just above the upper one it is the target, without tolerance',
      aLoad(thresholds(0.2, 0.8), shares([0.82, 0.82])),
      3,
    ],
    ['all of it busy adds as many as bring it below', aLoad(thresholds(0.2, 0.8), shares(Array(8).fill(1))), 10],
    [
      'below the lower one the upper one is the target too',
      aLoad(thresholds(0.2, 0.8), shares(Array(10).fill(0.1))),
      2,
    ],
    ['starting ones count against growing', aLoad(thresholds(0.2, 0.8), shares([0.9], { starting: 1 })), 2, 'in-doubt'],
    [
      'starting ones count with the upper one against shrinking',
      aLoad(thresholds(0.2, 0.8), shares([0.1, 0.1], { starting: 2 })),
      4,
      'in-doubt',
    ],
  ]);
});

describe('with a queue', () => {
  const busy = (items: number, current: number) => aLoad(queue(100), number(items), { current, ready: current });

  answers([
    ['the first item asks for the first replica', busy(1, 0), 1],
    ['a thousand items ask for ten, all at once from nothing', busy(1_000, 0), 10],
    ['the slightest total asks for the first', aLoad(query(perReplica(1)), number(1e-12), { current: 0, ready: 0 }), 1],
    ['nothing in it leaves nothing running', busy(0, 0), 0, 'on-target'],
    ['the last item keeps the last replica', busy(1, 1), 1],
    ['an empty one needs nobody', busy(0, 3), 0],
    ['replicas that start do not matter, only the items', aLoad(queue(100), number(950), { current: 2, ready: 0 }), 10],
    ['a number that is none is a lost signal', busy(Number.NaN, 2), 2, 'signals-lost'],
    ['a negative one too', busy(-1, 2), 2, 'signals-lost'],
  ]);
});

describe('with several signals', () => {
  const both = (busy: number, items: number, current = 2): Load => ({
    current,
    ready: current,
    signals: [
      { metric: cpu(0.5), reading: shares(Array(current).fill(busy)) },
      { metric: queue(100), reading: number(items) },
    ],
  });

  answers([
    ['the largest answer counts (cpu)', both(1, 100), 4],
    ['the largest answer counts (queue)', both(0.1, 700), 7],
    ['an idle processor does not keep the last replica when the queue is empty', both(0.01, 0), 0],
    ['a busy one does', both(0.5, 0, 1), 1, 'on-target'],
    [
      'where nothing runs the queue alone decides',
      { current: 0, ready: 0, signals: [{ metric: cpu(0.5), reading: shares([]) }, ...both(0, 5).signals.slice(1)] },
      1,
    ],
    [
      'one that cannot be read does not keep the others from growing',
      { ...both(1, 0), signals: [...both(1, 0).signals.slice(0, 1), { metric: queue(100), reading: failed() }] },
      4,
    ],
    [
      'one that cannot be read keeps the others from shrinking',
      { ...both(0.01, 0), signals: [...both(0.01, 0).signals.slice(0, 1), { metric: queue(100), reading: failed() }] },
      2,
      'some-signals-lost',
    ],
    [
      'when none can be read everything stays',
      { current: 3, ready: 3, signals: [{ metric: queue(100), reading: failed(50) }] },
      3,
      'signals-lost',
    ],
  ]);
});

// KEDA, pkg/fallback/fallback.go: once it failed more often than `failureThreshold`, a metric counts as if it asked for the fallback.
describe('with a fallback of 4 replicas after 3 failures', () => {
  const lost = (inARow: number, current = 2): Load => aLoad(queue(100), failed(inARow), { current, ready: current });
  const fallback = { replicas: 4, after: 3 };

  test.each<[string, Load, number, ScalingCode[], boolean]>([
    ['the third failure still holds', lost(3), 2, ['signals-lost'], false],
    ['the fourth asks for the fallback', lost(4), 4, ['fallback'], true],
    ['also where that is fewer', lost(4, 9), 4, ['fallback'], true],
    [
      'a signal that can be read and asks for more has its way',
      { ...lost(4), signals: [{ metric: cpu(0.1), reading: shares([0.4, 0.4]) }, ...lost(4).signals] },
      8,
      [],
      true,
    ],
    [
      'one that asks for fewer does not',
      { ...lost(4), signals: [{ metric: cpu(0.5), reading: shares([0.1, 0.1]) }, ...lost(4).signals] },
      4,
      ['fallback'],
      true,
    ],
  ])('%s', (_, load, replicas, codes, known) => {
    const found = recommend(load, fallback);

    expect(found).toMatchObject({ replicas, known });
    expect(found.limits.map(({ code }) => code)).toEqual(codes);
  });
});

describe('the sentence', () => {
  test.each<[Load, string]>([
    [aLoad(cpu(0.6), shares([0.92, 0.92])), 'cpu is at 0.92, target 0.6, which asks for 4 replicas'],
    [aLoad(thresholds(0.2, 0.8), shares([0.5])), 'cpu is at 0.5, thresholds 0.2 and 0.8, which is as it should be'],
    [
      aLoad(queue(100), number(12_345), { current: 2, ready: 2 }),
      'queue celery is at 12345, target 100 for each replica, which asks for 124 replicas',
    ],
    [
      aLoad(cpu(0.5), shares([0.6], { starting: 1 })),
      'cpu is at 0.6, target 0.5, which asks for more, but 1 replica not ready or not measured could make up for it',
    ],
    [aLoad(cpu(0.5), shares([], { starting: 1 })), 'cpu: no ready replica was measured yet'],
    [aLoad(queue(100), failed(), { current: 2, ready: 2 }), 'queue celery cannot be read (connection refused)'],
  ])('%#: says what was read and what follows', (load, sentence) => {
    expect(recommend(load, undefined).because).toBe(sentence);
  });

  test('of a fallback says how often it failed', () => {
    const { because } = recommend(aLoad(queue(100), failed(12), { current: 2 }), { replicas: 4, after: 3 });

    expect(because).toBe(
      'queue celery cannot be read (connection refused) for the 12th time in a row; the fallback is 4 replicas',
    );
  });

  test('never shows the password in the address of a queue', () => {
    const secret = { ...queue(100), source: { kind: 'queue' as const, queue: 'redis://:hunter2@cache/0#celery' } };

    expect(JSON.stringify(recommend(aLoad(secret, number(500), { current: 1 }), undefined))).not.toContain('hunter2');
  });
});
