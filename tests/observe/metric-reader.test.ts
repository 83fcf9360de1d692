import { expect, test } from '@jest/globals';
import { MetricReader } from '../../watchdog/observe/metric-reader.ts';
import { aScaling, cpu, query, queue } from '../fakes/a-scaling.ts';

const WEB = { project: 'shop', service: 'web' };
const refused = async (): Promise<number> => {
  throw new Error('ECONNREFUSED');
};
const total = query({ kind: 'per-replica', target: 5 });

test('queues and queries are read, in the order of the metrics; what containers use is not its business', async () => {
  const reader = new MetricReader({
    listLength: async address => (address === 'redis://cache:6379/0#celery' ? 12 : -1),
    query: () => async promql => (promql === 'up' ? 3 : -1),
  });

  expect(await reader.read(WEB, aScaling({ metrics: [total, cpu(0.5), queue(100)] }))).toEqual([
    { kind: 'number', value: 3 },
    undefined,
    { kind: 'number', value: 12 },
  ]);
});

test('one that fails does not take the others with it, and counts its failures until it answers again', async () => {
  let down = true;
  const reader = new MetricReader({ listLength: async () => 1, query: () => (down ? refused : async () => 2) });
  const scaling = aScaling({ metrics: [queue(100), total] });
  const read = () => reader.read(WEB, scaling);

  expect((await read())[1]).toEqual({ kind: 'failed', because: 'ECONNREFUSED', inARow: 1 });
  expect(await read()).toEqual([
    { kind: 'number', value: 1 },
    { kind: 'failed', because: 'ECONNREFUSED', inARow: 2 },
  ]);
  down = false;
  expect((await read())[1]).toEqual({ kind: 'number', value: 2 });
  down = true;
  expect((await read())[1]).toMatchObject({ inARow: 1 });
});

test('services fail each for themselves', async () => {
  const reader = new MetricReader({ listLength: refused, query: () => undefined });
  const scaling = aScaling({ metrics: [queue(100)] });
  await reader.read(WEB, scaling);

  expect(await reader.read({ ...WEB, service: 'api' }, scaling)).toMatchObject([{ inARow: 1 }]);
  expect(await reader.read(WEB, scaling)).toMatchObject([{ inARow: 2 }]);
});

test('without a Prometheus a query fails, and says what is missing', async () => {
  const reader = new MetricReader({ listLength: refused, query: () => undefined });

  expect(await reader.read(WEB, aScaling({ metrics: [total] }))).toEqual([
    { kind: 'failed', because: 'PROMETHEUS_URL is not set', inARow: 1 },
  ]);
});
