import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { aboveSince, withinAllowanceSince } from '../../watchdog/diagnose/starved.ts';
import { ALLOWANCES, usesTooMuch } from '../../watchdog/domain/allowance.ts';
import type { Sample } from '../../watchdog/domain/sample.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { ago, aHealthyReplica, aReplica, later, NOON } from '../fakes/a-service.ts';
import { aSample, samplesOf } from '../fakes/some-samples.ts';
import { conditionOf, diagnosisOf, incidentOf } from './a-diagnosis.ts';

const FULL = { memory: 0.95 };
const BUSY = { cpu: 0.99 };
const NOISY = { networkErrors: 25 };

const without = (samples: readonly Sample[], ...missing: number[]) => samples.filter((_, i) => !missing.includes(i));
const but = (samples: readonly Sample[], index: number, differing: Partial<Sample>) =>
  samples.map((sample, i) => (i === index ? { ...sample, ...differing } : sample));

describe('a container is starved', () => {
  test.each<[string, readonly Sample[], string]>([
    ['of memory after five minutes above nine tenths of its limit', samplesOf(11, FULL), 'high-memory'],
    ['of CPU after ten minutes above nine tenths', samplesOf(21, BUSY), 'high-cpu'],
    ['by its network after two minutes of errors', samplesOf(5, NOISY), 'network-errors'],
    ['of memory first, where it is both', samplesOf(21, { ...FULL, ...BUSY }), 'high-memory'],
    ['also where one sample is missing', without(samplesOf(11, FULL), 5), 'high-memory'],
    [
      'also where the time before was within its limit',
      [aSample({ at: ago('10m') }), ...samplesOf(11, FULL)],
      'high-memory',
    ],
  ])('%s', (_sentence, samples, condition) => {
    expect(conditionOf(diagnosisOf(aReplica({ samples })))).toBe(condition);
  });
});

describe('a container is not starved', () => {
  test.each<[string, readonly Sample[]]>([
    ['before its time is full', samplesOf(10, FULL)],
    ['at exactly nine tenths', samplesOf(30, { memory: 0.9, cpu: 0.9, networkErrors: 10 })],
    ['when one sample in the middle was within its limit', but(samplesOf(11, FULL), 5, { memory: 0.5 })],
    ['when the newest sample is within it', but(samplesOf(21, FULL), 20, { memory: 0.5 })],
    ['by two points far apart: a gap of more than two intervals proves nothing', without(samplesOf(11, FULL), 4, 5)],
    [
      'by samples that are old: nobody knows what has been since',
      samplesOf(30, FULL).map(s => ({ ...s, at: s.at - minutes(2) })),
    ],
    ['of memory that has no limit of its own', samplesOf(30, { ...FULL, memoryLimited: false })],
    ['of CPU that nobody could measure', samplesOf(30, { cpu: undefined })],
    ['by a network that it has not', samplesOf(30, { networkErrors: undefined })],
    ['when nobody has measured it', []],
  ])('%s', (_sentence, samples) => {
    expect(conditionOf(diagnosisOf(aReplica({ samples })))).toBe('well');
  });

  test.each([
    ['while it starts', aHealthyReplica({ health: 'starting', samples: samplesOf(30, BUSY) }), 'nothing-wrong'],
    ['while it is paused', aReplica({ state: 'paused', samples: samplesOf(30, FULL) }), 'nothing-wrong'],
    [
      'but unhealthy, where its health check fails',
      aHealthyReplica({ health: 'unhealthy', inspected: { failingStreak: 3 }, samples: samplesOf(30, FULL) }),
      'unhealthy',
    ],
  ])('%s', (_sentence, replica, verdict) => {
    expect(conditionOf(diagnosisOf(replica))).toBe(verdict);
  });
});

test('the incident is of the kind starved, about the replicas concerned, and says how much for how long', () => {
  const replicas = [
    aReplica({ number: 1, samples: samplesOf(11) }),
    aReplica({ number: 2, samples: samplesOf(13, FULL) }),
    aReplica({ number: 3, samples: samplesOf(12, FULL) }),
  ];

  expect(incidentOf(diagnosisOf(replicas))).toMatchObject({
    kind: 'starved',
    condition: 'high-memory',
    because: 'shop-web-2 uses 95 % of its memory limit, for 6m (and 1 more of its replicas)',
    patients: [{ number: 2 }, { number: 3 }],
    since: ago('6m'),
  });
});

