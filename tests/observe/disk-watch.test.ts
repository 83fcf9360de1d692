import { beforeEach, expect, test } from '@jest/globals';
import type { Space } from '../../watchdog/adapters/free-space.ts';
import { diskRef } from '../../watchdog/domain/disk.ts';
import { type Finding, HOST } from '../../watchdog/domain/finding.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { DiskWatch } from '../../watchdog/observe/disk-watch.ts';
import { StackKeeper } from '../../watchdog/observe/stack-keeper.ts';
import { FakeClock, START } from '../fakes/fake-clock.ts';

let clock: FakeClock;
let stack: StackKeeper;
let found: Finding[];
let logged: string[];
let disks: Map<string, Space>;
let paths: string[];
let watch: DiskWatch;

beforeEach(() => {
  clock = new FakeClock();
  stack = new StackKeeper(() => []);
  found = [];
  logged = [];
  paths = ['/data'];
  disks = new Map([['/data', aDisk(0.5)]]);
  watch = new DiskWatch({
    freeSpace: async path => {
      const space = disks.get(path);
      if (space === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
      return space;
    },
    watched: () => ({ paths, threshold: 0.1 }),
    stack,
    interval: seconds(30),
    emit: finding => void found.push(finding),
    clock,
    logger: { warn: (message, values) => void logged.push(`${message} ${values?.path}`) },
  });
});

const aDisk = (free: number, device = 1): Space => ({ device, free, freeBytes: free * 1_000_000 });

test('a disk with enough room is noted, and nothing is found', async () => {
  await watch.read();

  expect(stack.disk('/data')).toEqual({
    path: '/data',
    at: START,
    free: 0.5,
    freeBytes: 500_000,
    threshold: 0.1,
    lowSince: undefined,
  });
  expect(found).toEqual([]);
});

test('a disk that is low is found at each reading, and has been so since the first', async () => {
  disks.set('/data', aDisk(0.09));
  const stop = new AbortController();

  const ended = watch.run(stop.signal);
  await clock.advance(minutes(2));
  stop.abort();
  await ended;

  expect(stack.disk('/data')).toMatchObject({ at: START + minutes(2), lowSince: START });
  expect(found).toHaveLength(5);
  expect(found[0]).toEqual({
    kind: 'measured',
    target: { project: HOST, service: 'disk:/data' },
    source: 'samples',
    at: START,
    seenAt: START,
    evidence: { free: 0.09, freeBytes: 90_000 },
  });
});

test('a disk that has room again is found once more, so that its incident ends', async () => {
  disks.set('/data', aDisk(0.05));
  await watch.read();
  disks.set('/data', aDisk(0.1));
  await watch.read();
  await watch.read();

  expect(stack.disk('/data')?.lowSince).toBeUndefined();
  expect(found).toHaveLength(2);
});

test('of two paths on one file system both are noted, and one is found', async () => {
  paths = ['/data', '/var/lib/docker', '/srv'];
  disks.set('/data', aDisk(0.05));
  disks.set('/var/lib/docker', aDisk(0.05));
  disks.set('/srv', aDisk(0.05, 2));

  await watch.read();

  expect(stack.disk('/var/lib/docker')?.lowSince).toBe(START);
  expect(found.map(({ target }) => target)).toEqual([diskRef('/data'), diskRef('/srv')]);
});

test('a path that is not there is told once and keeps no other from being read', async () => {
  paths = ['/nowhere', '/data'];

  await watch.read();
  await watch.read();

  expect(logged).toEqual(['a watched path cannot be read /nowhere']);
  expect(stack.disk('/data')).toBeDefined();
});

test('a look at a disk brings its reading up to date, and finds nothing by itself', async () => {
  disks.set('/data', aDisk(0.05));
  await watch.read();
  disks.set('/data', aDisk(0.5));
  found = [];

  await watch.look(diskRef('/data'));
  await watch.look({ project: HOST, service: 'engine' });

  expect(stack.disk('/data')).toMatchObject({ free: 0.5, lowSince: undefined });
  expect(found).toEqual([]);
});
