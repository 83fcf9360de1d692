import { describe, expect, test } from '@jest/globals';
import { type MeasuredReplica, shareOf } from '../../../watchdog/diagnose/scaling/share-of.ts';
import type { Sample } from '../../../watchdog/domain/sample.ts';
import { minutes, seconds } from '../../../watchdog/domain/time.ts';
import { ago, NOON } from '../../fakes/a-service.ts';

const sample = (at: number, cpu: number | undefined, memory = 0.5): Sample => ({
  at,
  cpu,
  memory,
  memoryBytes: 0,
  memoryLimited: true,
  networkErrors: undefined,
  networkErrorsTotal: 0,
});

const believed = (metric: 'cpu' | 'memory', differing: Partial<MeasuredReplica>) =>
  shareOf(metric, { ready: true, readySince: ago('1h'), samples: [], ...differing }, minutes(1), NOON);

const three = [sample(ago('2m'), undefined), sample(ago('1m'), 0.4), sample(NOON, 0.6)];

describe('what a replica uses', () => {
  test.each<[string, 'cpu' | 'memory', Partial<MeasuredReplica>, number | undefined]>([
    ['is in its newest sample', 'cpu', { samples: three }, 0.6],
    ['is in its newest sample: memory', 'memory', { samples: [sample(NOON, undefined, 0.7)] }, 0.7],
    ['is not known without samples', 'cpu', {}, undefined],
    [
      'is not known from a first sample, which has nothing to be compared with',
      'cpu',
      { samples: three.slice(0, 1) },
      undefined,
    ],
    [
      'is not known from a sample that covers part of its start',
      'cpu',
      { samples: three, readySince: ago('30s') },
      undefined,
    ],
    ['is known from the first that covers none of it', 'cpu', { samples: three, readySince: ago('1m') }, 0.6],
    ['is known of its memory as soon as it is ready', 'memory', { samples: three, readySince: ago('30s') }, 0.5],
    [
      'is not known of its memory before that',
      'memory',
      { samples: three.slice(0, 2), readySince: ago('30s') },
      undefined,
    ],
  ])('%s', (_, metric, differing, share) => {
    expect(believed(metric, differing)).toEqual({ ready: true, share });
  });

  test.each<[string, Sample[]]>([
    ['got lost', [sample(ago('135s'), undefined), sample(ago('75001ms'), 0.4)]],
    [
      'is without a figure',
      [...three.slice(0, 2).map(one => ({ ...one, at: one.at - 15_001 })), sample(NOON, undefined)],
    ],
  ])('is taken from the sample before where one %s, and that is late', (_, samples) => {
    expect(believed('cpu', { samples })).toEqual({ ready: true, share: 0.4, late: true });
  });

  test('is not late before the next sample should have come, with some time to spare', () => {
    const samples = [sample(ago('135s'), undefined), sample(ago('75s'), 0.4)];

    expect(believed('cpu', { samples })).toEqual({ ready: true, share: 0.4 });
  });

  test('is not known any more once all samples are too old', () => {
    const replica: MeasuredReplica = { ready: true, readySince: ago('1h'), samples: three };

    expect(shareOf('cpu', replica, minutes(1), NOON + seconds(150)).share).toBe(0.6);
    expect(shareOf('cpu', replica, minutes(1), NOON + seconds(150) + 1)).toEqual({
      ready: true,
      share: undefined,
      late: true,
    });
  });

  test('does not matter while it is not ready', () => {
    expect(believed('cpu', { ready: false, readySince: undefined, samples: three })).toEqual({
      ready: false,
      share: undefined,
    });
  });
});
