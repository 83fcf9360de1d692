import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Helper } from '../../watchdog/adapters/docker/docker.ts';
import type { HowMade } from '../../watchdog/domain/making.ts';
import type { JournalStep } from '../../watchdog/domain/repair.ts';
import { lockFileIn } from '../../watchdog/repair/lock-file.ts';
import { removeStaleLock } from '../../watchdog/repair/remove-stale-lock.ts';
import { aWork, unread } from '../fakes/a-work.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { engineSays, FakeEngine } from '../fakes/fake-engine.ts';
import { someBackups } from '../fakes/needs.ts';

// What happens to files is the real engine's to show (tests/engine/postgres.test.ts); here it is what is asked of it, in which order.

const signal = new AbortController().signal;
const FOLDER = '/var/lib/postgresql/data';
const LOCK = `${FOLDER}/postmaster.pid`;
const DATA = { type: 'volume', source: 'shop_data', target: FOLDER, anonymous: false, writable: true } as const;
const TEXT = `7\n${FOLDER}\n1700000000\n5432\n/var/run/postgresql\n*\n   163840         0\nready   \n`;

let engine: FakeEngine;
/** Files of the volume, as the helpers see them. */
let files: Map<string, string>;
/** What `/proc/PID/comm` says in the container. */
let process: { exitCode: number; said: string };

beforeEach(() => {
  engine = new FakeEngine(new FakeClock());
  files = new Map([[LOCK, TEXT]]);
  process = { exitCode: 1, said: 'cat: no such file' };
  engine.helper = async ({ argv }) => answerTo(argv);
  engine.program = async () => process;
  engine.up({ service: 'db' });
  made('db', { mounts: [DATA] });
  engine.crash('shop-db-1');
});

function answerTo([program, ...rest]: Helper['argv']): { exitCode: number; said: string } {
  const last = rest.at(-1) ?? '';
  const is = (fine: boolean, said = '') => ({ exitCode: fine ? 0 : 1, said });
  if (program === 'find') return is(true, [...files.keys(), ''].filter(file => isFound(file, rest)).join('\n'));
  if (program === 'cat') return is(files.has(last), files.get(last));
  if (program === 'test') return is(files.has(last));
  const [, from = ''] = rest;
  files.set(last, files.get(from) ?? '');
  files.delete(from);
  return is(true);
}

/** As `find MOUNT ... -name NAME ... ! -path PATTERN` would. */
const isFound = (file: string, told: readonly string[]): boolean =>
  file.endsWith(`/${told[told.indexOf('-name') + 1]}`) &&
  !(told.includes('*/.watchdog-*') && file.includes('/.watchdog-'));

function made(service: string, how: Partial<HowMade>): void {
  for (const container of engine.containersOf(service)) container.howMade = how;
}

const strategy = () => removeStaleLock({ docker: engine.docker, backups: someBackups() });
async function work(told: Record<string, string> = {}) {
  const target = await engine.docker.inspect('shop-db-1');
  if (target === undefined) throw new Error('there is no shop-db-1');
  engine.calls.length = 0;
  return aWork(target, { service: 'db', strategy: 'remove-stale-lock', with: told });
}
/** What was changed. */
const deeds = () => engine.calls.filter(call => /^(stop|start|remove|help mv)/.test(call));
const names = (steps: readonly JournalStep[]) => steps.map(({ step }) => step);
const upTo = (steps: readonly JournalStep[], last: string) =>
  steps.slice(0, steps.findIndex(({ step }) => step === last) + 1);
const aside = () => [...files.keys()].filter(file => file !== LOCK);

