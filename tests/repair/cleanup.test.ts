import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Space } from '../../watchdog/adapters/free-space.ts';
import { diskRef } from '../../watchdog/domain/disk.ts';
import type { HostWork } from '../../watchdog/domain/repair.ts';
import { type Allowed, cleanup } from '../../watchdog/repair/cleanup.ts';
import { removeOldLogs } from '../../watchdog/repair/old-logs.ts';
import { ago, anOrder, NOON } from '../fakes/a-service.ts';
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
    freeSpace: async path => {
      const other = otherDisks.get(path);
      if (other !== undefined) return other;
      return { device: 1, free: free / (100 * GB), freeBytes: free };
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

/** A file of 4 KiB that was last written so long ago. */
function aFile(path: string, written: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.alloc(4_096));
  utimesSync(path, ago(written) / 1_000, ago(written) / 1_000);
  return path;
}

const prunes = () => engine.calls.filter(call => call.startsWith('prune'));

describe('cleanup', () => {
  test('takes build cache, dangling images and old logs, in this order, each with what it brought', async () => {
    engine.prunable.set('build-cache', 1 * GB).set('dangling-images', 2 * GB);
    aFile(join(folder, 'auto_repair.log.1'), '8d');

    const said = await cleanUp();

    expect(said).toBe(
      'removed build cache: 1 GB, dangling images: 2 GB, old logs of our own: 4.1 kB; 8 % of the disk of /data is free now',
    );
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

    expect(await cleanUp()).toBe('removed build cache: 11 GB; 16 % of the disk of /data is free now');
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

    expect(await cleanUp()).toBe(
      'removed build cache: not allowed by the socket proxy, dangling images: 20 GB; 25 % of the disk of /data is free now',
    );
    expect(journaled).toContain('not removed build cache not allowed by the socket proxy');
  });

  test("leaves Docker's files alone when they lie on another disk", async () => {
    otherDisks.set('/var/lib/docker', { device: 2, free: 0.5, freeBytes: GB });
    aFile(join(folder, 'auto_repair.log.1'), '8d');

    expect(await cleanUp()).toBe('removed old logs of our own: 4.1 kB; 5 % of the disk of /data is free now');
    expect(prunes()).toEqual([]);
  });

  test('leaves logs on another disk', async () => {
    otherDisks.set(folder, { device: 2, free: 0.5, freeBytes: GB });
    const log = aFile(join(folder, 'auto_repair.log.1'), '8d');

    await cleanUp();

    expect(existsSync(log)).toBe(true);
  });

  test('says so where nothing may be removed', async () => {
    allowed = { ...allowed, buildCache: false, danglingImages: false };
    otherDisks.set(folder, { device: 2, free: 0.5, freeBytes: GB });

    expect(await cleanUp()).toBe('nothing may be removed there; 5 % of the disk of /data is free now');
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

describe('old logs', () => {
  const remove = (before = ago('7d')) =>
    removeOldLogs({ folder, before, inUse: join(folder, 'auto_repair.log') }, new AbortController().signal);

  test.each([
    'auto_repair.log.1',
    'access.log.12.gz',
    'app.log-20260201',
    'app.log.2026-02-01.zst',
    'app.log.old',
    'catalina.2026-02-01.log',
    'app-20260201.log.gz',
    'syslog.1',
  ])('%s goes when it is old enough', async name => {
    aFile(join(folder, name), '8d');

    expect(await remove()).toBe(4_096);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    { name: 'auto_repair.log', why: 'it is the one that is written to' },
    { name: 'dump-20260201.sql.gz', why: 'it is no log' },
    { name: 'ledger.sqlite', why: 'it is no log' },
    { name: 'catalog.1.html', why: 'it only sounds like one' },
    { name: 'deep/app.log.1', why: 'only the folder itself is looked through' },
  ])('$name stays, however old: $why', async ({ name }) => {
    const file = aFile(join(folder, name), '400d');

    expect(await remove()).toBe(0);
    expect(existsSync(file)).toBe(true);
  });

  test('what was written within the time stays', async () => {
    const file = aFile(join(folder, 'app.log.1'), '6d');

    expect(await remove()).toBe(0);
    expect(existsSync(file)).toBe(true);
  });

  test('a symbolic link is neither followed nor removed, nor what it leads to', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'cw-outside-'));
    const precious = aFile(join(outside, 'app.log.1'), '400d');
    symlinkSync(precious, join(folder, 'app.log.1'));
    symlinkSync(outside, join(folder, 'app.log.2'));

    expect(await remove(NOON * 2)).toBe(0);

    expect(existsSync(precious)).toBe(true);
    expect(readdirSync(folder)).toEqual(['app.log.1', 'app.log.2']);
    rmSync(outside, { recursive: true });
  });

  test('the log in use stays under whatever name it is found', async () => {
    aFile(join(folder, 'auto_repair.log'), '400d');
    linkSync(join(folder, 'auto_repair.log'), join(folder, 'app.log.1'));

    await remove();

    expect(readdirSync(folder)).toEqual(['app.log.1', 'auto_repair.log']);
  });

  test('a file with another name brings nothing back', async () => {
    linkSync(aFile(join(folder, 'app.log.1'), '8d'), join(folder, 'kept'));

    expect(await remove()).toBe(0);
    expect(readdirSync(folder)).toEqual(['kept']);
  });

  test('a folder that is not there holds none', async () => {
    const signal = new AbortController().signal;

    expect(await removeOldLogs({ folder: '/nowhere/logs', before: NOON, inUse: '/nowhere/log' }, signal)).toBe(0);
  });
});
