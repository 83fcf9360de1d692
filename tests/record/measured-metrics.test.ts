import { expect, test } from '@jest/globals';
import type { Sample } from '../../watchdog/domain/sample.ts';
import type { Service } from '../../watchdog/domain/service.ts';
import { type Measured, measuredText } from '../../watchdog/record/measured-metrics.ts';
import { aService } from './a-service.ts';

const aSample = (differing: Partial<Sample> = {}): Sample => ({
  at: 1_000,
  cpu: 0.5,
  memoryBytes: 2_048,
  memory: 0.25,
  memoryLimited: true,
  networkErrors: 0,
  networkErrorsTotal: 7,
  ...differing,
});

/** The page's series, without what describes them. */
const seriesOf = (services: readonly Service[], differing: Partial<Measured> = {}): string[] =>
  measuredText(
    { measuredSince: () => 0, disks: () => [], memory: () => undefined, dockerDisk: () => ({}), ...differing },
    services,
  )
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'));

test('the newest sample of each container is shown, under its number', () => {
  const service = aService(
    { samples: [aSample({ cpu: 0.1 }), aSample()] },
    { number: 2, samples: [aSample({ cpu: 1 })] },
  );

  expect(seriesOf([service])).toEqual([
    'service_cpu_usage_ratio{project="shop",service="web",replica="1"} 0.5',
    'service_cpu_usage_ratio{project="shop",service="web",replica="2"} 1',
    'service_memory_usage_ratio{project="shop",service="web",replica="1"} 0.25',
    'service_memory_usage_ratio{project="shop",service="web",replica="2"} 0.25',
    'service_memory_usage_bytes{project="shop",service="web",replica="1"} 2048',
    'service_memory_usage_bytes{project="shop",service="web",replica="2"} 2048',
    'service_network_errors_total{project="shop",service="web",replica="1"} 7',
    'service_network_errors_total{project="shop",service="web",replica="2"} 7',
  ]);
});

test('a first sample tells no CPU use, and shows none', () => {
  const series = seriesOf([aService({ samples: [aSample({ cpu: undefined })] })]);

  expect(series.filter(line => line.includes('cpu'))).toEqual([]);
  expect(series).toHaveLength(3);
});

test('what stands still, was never measured, or not for long, shows nothing', () => {
  const services = [
    aService({ service: 'ended', state: 'exited', samples: [aSample()] }),
    aService({ service: 'new' }),
    aService({ service: 'lost', samples: [aSample({ at: 999 })] }),
  ];

  expect(seriesOf(services, { measuredSince: () => 1_000 })).toEqual([]);
});

test('disks are shown by path as long as they are read, and what Docker keeps by its type', () => {
  const disk = { path: '/data', at: 1_000, free: 0.2, freeBytes: 1, threshold: 0.1, lowSince: undefined };
  const disks = () => [disk, { ...disk, path: '/gone', at: 1 }];

  const series = seriesOf([], {
    measuredSince: () => 1_000,
    disks,
    dockerDisk: () => ({ images: 5, 'build-cache': 0 }),
  });

  expect(series).toEqual([
    'host_disk_free_ratio{path="/data"} 0.2',
    'docker_disk_usage_bytes{type="images"} 5',
    'docker_disk_usage_bytes{type="build-cache"} 0',
  ]);
});

test("the host's memory is shown as long as it is read", () => {
  const memory = { at: 1_000, available: 0.3, availableBytes: 3, lowSince: undefined, giver: undefined };
  const measured = { measuredSince: () => 1_000 };

  expect(seriesOf([], { ...measured, memory: () => memory })).toEqual(['host_memory_available_ratio{} 0.3']);
  expect(seriesOf([], { ...measured, memory: () => ({ ...memory, at: 999 }) })).toEqual([]);
});
