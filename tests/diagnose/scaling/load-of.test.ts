import { describe, expect, test } from '@jest/globals';
import { loadOf } from '../../../watchdog/diagnose/scaling/load-of.ts';
import type { Sample } from '../../../watchdog/domain/sample.ts';
import type { Reading } from '../../../watchdog/domain/scaling.ts';
import type { Replica } from '../../../watchdog/domain/service.ts';
import { seconds } from '../../../watchdog/domain/time.ts';
import { aScaling, cpu, number, queue } from '../../fakes/a-scaling.ts';
import { ago, aHealthyReplica, aReplica, aService, NOON } from '../../fakes/a-service.ts';

const sample = (at: number, share: number): Sample => ({
  at,
  cpu: share,
  memory: share / 2,
  memoryBytes: 0,
  memoryLimited: true,
  networkErrors: undefined,
  networkErrorsTotal: 0,
});
const busy = [sample(ago('1m'), 0.3), sample(ago('30s'), 0.6)];

const load = (replicas: readonly Replica[], metrics = [cpu(0.5)], elsewhere: readonly (Reading | undefined)[] = []) =>
  loadOf(aService({ replicas }), aScaling({ metrics }), elsewhere, seconds(30), NOON);

describe('the load of a service', () => {
  test('is what its ready replicas use', () => {
    const { current, ready, signals } = load([
      aHealthyReplica({ samples: busy }),
      aReplica({ number: 2, samples: busy }),
    ]);

    expect([current, ready]).toEqual([2, 2]);
    expect(signals.map(({ reading }) => reading)).toEqual([
      {
        kind: 'shares',
        replicas: [
          { ready: true, share: 0.6 },
          { ready: true, share: 0.6 },
        ],
      },
    ]);
  });

  test('is memory where that is followed', () => {
    const memory = { ...cpu(0.5), source: { kind: 'memory' as const } };

    expect(load([aReplica({ samples: busy })], [memory]).signals[0]?.reading).toEqual({
      kind: 'shares',
      replicas: [{ ready: true, share: 0.3 }],
    });
  });

  test.each<[string, Pick<Partial<Replica>, 'health' | 'state'>, current: number, ready: number, shares: number]>([
    ['one that starts is there and not ready', { health: 'starting' }, 2, 1, 2],
    ['so is one that is unhealthy', { health: 'unhealthy' }, 2, 1, 2],
    ['one that crashed is meant to be, and has no share', { state: 'exited' }, 2, 1, 1],
    ['one that is being removed is not meant to be', { state: 'removing' }, 1, 1, 1],
  ])('%s', (_, differing, current, ready, count) => {
    const found = load([aHealthyReplica(), aHealthyReplica({ number: 2, ...differing })]);

    const [signal] = found.signals;
    expect([found.current, found.ready]).toEqual([current, ready]);
    expect(signal?.reading.kind === 'shares' && signal.reading.replicas.length).toBe(count);
  });

  test('leaves out who was told to stop', () => {
    const told = aReplica({ number: 2, seen: { signalled: { at: ago('5s'), toEnd: true } } });

    expect(load([aReplica(), told])).toMatchObject({ current: 1, ready: 1 });
  });

  test('knows no share of one that has become healthy a moment ago', () => {
    const fresh = aHealthyReplica({ samples: busy, seen: { healthyAt: ago('45s') } });

    expect(load([fresh]).signals[0]?.reading).toEqual({
      kind: 'shares',
      replicas: [{ ready: true, share: undefined }],
    });
  });

  test('has what was read elsewhere in the order of the metrics', () => {
    const { signals } = load([aReplica()], [queue(100), cpu(0.5), queue(5)], [number(7), undefined, undefined]);

    expect(signals.map(({ reading }) => reading.kind)).toEqual(['number', 'shares', 'failed']);
    expect(signals[2]?.reading).toEqual({ kind: 'failed', because: 'it was not read yet', inARow: 1 });
  });

  test('of a service without containers is what was read elsewhere', () => {
    expect(loadOf(undefined, aScaling({ metrics: [queue(100)] }), [number(7)], seconds(30), NOON)).toMatchObject({
      current: 0,
      ready: 0,
      signals: [{ reading: { kind: 'number', value: 7 } }],
    });
  });
});