describe('a stale lock', () => {
  test('is set aside while the container is stopped, with a backup taken; each step is journaled before it is taken', async () => {
    const job = await work();

    await strategy().apply(job);

    expect(deeds()).toEqual([
      'stop shop-db-1',
      expect.stringMatching(`^help mv -n ${LOCK} ${LOCK}.stale-`),
      'start shop-db-1',
    ]);
    expect(names(job.steps)).toEqual(['found', 'stop', 'kept', 'aside', 'start']);
    expect(job.steps[0]?.data).toEqual({ path: LOCK, volume: 'shop_data', pid: 7, dataFolder: FOLDER });
    expect(files.has(LOCK)).toBe(false);
    expect(aside().map(file => files.get(file))).toEqual([TEXT]);
  });

  test('that is empty is one as well: it was cut short when it was made', async () => {
    files.set(LOCK, '');

    await strategy().apply(await work());

    expect(files.has(LOCK)).toBe(false);
  });

  test('is found in the folder that the playbook names, and not in what a backup has left aside', async () => {
    files.set(`${FOLDER}/.watchdog-before-restore-1/postmaster.pid`, TEXT);
    files.set(`${FOLDER}/old/postmaster.pid`, TEXT);

    await expect(strategy().apply(await work())).rejects.toThrow(
      `which lock is meant cannot be told: found ${LOCK}, ${FOLDER}/old/postmaster.pid; the parameter path`,
    );
    files.set(`${FOLDER}/old/postmaster.pid`, TEXT.replace(FOLDER, `${FOLDER}/old`));
    await strategy().apply(await work({ path: `${FOLDER}/old/` }));

    expect(files.has(LOCK)).toBe(true);
    expect(files.has(`${FOLDER}/old/postmaster.pid`)).toBe(false);
  });

  test('whose process is another one in a container that runs is set aside after the stop', async () => {
    engine.docker.start('shop-db-1');
    process = { exitCode: 0, said: 'sleep\n' };

    await strategy().apply(await work());

    expect(files.has(LOCK)).toBe(false);
  });

  test('that the server itself takes away when it is stopped is none: the container is started again', async () => {
    engine.onCall = call => {
      if (call.startsWith('stop')) files.delete(LOCK);
    };
    const job = await work();

    await strategy().apply(job);

    expect(names(job.steps)).toEqual(['found', 'stop', 'start']);
    expect(aside()).toEqual([]);
  });
});

describe('a lock that may be a live one is not touched, and nothing else is', () => {
  const untouched = async (says: string, told: Record<string, string> = {}) => {
    const job = await work(told);

    await expect(strategy().apply(job)).rejects.toThrow(says);

    expect(deeds()).toEqual([]);
    expect(files.get(LOCK) ?? TEXT).toBe(TEXT);
    expect(job.steps).toEqual([]);
  };

  test('when its process is a server in the container', async () => {
    await engine.docker.start('shop-db-1');
    process = { exitCode: 0, said: 'postgres\n' };

    await untouched('the lock is a live one: process 7 in shop-db-1 is postgres');
  });

  test('when another container that runs has the volume', async () => {
    engine.up({ service: 'other' });
    made('other', { mounts: [DATA] });

    await untouched('the volume shop_data is in use by shop-other-1; stop them first');
  });

  test('when it was written by a server that has the data elsewhere', async () => {
    files.set(LOCK, TEXT.replace(FOLDER, '/home/me/data'));
    const job = await work();

    await expect(strategy().apply(job)).rejects.toThrow(
      `${LOCK} was written by a server that has its data at /home/me/data: that is not this container`,
    );
    expect(deeds()).toEqual([]);
  });

  test.each<[string, Partial<HowMade>, string]>([
    [
      'it lies in a folder of the host',
      { mounts: [{ ...DATA, type: 'bind', source: '/srv/db' }] },
      'lies in /srv/db of the host',
    ],
    [
      'the container sees the processes of the host',
      { mounts: [DATA], sharedProcesses: 'host' },
      'shares the processes of host',
    ],
    [
      'the container sees those of another one',
      { mounts: [DATA], sharedProcesses: 'abc' },
      'shares the processes of abc',
    ],
    [
      'there is no place where one could be',
      { mounts: [{ ...DATA, writable: false }] },
      'there is no postmaster.pid on what shop-db-1 has mounted',
    ],
  ])('when %s', async (_sentence, how, says) => {
    made('db', how);

    await untouched(says);
  });

  test('when there is none', async () => {
    files.delete(LOCK);

    await untouched('there is no postmaster.pid on what shop-db-1 has mounted');
  });

  test('when whether its process is a server cannot be asked', async () => {
    await engine.docker.start('shop-db-1');
    engine.mishap('exec', { error: engineSays('engine-error'), done: false });

    await untouched('something went wrong');
  });
});

