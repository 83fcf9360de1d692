import { describe, expect, test } from '@jest/globals';
import { directionOf } from '../../../watchdog/diagnose/scaling/band.ts';
import { recommend } from '../../../watchdog/diagnose/scaling/recommend.ts';
import type { Load, Reading } from '../../../watchdog/domain/scaling.ts';
import { aLoad, cpu, failed, number, query, queue, shares, thresholds } from '../../fakes/a-scaling.ts';

// What a person reads of a recommendation, word for word, and what its parts say to the program.

const items = (reading: Reading, current = 2, ready = current): Load => aLoad(queue(100), reading, { current, ready });

describe('the sentence of a recommendation', () => {
  test.each<[load: Load, sentence: string]>([
    [aLoad(cpu(0.5), shares([])), 'cpu: nothing runs that could be measured'],
    [
      aLoad(query({ kind: 'target', target: 10 }), number(50), { current: 3, ready: 0 }),
      'prometheus: no replica is ready',
    ],
    [
      aLoad(cpu(0.5), shares([0.3], { unmeasured: 1 }), { current: 1 }),
      'cpu is at 0.3, target 0.5, which asks for fewer, but 1 replica not ready or not measured could make up for it',
    ],
    [items(number(-1)), 'queue celery cannot be read (it is -1)'],
    [items(number(100), 0), 'queue celery is at 100, target 100 for each replica, which asks for 1 replica'],
    [items(number(99.96), 0), 'queue celery is at 100, target 100 for each replica, which asks for 1 replica'],
    [items(number(1234.4), 0), 'queue celery is at 1234, target 100 for each replica, which asks for 13 replicas'],
    [{ current: 2, ready: 2, signals: [] }, 'no metric is configured'],
  ])('%#: says why', (load, sentence) => {
    expect(recommend(load, undefined).because).toBe(sentence);
  });

  test.each([
    [1, '1st'],
    [2, '2nd'],
    [3, '3rd'],
    [4, '4th'],
    [10, '10th'],
    [11, '11th'],
    [12, '12th'],
    [13, '13th'],
    [14, '14th'],
    [21, '21st'],
    [22, '22nd'],
    [103, '103rd'],
    [111, '111th'],
    [113, '113th'],
  ])('of a fallback counts as people do: %i is the %s', (inARow, ordinal) => {
    const { because } = recommend(items(failed(inARow)), { replicas: 4, after: 0 });

    expect(because).toContain(`for the ${ordinal} time in a row`);
  });
});

describe('while a signal is lost', () => {
  const idle = { metric: cpu(0.5), reading: shares([0.01, 0.01]) };
  const lost = { metric: queue(100), reading: failed() };

  test('nothing is taken away, and that is no knowledge of the load', () => {
    expect(recommend({ current: 2, ready: 2, signals: [idle, lost] }, undefined)).toMatchObject({
      replicas: 2,
      because: 'queue celery cannot be read (connection refused), so nothing is taken away',
      limits: [{ code: 'some-signals-lost' }],
      known: false,
    });
  });

  test('what the others ask for is known when it is no fewer', () => {
    const busy = { metric: cpu(0.5), reading: shares([0.5, 0.5]) };

    expect(recommend({ current: 2, ready: 2, signals: [busy, lost] }, undefined)).toMatchObject({
      replicas: 2,
      known: true,
    });
  });

  test('it is what people read first, before signals that only say nothing', () => {
    const silent = { metric: cpu(0.5), reading: shares([], { unmeasured: 2 }) };

    expect(recommend({ current: 2, ready: 2, signals: [silent, lost] }, undefined)).toMatchObject({
      because: 'queue celery cannot be read (connection refused)',
      limits: [{ code: 'signals-lost' }],
      known: false,
    });
  });

  test('a number that cannot be right counts as one failure, not as the end of patience', () => {
    const fallback = { replicas: 4, after: 1 };

    expect(recommend(items(number(-1)), fallback)).toMatchObject({ replicas: 2, limits: [{ code: 'signals-lost' }] });
    expect(recommend(items(number(-1)), { ...fallback, after: 0 }).replicas).toBe(4);
  });
});

