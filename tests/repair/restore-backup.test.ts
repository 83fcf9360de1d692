import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BackupStore, backupStore } from '../../watchdog/adapters/backup-store.ts';
import type { Helper } from '../../watchdog/adapters/docker/docker.ts';
import type { Backup } from '../../watchdog/domain/backup.ts';
import type { HowMade } from '../../watchdog/domain/making.ts';
import type { JournalStep } from '../../watchdog/domain/repair.ts';
import { backupVolume } from '../../watchdog/repair/backup-volume.ts';
import { Backups } from '../../watchdog/repair/backups.ts';
import { restoreBackup } from '../../watchdog/repair/restore-backup.ts';
import { aWork, unread } from '../fakes/a-work.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { ROOMY } from '../fakes/needs.ts';

// What happens to files is the real engine's to show (tests/engine/backups.test.ts); here it is what is asked of it, in which order.

const signal = new AbortController().signal;
const DATA = { type: 'volume', source: 'shop_data', target: '/data', anonymous: false, writable: true } as const;

let folder: string;
let engine: FakeEngine;
let store: BackupStore;
let backups: Backups;
let backup: Backup;
/** Folders that are in the volume, as the helpers see it. */
let there: Set<string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cw-restore-'));
  const clock = new FakeClock();
  engine = new FakeEngine(clock);
  store = backupStore(folder);
  const { docker } = engine;
  const allowed = () => ({ keep: 5, maxBytes: 1_000_000 });
  backups = new Backups({ docker, store, clock, allowed, freeSpace: async () => ROOMY });
  there = new Set();
  engine.helper = async ({ argv }) => ({ exitCode: answerTo(argv), said: '' });
  up('db');
  engine.files.set('shop-db-1 /data/.', 'now');
  backup = await store.write(of('shop-db-1'), [Buffer.from('then')] as never, 1_000, clock.now());
  engine.calls.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const of = (container: string) => ({
  project: 'shop',
  service: 'db',
  container,
  source: 'shop_data',
  target: '/data',
  whileRunning: false,
});

/** `test`, `mkdir`, `rmdir` and `mv` on folders; the rest goes well. */
function answerTo([program, ...rest]: Helper['argv']): number {
  const last = rest.at(-1) ?? '';
  if (program === 'test') return there.has(last) ? 0 : 1;
  if (program === 'mkdir') there.add(last);
  if (program === 'rmdir') there.delete(last);
  if (program === 'mv') there.add(last).delete(rest[0] ?? '');
  return 0;
}

function up(service: string, mount: HowMade['mounts'][number] = DATA): void {
  engine.up({ service });
  setMounts(`shop-${service}-1`, [mount]);
}

function setMounts(name: string, mounts: HowMade['mounts']): void {
  const container = engine.container(name);
  if (container === undefined) throw new Error(`there is no ${name}`);
  container.howMade = { mounts };
}

const strategy = () => restoreBackup({ docker: engine.docker, backups });
async function work(told: Record<string, string> = { backup: backup.id }) {
  const target = await engine.docker.inspect('shop-db-1');
  if (target === undefined) throw new Error('there is no shop-db-1');
  engine.calls.length = 0;
  const targets = [{ id: target.id, name: target.name, number: 1 }];
  return aWork(target, { service: 'db', strategy: 'restore-backup', with: told, targets });
}
/** What was done, reads left out; of helpers the program. */
const deeds = () =>
  engine.calls
    .filter(call => !/^(howMade|inspect|usersOf|archive)/.test(call))
    .map(call => call.split(' ').slice(0, 2).join(' '));
const stepNames = (steps: readonly JournalStep[]) => steps.map(({ step }) => step);
const upTo = (steps: readonly JournalStep[], last: string) =>
  steps.slice(0, steps.findIndex(({ step }) => step === last) + 1);