describe('what changes while the container is stopped', () => {
  const meanwhile = (happens: () => void) => {
    engine.onCall = call => {
      if (call.startsWith('stop')) happens();
    };
  };

  test.each<[string, () => void, string]>([
    ['the lock is another one', () => files.set(LOCK, TEXT.replace('7', '8')), 'has changed since it was looked at'],
    [
      'another container has the volume',
      () => {
        engine.up({ service: 'other' });
        made('other', { mounts: [DATA] });
      },
      'is in use by shop-other-1',
    ],
  ])('keeps the lock in its place: %s', async (_sentence, happens, says) => {
    meanwhile(happens);
    const job = await work();

    await expect(strategy().apply(job)).rejects.toThrow(says);

    expect(aside()).toEqual([]);
    expect(await strategy().undo?.(job.steps, signal)).toBe('no lock was touched');
    expect(deeds()).toEqual(['stop shop-db-1']);
  });

  test('a container that ran is started again where nothing could be done', async () => {
    await engine.docker.start('shop-db-1');
    meanwhile(() => files.set(LOCK, 'another'));
    const job = await work();
    await expect(strategy().apply(job)).rejects.toThrow();

    expect(await strategy().undo?.(job.steps, signal)).toBe('no lock was touched; the container is started again');
    expect(deeds()).toEqual(['stop shop-db-1', 'start shop-db-1']);
  });

  test('a lock that could not be moved is said', async () => {
    engine.helper = async ({ argv }) => (argv[0] === 'mv' ? { exitCode: 0, said: '' } : answerTo(argv));

    await expect(strategy().apply(await work())).rejects.toThrow(`${LOCK} could not be moved to`);
  });
});

describe('after a crash of the watchdog', () => {
  let done: readonly JournalStep[];
  beforeEach(async () => {
    await engine.docker.start('shop-db-1');
    const job = await work();
    await strategy().apply(job);
    done = job.steps;
    engine.calls.length = 0;
  });

  test.each([
    ['stop', 'no lock was touched; the container is started again', ['start shop-db-1']],
    [
      'aside',
      'the lock, where it was set aside, stays so; the container is started again',
      ['remove shop-db-1-watchdog-helper', 'start shop-db-1'],
    ],
    [
      'start',
      'the lock, where it was set aside, stays so; the container is started again',
      ['remove shop-db-1-watchdog-helper', 'start shop-db-1'],
    ],
  ])('over the step %s what ran runs again', async (step, said, did) => {
    expect(await strategy().recover?.(upTo(done, step), signal, unread)).toBe(said);
    expect(deeds()).toEqual(did);
  });

  test('before anything was done nothing is', async () => {
    expect(await strategy().recover?.([], signal, unread)).toBe('nothing had been done yet');
    expect(await strategy().undo?.([], signal)).toBeUndefined();
    expect(deeds()).toEqual([]);
  });

  test('a repair that was not proven leaves the start to the next attempt', async () => {
    expect(await strategy().undo?.(done, signal)).toBe('the lock, where it was set aside, stays so');
    expect(deeds()).toEqual(['remove shop-db-1-watchdog-helper']);
  });
});

test.each([
  [TEXT, { pid: 7, dataFolder: FOLDER }],
  ['-12\n/data\n', { pid: 12, dataFolder: '/data' }],
  ['', { pid: undefined, dataFolder: undefined }],
  ['garbage\n/data', { pid: undefined, dataFolder: '/data' }],
  ['0\n', { pid: undefined, dataFolder: undefined }],
])('a lock file that says %j', (text, lock) => {
  expect(lockFileIn(text)).toEqual(lock);
});