test.each<[string, readonly Sample[], string, object]>([
  [
    'memory',
    samplesOf(11, { ...FULL, cpu: undefined }),
    'shop-web-1 uses 95 % of its memory limit, for 5m',
    { memory: '95 %' },
  ],
  ['CPU', samplesOf(21, BUSY), 'shop-web-1 uses 99 % of the CPU it may have, for 10m', { memory: '40 %', cpu: '99 %' }],
  [
    'network',
    samplesOf(5, NOISY),
    'shop-web-1 has 25 errors and drops a second on its network, for 2m',
    { memory: '40 %', cpu: '10 %', networkErrors: 25 },
  ],
  [
    'the last measurement, where the newest sample shows none',
    but(samplesOf(21, BUSY), 20, { cpu: undefined }),
    'shop-web-1 uses 99 % of the CPU it may have, for 10m',
    { memory: '40 %', cpu: '99 %' },
  ],
])('people read of %s how much, for how long, and what else was measured', (_what, samples, because, evidence) => {
  const incident = incidentOf(diagnosisOf(aReplica({ samples })));

  expect(incident.because).toBe(because);
  expect(incident.evidence).toStrictEqual(evidence);
});

describe('a service is within what it may use', () => {
  test.each<[string, Parameters<typeof aReplica>[0], number | undefined]>([
    [
      'since the first sample after the last one that was not',
      { samples: [...samplesOf(5, FULL).slice(0, 3), ...samplesOf(2)] },
      ago('30s'),
    ],
    [
      'since its second sample, for the first shows no CPU use',
      { samples: [aSample({ at: ago('1m'), cpu: undefined }), ...samplesOf(2)] },
      ago('30s'),
    ],
    ['not while the newest sample is above', { samples: samplesOf(5, FULL) }, undefined],
    ['not while there is only a first sample', { samples: [aSample({ cpu: undefined })] }, undefined],
    ['where nobody measures, ten minutes after its start', { inspected: { startedAt: ago('1m') } }, later('9m')],
    ['where nobody measures or has looked, from its making on', { inspected: null, createdAt: ago('2m') }, later('8m')],
    ['where it stands still', { state: 'exited', samples: [] }, 0],
  ])('%s', (_sentence, differing, since) => {
    expect(withinAllowanceSince([aReplica(differing)])).toBe(since);
  });
});

describe('whatever the samples', () => {
  const some = fc
    .array(fc.record({ after: fc.integer({ min: 1, max: 90 }), memory: fc.double({ min: 0, max: 1, noNaN: true }) }), {
      maxLength: 40,
    })
    .map(steps => {
      let at = NOON - seconds(steps.reduce((sum, { after }) => sum + after, 0));
      return steps.map(({ after, memory }) => {
        at += seconds(after);
        return aSample({ at, memory });
      });
    });
  const allowance = ALLOWANCES['high-memory'];

  test('an incident rests on a window without a gap in which every sample is above', () => {
    fc.assert(
      fc.property(some, samples => {
        const since = aboveSince(samples, allowance, seconds(30), NOON);
        if (since === undefined) return;
        const window = samples.filter(({ at }) => at >= since);
        expect(since).toBeLessThanOrEqual(NOON - allowance.lasting);
        expect(window.every(usesTooMuch)).toBe(true);
        for (const [i, { at }] of window.entries())
          expect((window[i + 1]?.at ?? NOON) - at).toBeLessThanOrEqual(seconds(60));
      }),
    );
  });

  test('no service is starved and within what it may use at once', () => {
    fc.assert(
      fc.property(some, samples => {
        const replica = aReplica({ samples });
        if (conditionOf(diagnosisOf(replica)) === 'well') return;
        expect(withinAllowanceSince([replica])).toBeUndefined();
      }),
    );
  });
});
