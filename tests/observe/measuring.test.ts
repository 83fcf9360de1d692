import { beforeEach, describe, expect, test } from '@jest/globals';
import type { FreeSpace, Space } from '../../watchdog/adapters/free-space.ts';
import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { Measuring } from '../../watchdog/observe/measuring.ts';
import { StackKeeper } from '../../watchdog/observe/stack-keeper.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { engineSays, FakeEngine } from '../fakes/fake-engine.ts';
import { ROOMY } from '../fakes/needs.ts';

let clock: FakeClock;
let engine: FakeEngine;
let stack: StackKeeper;
let paths: string[];
/** What there is of the host's files. */
let disks: Map<string, Space>;
let stop: AbortController;

beforeEach(() => {
  clock = new FakeClock();
  engine = new FakeEngine(clock);
  stack = new StackKeeper(() => []);
  paths = [];
  disks = new Map([['/data', ROOMY]]);
  stop = new AbortController();
});

const fromDisks: FreeSpace = async path => {
  const space = disks.get(path);
  if (space === undefined) throw new Error(`ENOENT: ${path}`);
  return space;
};

function measuring(freeSpace = fromDisks): { readonly it: Measuring; readonly ended: Promise<void> } {
  const quiet = () => undefined;
  const it = new Measuring({
    docker: engine.docker,
    freeSpace,
    memory: async () => ({ total: 8e9, available: 6e9 }),
    mayGive: () => false,
    stack,
    interval: seconds(30),
    watched: () => ({ paths, threshold: 0.1 }),
    dataFolder: '/data',
    emit: quiet,
    clock,
    logger: { error: quiet, warn: quiet, info: quiet, debug: quiet },
  });
  return { it, ended: it.run(stop.signal) };
}

const watchedPaths = () => [...stack.disks()].map(({ path }) => path);

describe('where no paths are set', () => {
  test("the data folder is watched, and Docker's own where it can be seen", async () => {
    disks.set('/var/lib/docker', ROOMY).set('/var/lib/docker/image', ROOMY);
    measuring();

    await clock.advance(seconds(1));

    expect(watchedPaths()).toEqual(['/data', '/var/lib/docker']);
  });

  test("a folder of Docker's name that is not the engine's is not watched", async () => {
    disks.set('/var/lib/docker', ROOMY);
    measuring();

    await clock.advance(seconds(1));

    expect(watchedPaths()).toEqual(['/data']);
  });

  test('an engine that does not say where its folder is keeps nobody from watching', async () => {
    engine.mishap('host', { error: engineSays('refused'), done: false });
    measuring();

    await clock.advance(seconds(1));

    expect(watchedPaths()).toEqual(['/data']);
  });
});

test('the paths that are set are watched instead, from the next interval on when they change', async () => {
  disks.set('/srv', ROOMY).set('/home', ROOMY);
  paths = ['/srv'];
  measuring();
  await clock.advance(seconds(1));
  expect(watchedPaths()).toEqual(['/srv']);

  paths = ['/home'];
  await clock.advance(seconds(30));

  expect(watchedPaths()).toEqual(['/srv', '/home']);
});

test('what Docker keeps is asked after two minutes, and then once an hour', async () => {
  const { it } = measuring();
  await clock.advance(minutes(1));
  expect(it.dockerDisk).toBeUndefined();

  await clock.advance(minutes(2));
  expect(it.dockerDisk).toEqual({ images: 3, containers: 2, volumes: 1, 'build-cache': 0 });
  await clock.advance(hours(2));

  expect(engine.count('diskUsage')).toBe(3);
});

test('what Docker keeps is not known any more when the engine refuses to tell', async () => {
  const { it } = measuring();
  await clock.advance(minutes(3));
  engine.mishap('diskUsage', { error: engineSays('refused'), done: false });

  await clock.advance(hours(1));

  expect(it.dockerDisk).toBeUndefined();
});

test('ends with the signal though a file system hangs', async () => {
  const { ended } = measuring(() => new Promise(() => undefined));
  await clock.advance(seconds(1));

  stop.abort();

  await ended;
  expect(clock.pending).toBe(0);
});
