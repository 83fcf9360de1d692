import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../watchdog/domain/finding.ts';
import type { MemoryReading } from '../../watchdog/domain/memory.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { MemoryWatch } from '../../watchdog/observe/memory-watch.ts';
import { aReplica, aService } from '../fakes/a-service.ts';
import { FakeClock, START } from '../fakes/fake-clock.ts';
import { aSample } from '../fakes/some-samples.ts';

let clock: FakeClock;
let found: Finding[];
let logged: string[];
let available: number | undefined;
let noted: MemoryReading | undefined;
let replicas: Replica[];
let watch: MemoryWatch;

/** A container that uses so many bytes. */
const using = (service: string, memoryBytes: number, differing: Parameters<typeof aReplica>[0] = {}): Replica =>
  aReplica({ service, samples: [aSample({ memoryBytes })], ...differing });

beforeEach(() => {
  clock = new FakeClock();
  found = [];
  logged = [];
  available = 60;
  noted = undefined;
  replicas = [using('small', 1), using('large', 20), using('db', 30)];
  watch = new MemoryWatch({
    memory: async () => {
      if (available === undefined) throw new Error('ENOENT: /proc/meminfo');
      return { total: 100, available };
    },
    stack: {
      memory: () => noted,
      noteMemory: reading => {
        noted = reading;
      },
      services: () => replicas.map(replica => aService({ service: replica.service, replicas: [replica] })),
      replica: id => replicas.find(each => each.id === id),
    },
    mayGive: ({ service }) => service !== 'db',
    interval: seconds(30),
    emit: finding => void found.push(finding),
    clock,
    logger: { warn: message => void logged.push(message) },
  });
});

/** Reads every 30 s for so long, with so much left. */
async function left(share: number | undefined, duration: number): Promise<void> {
  available = share;
  for (let passed = 0; passed <= duration; passed += seconds(30)) {
    await watch.read();
    await clock.advance(seconds(30));
  }
}

const chosen = () => noted?.giver?.containerId;
const concerned = () => found.map(({ target }) => target.service);

test('enough memory is noted, and nothing is found', async () => {
  await watch.read();

  expect(noted).toEqual({ at: START, available: 0.6, availableBytes: 60, lowSince: undefined, giver: undefined });
  expect(found).toEqual([]);
});

test('it reads once an interval until it is told to stop', async () => {
  const stop = new AbortController();
  const ended = watch.run(stop.signal);
  await clock.advance(seconds(61));
  const at = noted?.at;
  stop.abort();
  await ended;

  expect(at).toBe(START + seconds(60));
});

describe('while little is left', () => {
  test('nobody has to give before it has lasted a minute', async () => {
    await left(9, seconds(30));
    expect(noted).toMatchObject({ lowSince: START, giver: undefined });

    await left(9, 0);
    expect(noted?.giver).toEqual({ containerId: 'shop-large-1-id', bytes: 20, chosenAt: START + minutes(1) });
  });

  test('a tenth is not little', async () => {
    await left(10, minutes(5));

    expect(noted).toMatchObject({ lowSince: undefined, giver: undefined });
  });

  test('a peak that passes begins anew', async () => {
    await left(9, seconds(30));
    await left(50, 0);
    await left(9, seconds(30));

    expect(chosen()).toBeUndefined();
  });

  test('the largest of those that may is found, once', async () => {
    await left(9, minutes(5));

    expect(chosen()).toBe('shop-large-1-id');
    expect(found).toEqual([
      expect.objectContaining({
        kind: 'measured',
        target: { project: 'shop', service: 'large', containerId: 'shop-large-1-id' },
        evidence: { available: 0.09 },
      }),
    ]);
  });

  test('the next one comes ten minutes later, and each only once', async () => {
    await left(9, minutes(12));
    expect(chosen()).toBe('shop-small-1-id');
    expect(concerned()).toEqual(['large', 'large', 'small']);

    await left(9, minutes(60));
    expect(chosen()).toBeUndefined();
  });

  test('nobody is chosen who does not run, or was never measured', async () => {
    replicas = [using('large', 20, { state: 'exited' }), aReplica({ service: 'new' })];
    await left(9, minutes(5));

    expect(noted?.giver).toBeUndefined();
  });
});

test('when there is enough again nobody has to give, and whoever was chosen is looked at', async () => {
  await left(9, minutes(2));
  await left(50, 0);

  expect(noted?.giver).toBeUndefined();
  expect(concerned()).toEqual(['large', 'large']);

  await left(9, minutes(2));
  expect(chosen()).toBe('shop-large-1-id');
});

test('what cannot be read is said once, and chooses nobody', async () => {
  await left(9, minutes(2));
  await left(undefined, minutes(2));

  expect(logged).toEqual(["the host's memory cannot be read"]);
  expect(noted).toBeUndefined();
});
