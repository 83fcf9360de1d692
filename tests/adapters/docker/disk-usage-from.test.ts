import { expect, test } from '@jest/globals';
import { diskUsageFrom } from '../../../watchdog/adapters/docker/disk-usage-from.ts';

test('adds up what engines below API 1.52 list', () => {
  const usage = diskUsageFrom({
    LayersSize: 1_000,
    Containers: [{ SizeRw: 10 }, {}],
    Volumes: [{ UsageData: { Size: 200 } }, { UsageData: { Size: -1 } }, { UsageData: null }],
    BuildCache: [{ Size: 30 }, { Size: 5, Shared: true }],
  });

  expect(usage).toEqual({ images: 1_000, containers: 10, volumes: 200, 'build-cache': 30 });
});

test('takes the totals that engines tell since API 1.52', () => {
  const usage = diskUsageFrom({
    ImageUsage: { TotalSize: 1 },
    ContainerUsage: { TotalSize: 2 },
    VolumeUsage: { TotalSize: 3 },
    BuildCacheUsage: { TotalSize: 4 },
  });

  expect(usage).toEqual({ images: 1, containers: 2, volumes: 3, 'build-cache': 4 });
});

test('counts as nothing what an engine sends as null', () => {
  expect(diskUsageFrom({ Containers: null, Volumes: null, BuildCache: null })).toEqual({
    images: 0,
    containers: 0,
    volumes: 0,
    'build-cache': 0,
  });
});