test('nothing measured yet is a doubt, not a loss', () => {
  const load = aLoad(cpu(0.5), shares([], { unmeasured: 2 }));

  expect(recommend(load, undefined)).toMatchObject({ limits: [{ code: 'in-doubt' }], known: false });
});

test('of two signals that ask for the same the first leads', () => {
  const load: Load = {
    current: 2,
    ready: 2,
    signals: [
      { metric: cpu(0.5), reading: shares([1, 1]) },
      { metric: queue(100), reading: number(400) },
    ],
  };

  expect(recommend(load, undefined).because).toMatch(/^cpu/);
  expect(recommend({ ...load, signals: load.signals.toReversed() }, undefined).because).toMatch(/^queue/);
});

describe('the last replica', () => {
  const withQueue = (share: number, empty = true): Load => ({
    current: 1,
    ready: 1,
    signals: [
      { metric: cpu(0.5), reading: shares([share]) },
      { metric: queue(100), reading: number(empty ? 0 : 1) },
    ],
  });

  test('of an empty queue is kept by a processor that works as it should', () => {
    expect(recommend(withQueue(0.5), undefined).replicas).toBe(1);
  });

  test('of an empty queue is kept by a processor that works too hard', () => {
    expect(recommend(withQueue(0.9), undefined).replicas).toBe(2);
  });

  test('of an empty queue is let go when its processor is idle', () => {
    expect(recommend(withQueue(0.01), undefined).replicas).toBe(0);
  });

  test('alone can be let go: several that an idle processor still asks for are kept', () => {
    const load: Load = {
      current: 10,
      ready: 10,
      signals: [
        { metric: cpu(0.5), reading: shares(Array(10).fill(0.1)) },
        { metric: queue(100), reading: number(0) },
      ],
    };

    expect(recommend(load, undefined).replicas).toBe(2);
  });

  test('is kept where no total tells whether it is needed', () => {
    expect(recommend(aLoad(cpu(0.5), shares([0.01])), undefined).replicas).toBe(1);
  });

  test('of an empty queue is kept while nobody could measure it', () => {
    const [, empty] = withQueue(0).signals;
    const signals = [{ metric: cpu(0.5), reading: failed(9) }, ...(empty === undefined ? [] : [empty])];

    expect(recommend({ current: 1, ready: 1, signals }, { replicas: 1, after: 3 }).replicas).toBe(1);
  });
});

describe('a share', () => {
  test('of a small target is counted in fiftieths of it, so that digits that are noise make no replica more', () => {
    // 0.1019 and 0.1021 are 0.102 of a target of 0.05: two hundredths above twice as much.
    expect(recommend(aLoad(cpu(0.05), shares(Array(10).fill(0.1009))), undefined).replicas).toBe(20);
    expect(recommend(aLoad(cpu(0.05), shares(Array(10).fill(0.1019))), undefined).replicas).toBe(21);
  });

  test('of a large target is counted in whole percents', () => {
    expect(recommend(aLoad(cpu(0.9), shares(Array(10).fill(0.9999))), undefined).replicas).toBe(11);
    expect(recommend(aLoad(cpu(0.5), shares(Array(10).fill(0.6099))), undefined).replicas).toBe(12);
    expect(recommend(aLoad(cpu(0.5), shares(Array(10).fill(0.6101))), undefined).replicas).toBe(13);
  });

  test('beyond a threshold counts with every bit', () => {
    expect(recommend(aLoad(thresholds(0.2, 0.5), shares(Array(10).fill(0.5001))), undefined).replicas).toBe(11);
  });

  test('that is a whole percent is not cut to the one before by floating point', () => {
    // 0.58 / 0.01 is 57.99999999999999.
    expect(recommend(aLoad(cpu(0.5), shares(Array(50).fill(0.58))), undefined).replicas).toBe(58);
  });
});

test('a share that asks for no change is neither above nor below', () => {
  const aim = { kind: 'target' as const, target: 1 };

  expect([1.1, 0.9, 1.1001, 0.8999].map(share => directionOf(share, aim))).toEqual([
    undefined,
    undefined,
    'up',
    'down',
  ]);
});
