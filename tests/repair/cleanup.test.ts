import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Space } from '../../watchdog/adapters/free-space.ts';
import { removeOldLogs } from '../../watchdog/adapters/old-logs.ts';
import { diskRef } from '../../watchdog/domain/disk.ts';
import type { HostWork } from '../../watchdog/domain/repair.ts';
import { type Allowed, cleanup } from '../../watchdog/repair/cleanup.ts';
import { aLog } from '../fakes/a-log.ts';
import { anOrder, NOON } from '../fakes/a-service.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { engineSays, FakeEngine } from '../fakes/fake-engine.ts';

const GB = 1_000_000_000;

let folder: string;
let engine: FakeEngine;
/** Bytes that are free on the disk of 100 GB under `/data`. */
let free: number;
let otherDisks: Map<string, Space>;
let allowed: Allowed['cleanup'];
let journaled: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-cleanup-'));
  engine = new FakeEngine(new FakeClock(NOON));
  free = 5 * GB;
  otherDisks = new Map();
  journaled = [];
  allowed = {
    buildCache: true,
    danglingImages: true,
    logsOlderThan: 7 * 86_400_000,
    logPaths: [],
    stoppedContainers: false,
    systemPrune: false,
  };
  engine.onCall = call => {
    const [word, what] = call.split(' ');
    if (word === 'prune') free += engine.prunable.get(what as 'build-cache') ?? 0;
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

async function cleanUp(signal = new AbortController().signal): Promise<string> {
  const strategy = cleanup({
    docker: engine.docker,
    files: {
      freeSpace: async path => otherDisks.get(path) ?? { device: 1, free: free / (100 * GB), freeBytes: free },
      removeOldLogs,
      memory: async () => ({ total: 1, available: 1 }),
    },
    allowed: () => ({ threshold: 0.1, cleanup: allowed }),
    logFile: () => join(folder, 'auto_repair.log'),
    clock: { now: () => NOON },
  });
  const work: HostWork = {
    order: anOrder({ ...diskRef('/data'), targets: [] }),
    signal,
    journal: (step, data) => void journaled.push([step, ...Object.values(data)].join(' ')),
  };
  return await strategy.applyToHost(work);
}

const prunes = () => engine.calls.filter(call => call.startsWith('prune'));

describe('cleanup', () => {
  test('takes build cache, dangling images and old logs, in this order, each with what it brought', async () => {
    engine.prunable.set('build-cache', 1 * GB).set('dangling-images', 2 * GB);
    aLog(join(folder, 'auto_repair.log.1'), '8d');

    const said = await cleanUp();

    expect(said).toBe('removed build cache: 1 GB, dangling images: 2 GB, old logs of our own: 4.1 kB');
    expect(journaled).toEqual([
      'remove build cache',
      `removed build cache ${GB}`,
      'remove dangling images',
      `removed dangling images ${2 * GB}`,
      'remove old logs of our own',
      'removed old logs of our own 4096',
    ]);
    expect(prunes()).toEqual(['prune build-cache', 'prune dangling-images']);
  });

  test('stops as soon as there is enough: the threshold and five hundredths more', async () => {
    engine.prunable.set('build-cache', 11 * GB).set('dangling-images', 10 * GB);

    expect(await cleanUp()).toBe('removed build cache: 11 GB');
    expect(prunes()).toEqual(['prune build-cache']);
  });

  test('goes on where the threshold is reached, but not yet with room to spare', async () => {
    engine.prunable.set('build-cache', 6 * GB);

    await cleanUp();

    expect(prunes()).toEqual(['prune build-cache', 'prune dangling-images']);
  });

  test('never touches what the operator took out', async () => {
    allowed = { ...allowed, buildCache: false, danglingImages: false };

    await cleanUp();

    expect(prunes()).toEqual([]);
  });

  test('leaves stopped containers alone unless the operator allowed that', async () => {
    await cleanUp();
    expect(prunes()).not.toContain('prune stopped-containers');

    allowed = { ...allowed, stoppedContainers: true };
    await cleanUp();

    expect(prunes()).toContain('prune stopped-containers');
    expect(prunes()).not.toContain('prune unused-networks');
  });

  test('prunes the system only as the last resort and only where the operator allowed that', async () => {
    allowed = { ...allowed, buildCache: false, danglingImages: false, systemPrune: true };

    await cleanUp();

    expect(prunes()).toEqual([
      'prune build-cache',
      'prune dangling-images',
      'prune stopped-containers',
      'prune unused-networks',
      'prune dangling-images',
    ]);
  });

  test('what the engine refuses keeps nobody from the next', async () => {
    engine.mishap('prune', { error: engineSays('refused', 'not allowed by the socket proxy'), done: false });
    engine.prunable.set('dangling-images', 20 * GB);

    expect(await cleanUp()).toBe('removed build cache: not allowed by the socket proxy, dangling images: 20 GB');
    expect(journaled).toContain('not removed build cache not allowed by the socket proxy');
  });

  test("leaves Docker's files alone when they lie on another disk", async () => {
    otherDisks.set('/var/lib/docker', { device: 2, free: 0.5, freeBytes: GB });
    aLog(join(folder, 'auto_repair.log.1'), '8d');

    expect(await cleanUp()).toBe('removed old logs of our own: 4.1 kB');
    expect(prunes()).toEqual([]);
  });

  test('leaves logs on another disk', async () => {
    otherDisks.set(folder, { device: 2, free: 0.5, freeBytes: GB });
    const log = aLog(join(folder, 'auto_repair.log.1'), '8d');

    await cleanUp();

    expect(existsSync(log)).toBe(true);
  });

  test('says so where nothing may be removed', async () => {
    allowed = { ...allowed, buildCache: false, danglingImages: false };
    otherDisks.set(folder, { device: 2, free: 0.5, freeBytes: GB });

    expect(await cleanUp()).toBe('nothing may be removed there');
  });

  test('is broken off between two steps', async () => {
    const abort = new AbortController();
    engine.onCall = call => {
      if (call === 'prune build-cache') abort.abort(new Error('told to stop'));
    };

    await expect(cleanUp(abort.signal)).rejects.toThrow('told to stop');
    expect(prunes()).toEqual(['prune build-cache']);
  });
});