describe('restore-backup', () => {
  test('stops, keeps what is there twice, unpacks and starts; each step is journaled before it is taken', async () => {
    const job = await work();

    await strategy().apply(job);

    expect(deeds()).toEqual([
      'stop shop-db-1',
      'help test',
      'help mkdir',
      'help find',
      'help find',
      'unpack shop-db-1',
      'start shop-db-1',
    ]);
    expect(stepNames(job.steps)).toEqual(['stop', 'kept', 'aside', 'unpack', 'start']);
    expect(engine.files.get('shop-db-1 /data')).toBe('then');
    expect(await store.list()).toHaveLength(2);
  });

  test.each([
    { which: 'that is not named', told: {}, says: /has to be told which backup/ },
    { which: 'that is not there', told: { backup: 'nothing' }, says: /there is no backup nothing/ },
  ])('touches nothing for a backup $which', async ({ told, says }) => {
    await expect(strategy().apply(await work(told))).rejects.toThrow(says);

    expect(deeds()).toEqual([]);
  });

  test('touches nothing for one that is damaged', async () => {
    writeFileSync(join(folder, `${backup.id}.tar`), 'thee');

    await expect(strategy().apply(await work())).rejects.toThrow(/is damaged/);

    expect(deeds()).toEqual([]);
  });

  test('touches nothing for a backup of another volume', async () => {
    setMounts('shop-db-1', [{ ...DATA, source: 'shop_other' }]);

    await expect(strategy().apply(await work())).rejects.toThrow(/is of shop_data of shop-db-1, not of shop-db-1/);

    expect(deeds()).toEqual([]);
  });

  test('leaves alone the replicas whose backup it is not', async () => {
    const other = await store.write(of('shop-db-2'), [Buffer.from('then')] as never, 1_000, 0);
    const job = await work({ backup: other.id });
    const targets = [...job.order.targets, { id: 'x', name: 'shop-db-2', number: 2 }];

    await strategy().apply({ ...job, order: { ...job.order, targets } });

    expect(deeds()).toEqual([]);
  });

  test('goes no further while another container that runs has the volume, and starts again', async () => {
    up('reader');
    const job = await work();

    await expect(strategy().apply(job)).rejects.toThrow('the volume shop_data is in use by shop-reader-1');
    const said = await strategy().undo?.(job.steps, signal);

    expect(said).toBe('the container is started again');
    expect(deeds()).toEqual(['stop shop-db-1', 'start shop-db-1']);
  });

  test('does not unpack where what is there could not be moved aside', async () => {
    engine.helper = async ({ argv }) => ({
      exitCode: argv[0] === 'test' ? 1 : 0,
      said: argv[0] === 'find' && !argv.includes('-exec') ? '/data/stuck\n' : '',
    });

    await expect(strategy().apply(await work())).rejects.toThrow(/not all of \/data could be moved .*\/data\/stuck/);

    expect(engine.count('unpack')).toBe(0);
  });
});

describe('the way back', () => {
  let done: readonly JournalStep[];
  beforeEach(async () => {
    const job = await work();
    await strategy().apply(job);
    done = job.steps;
    engine.calls.length = 0;
  });
  const BACK = [
    'remove shop-db-1-watchdog-helper',
    'stop shop-db-1',
    'help test',
    'help mkdir',
    'help find',
    'help find',
    'help mv',
    'help test',
    'help find',
    'help find',
    'help rmdir',
    'start shop-db-1',
  ];

  test('moves what was unpacked aside and what was there before back', async () => {
    const said = await strategy().undo?.(done, signal);

    expect(said).toBe('what was in the volume before is in its place again; the container is started again');
    expect(deeds()).toEqual(BACK);
    expect([...there]).toEqual([expect.stringMatching(/^\/data\/\.watchdog-failed-restore-/)]);
  });

  test('taken twice does not take the old content for the new one', async () => {
    await strategy().undo?.(done, signal);
    engine.calls.length = 0;

    await strategy().undo?.(done, signal);

    expect(deeds()).toEqual([
      'remove shop-db-1-watchdog-helper',
      'stop shop-db-1',
      'help test',
      'help test',
      'start shop-db-1',
    ]);
  });

  test('moves nothing of the old content away where nothing was unpacked yet', async () => {
    await strategy().undo?.(upTo(done, 'aside'), signal);

    expect(deeds()).toEqual([
      'remove shop-db-1-watchdog-helper',
      'stop shop-db-1',
      'help test',
      'help find',
      'help find',
      'help rmdir',
      'start shop-db-1',
    ]);
  });

  test('after a crash is the same while the backup was not in place yet', async () => {
    await strategy().recover?.(upTo(done, 'unpack'), signal, unread);

    expect(deeds()).toEqual(BACK);
  });

  test('after a crash is not taken once it was', async () => {
    expect(await strategy().recover?.(done, signal, unread)).toBe(
      'the backup is in place, and the container is started',
    );

    expect(deeds()).toEqual(['start shop-db-1']);
  });

  test('is none where nothing was begun', async () => {
    expect(await strategy().undo?.([], signal)).toBeUndefined();
    expect(await strategy().recover?.([], signal, unread)).toBe('nothing had been done yet');
    expect(deeds()).toEqual([]);
  });
});

describe('backup-volume', () => {
  const apply = async (told: Record<string, string> = {}) => {
    const job = await work(told);
    await backupVolume({ backups }).apply(job);
    return job;
  };

  test('keeps every volume that the container can write to, and says while it ran', async () => {
    setMounts('shop-db-1', [
      DATA,
      { ...DATA, target: '/ro', writable: false },
      { ...DATA, target: '/host', type: 'bind' },
    ]);

    const { steps } = await apply();

    expect(stepNames(steps)).toEqual(['backup', 'kept']);
    expect((await store.list())[0]).toMatchObject({ target: '/data', whileRunning: true });
  });

  test('of a path that is no volume is refused, with what there is', async () => {
    await expect(apply({ path: '/logs' })).rejects.toThrow(
      'shop-db-1 has no volume that it can write to at /logs; it has /data',
    );
  });

  test('of a container that stands still says so', async () => {
    engine.stopByHand('shop-db-1');

    await apply();

    expect((await store.list())[0]).toMatchObject({ whileRunning: false });
  });
});
