import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JournalStep } from '../../watchdog/domain/repair.ts';
import { setAsideRdb } from '../../watchdog/repair/set-aside-rdb.ts';
import { unread } from '../fakes/a-work.ts';
import { FilesAtRest, upTo } from '../fakes/files-at-rest.ts';

// What redis-check-rdb and the files really do is shown by tests/engine/redis.test.ts.

const signal = new AbortController().signal;
const RDB = '/data/dump.rdb';
const FIND = 'find /data -maxdepth 3 -type f';
const FAULT =
  '[offset 0] Checking RDB file dump.rdb\n--- RDB ERROR DETECTED ---\n[offset 303] Invalid object type: 88\n';

let folder: string;
let files: FilesAtRest;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-rdb-'));
  files = new FilesAtRest(folder);
  files.says.set(FIND, { said: `${RDB}\n/data/appendonlydir/appendonly.aof.1.base.rdb\n` });
  files.says.set('redis-check-rdb', { exitCode: 1, said: FAULT });
});
afterEach(() => rmSync(folder, { recursive: true }));

const apply = async () => {
  const job = await files.work();
  await setAsideRdb(files.needs).apply(job);
  return job;
};
const moves = () => files.deeds.filter(call => call.startsWith('help mv'));
const aside = async () => `/data/.watchdog-rdb-${(await files.store.list())[0]?.id}`;

describe('set-aside-rdb', () => {
  test('checks, takes a backup, moves the snapshot into a folder, and starts; each step is journaled before it is taken', async () => {
    const { steps } = await apply();

    expect(files.deeds).toEqual([
      `help ${FIND} ( -name *.rdb ) ! -path */.watchdog-* ! -name temp-*`,
      'stop shop-db-1',
      `help redis-check-rdb ${RDB}`,
      `help mkdir -p -m 0700 ${await aside()}`,
      `help mv -n ${RDB} ${await aside()}/dump.rdb`,
      'start shop-db-1',
    ]);
    expect(steps.map(({ step }) => step)).toEqual(['stop', 'found', 'kept', 'change', 'start']);
    expect(steps[1]?.data).toEqual({ file: RDB, says: 'Invalid object type: 88' });
  });

  test('moves one of a version that this Redis cannot read', async () => {
    files.says.set('redis-check-rdb', {
      exitCode: 1,
      said: "--- RDB ERROR DETECTED ---\n[offset 9] Can't handle RDB format version 99\n",
    });

    const { steps } = await apply();

    expect(steps[1]?.data.says).toBe("Can't handle RDB format version 99");
  });

  test.each([
    { why: 'nothing is wrong with it', exitCode: 0, said: '\\o/ RDB looks OK! \\o/', says: 'finds nothing wrong' },
    {
      why: 'there is no redis-check-rdb',
      exitCode: 127,
      said: 'not found',
      says: 'cannot be told: redis-check-rdb says not found',
    },
  ])('moves nothing where $why', async ({ exitCode, said, says }) => {
    files.says.set('redis-check-rdb', { exitCode, said });

    await expect(apply()).rejects.toThrow(says);

    expect(moves()).toEqual([]);
  });

  test.each([
    { which: 'none but the base of an append-only file', said: '/data/appendonlydir/x.1.base.rdb\n', found: 'none' },
    { which: 'several', said: '/data/a.rdb\n/data/b.rdb\n', found: '/data/a.rdb, /data/b.rdb' },
  ])('touches nothing where there is $which', async ({ said, found }) => {
    files.says.set(FIND, { said });

    await expect(apply()).rejects.toThrow(`the snapshot of shop-db-1: found ${found}, expected one`);

    expect(files.engine.count('stop')).toBe(0);
  });
});

describe('the way back', () => {
  let done: readonly JournalStep[];
  let there: Set<string>;
  beforeEach(async () => {
    done = (await apply()).steps;
    there = new Set([`${await aside()}/dump.rdb`]);
    const isThere = (path: string) => () => ({ exitCode: there.has(path) ? 0 : 1 });
    for (const path of [RDB, `${await aside()}/dump.rdb`]) files.says.set(`test -e ${path}`, isThere(path));
    files.engine.calls.length = 0;
  });
  const undo = (steps = done) => setAsideRdb(files.needs).undo?.(steps, signal);

  test('puts the snapshot back', async () => {
    expect(await undo()).toBe(`${RDB} is where it was; the container is started again`);

    expect(moves()).toEqual([`help mv -n ${await aside()}/dump.rdb ${RDB}`]);
  });

  test('keeps the one that Redis has written since beside it', async () => {
    there.add(RDB);

    await undo();

    expect(moves()).toEqual([
      `help mv -n ${RDB} ${await aside()}/dump.rdb.since`,
      `help mv -n ${await aside()}/dump.rdb ${RDB}`,
    ]);
  });

  test('taken twice, or where nothing was moved yet, moves nothing', async () => {
    there.clear();
    there.add(RDB);

    await undo();

    expect(moves()).toEqual([]);
  });

  test('after a crash is taken while it was not started, and not afterwards', async () => {
    expect(await setAsideRdb(files.needs).recover?.(upTo(done, 'change'), signal, unread)).toMatch(/is where it was/);
    expect(await setAsideRdb(files.needs).recover?.(done, signal, unread)).toBe(
      'the snapshot is set aside, and the container is started',
    );
  });
});
