import { expect, test } from '@jest/globals';
import type { SizeNow } from '../../watchdog/domain/size.ts';
import { createMetrics } from '../../watchdog/record/metrics.ts';
import { sizesText } from '../../watchdog/record/size-metrics.ts';
import { aRecord, aScaling, aSize, cpu, queue } from '../fakes/a-scaling.ts';
import { anOrder, NOON } from '../fakes/a-service.ts';

const opinion = (value: number | undefined) => ({ name: '', value, replicas: 7, limit: undefined, because: '' });

const WEB: SizeNow = {
  ...aSize(),
  at: NOON,
  making: undefined,
  ref: { project: 'shop', service: 'web' },
  scaling: aScaling({ min: 2, max: 5, metrics: [queue(100), cpu(0.6)] }),
  elsewhere: [{ kind: 'number', value: 650 }, undefined],
  record: aRecord(),
  recommendation: { replicas: 7, because: '', limits: [], known: true, opinions: [opinion(650), opinion(undefined)] },
  sizing: { current: 3, raw: 7, wanted: 5, limits: [], because: '' },
  obstacles: [],
};

test('a scrape shows what a scaled service shall be, its limits, its queue, and which signals could be read', () => {
  const series = sizesText([WEB])
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'));

  expect(series).toEqual([
    'service_replicas_desired{project="shop",service="web"} 5',
    'service_replicas_recommended{project="shop",service="web"} 7',
    'service_replicas_min{project="shop",service="web"} 2',
    'service_replicas_max{project="shop",service="web"} 5',
    'service_queue_depth{project="shop",service="web",queue="celery"} 650',
    'service_scaling_signal_up{project="shop",service="web",signal="1 queue celery"} 1',
    'service_scaling_signal_up{project="shop",service="web",signal="2 cpu"} 0',
  ]);
});

test('each change of a size that was carried out is counted, by direction and reason; one that failed is not', async () => {
  const metrics = createMetrics({ version: '0' });
  const order = (replicas: number, from: number) =>
    anOrder({ kind: 'mis-sized', strategy: 'scale', with: { replicas, from, reason: 'queue' } });

  metrics.repairEnded(order(5, 3), 'healed', NOON);
  metrics.repairEnded(order(2, 5), 'healed', NOON);
  metrics.repairEnded(order(9, 2), 'not-healed', NOON);
  metrics.repairEnded(anOrder(), 'healed', NOON);

  const lines = (await metrics.metrics()).split('\n').filter(line => line.startsWith('scaling_events_total{'));
  expect(lines.sort()).toEqual([
    'scaling_events_total{project="shop",service="web",direction="down",reason="queue"} 1',
    'scaling_events_total{project="shop",service="web",direction="up",reason="queue"} 1',
  ]);
});
