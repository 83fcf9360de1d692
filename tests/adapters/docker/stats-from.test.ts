import { expect, test } from '@jest/globals';
import type { ContainerStats } from '../../../watchdog/adapters/docker/engine-shapes.ts';
import { statsFrom } from '../../../watchdog/adapters/docker/stats-from.ts';
import { fixture } from '../../fixtures/docker/read-fixture.ts';

const v1 = fixture<ContainerStats>('stats-20.10.json');
const v2 = fixture<ContainerStats>('stats-v2.json');

test('reads what engine 20.10 tells on cgroup v1', () => {
  expect(statsFrom(v1)).toEqual({
    at: Date.parse('2026-11-22T09:22:08.328Z'),
    cpuTime: 24_806_321,
    hostCpuTime: 23_524_600_000_000,
    hostCores: 2,
    memoryBytes: (v1.memory_stats?.usage ?? 0) - (v1.memory_stats?.stats?.total_inactive_file ?? 0),
    memoryLimit: 67_108_864,
    networkErrors: 0,
  });
});

test('reads what an engine tells on cgroup v2, with the errors and drops of all interfaces', () => {
  expect(statsFrom(v2)).toEqual({
    at: Date.parse('2026-03-01T12:00:00.165Z'),
    cpuTime: 4_200_000_000,
    hostCpuTime: 88_000_000_000_000,
    hostCores: 8,
    memoryBytes: 73_400_320 - 25_165_824,
    memoryLimit: 134_217_728,
    networkErrors: 31,
  });
});

const memory = (stats: Record<string, number> | null) => statsFrom({ ...v2, memory_stats: { usage: 100, stats } });

test.each([
  { of: 'cgroup v1 by the whole tree', stats: { total_inactive_file: 30, inactive_file: 10 }, bytes: 70 },
  { of: 'cgroup v2', stats: { inactive_file: 10 }, bytes: 90 },
  { of: 'a page cache said to be larger than everything', stats: { inactive_file: 100 }, bytes: 100 },
  { of: 'an engine that tells no details', stats: null, bytes: 100 },
])('takes the page cache off the memory of $of', ({ stats, bytes }) => {
  expect(memory(stats)?.memoryBytes).toBe(bytes);
});

test('has no network of its own in that of the host or of another container', () => {
  const { networks: _, ...shared } = v2;

  expect(statsFrom(shared)?.networkErrors).toBeUndefined();
});

test('finds nothing in the empty answer about a container that does not run', () => {
  expect(statsFrom({ read: '0001-01-01T00:00:00Z', memory_stats: {} })).toBeUndefined();
  expect(statsFrom({})).toBeUndefined();
});

test('counts what is missing or malformed as nothing', () => {
  const odd = { read: v2.read, cpu_stats: null, memory_stats: { usage: 'much' }, networks: { eth0: {} } };

  expect(statsFrom(odd as unknown as ContainerStats)).toEqual({
    at: expect.any(Number),
    cpuTime: 0,
    hostCpuTime: undefined,
    hostCores: undefined,
    memoryBytes: 0,
    memoryLimit: 0,
    networkErrors: 0,
  });
});
