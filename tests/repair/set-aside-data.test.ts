import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JournalStep, Order } from '../../watchdog/domain/repair.ts';
import { setAsideData } from '../../watchdog/repair/set-aside-data.ts';
import { unread } from '../fakes/a-work.ts';
import { FilesAtRest, upTo } from '../fakes/files-at-rest.ts';

// What `find` and `mv` really do with a folder is shown by tests/engine/backups.test.ts, which moves in the same way.

const signal = new AbortController().signal;
const STAT = 'stat -c %u:%g %F %n /data';
const FIND = 'find /data/index -mindepth 1 -maxdepth 1 ! -name .watchdog-*';

let folder: string;
let files: FilesAtRest;
/** What stands in the mount, besides what the other answers say. */
let there: Set<string>;
/** What a listing finds right in the folder. */
let inside: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-aside-'));
  files = new FilesAtRest(folder);
  there = new Set();
  inside = '/data/index/a\n/data/index/b\n';
  files.says.set(STAT, { said: '0:0 directory /data\n999:999 directory /data/index\n' });
  files.says.set('find', () => ({ said: inside }));
  files.says.set(`${FIND} -exec`, () => {
    inside = '';
    return {};
  });
  const { helper } = files.engine;
  files.engine.helper = async each => {
    const [program, , path = ''] = each.argv;
    return program === 'test' ? { exitCode: there.has(path) ? 0 : 1, said: '' } : await helper(each);
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

const apply = async (order: Partial<Order> = { with: { path: '/data/index' } }) => {
  const job = await files.work(order);
  await setAsideData(files.needs).apply(job);
  return job;
};
const moves = () => files.deeds.filter(call => /^help (find .* -exec mv|mv|mkdir|rmdir)/.test(call));
const aside = async () => `/data/.watchdog-data-${(await files.store.list())[0]?.id}`;

describe('set-aside-data', () => {
  test('takes a backup, moves all that is in the folder aside, and starts; each step is journaled before it is taken', async () => {
    const { steps } = await apply();

    const at = await aside();
    expect(files.deeds).toEqual([
      `help ${STAT} /data/index`,
      `help ${FIND}`,
      'stop shop-db-1',
      `help ${STAT} /data/index`,
      `help ${FIND}`,
      `help mkdir -m 0700 ${at}.part`,
      `help ${FIND} -exec mv -n {} ${at}.part/ ;`,
      `help ${FIND}`,
      `help mv ${at}.part ${at}`,
      'start shop-db-1',
    ]);
    expect(steps.map(({ step }) => step)).toEqual(['stop', 'found', 'kept', 'change', 'start']);
    expect(steps[1]?.data).toEqual({
      path: '/data/index',
      kind: 'folder',
      entries: 2,
      among: '/data/index/a, /data/index/b',
    });
  });

  test('moves a file', async () => {
    files.says.set(STAT, { said: '0:0 directory /data\n0:0 regular file /data/queue.db\n' });

    await apply({ with: { path: '/data/queue.db' } });

    expect(moves()).toEqual([
      `help mkdir -p -m 0700 ${await aside()}`,
      `help mv -n /data/queue.db ${await aside()}/queue.db`,
    ]);
  });

  test('says what it would move', async () => {
    expect(await setAsideData(files.needs).foresee?.(await files.work({ with: { path: '/data/index' } }))).toBe(
      'path=/data/index, kind=folder, entries=2, among=/data/index/a, /data/index/b',
    );
  });

  test.each<{ why: string; path?: string; stat?: string; within?: string; says: string }>([
    { why: 'nobody says what', says: 'has to be told what' },
    { why: 'it is on no mount', path: '/etc/app', says: 'has no volume or folder' },
    { why: 'it leads out of the mount', path: '/data/./x', says: 'expected a whole path' },
    { why: 'it was set aside before', path: '/data/.watchdog-data-1', says: 'was set aside before' },
    { why: 'nothing is there', path: '/data/index', stat: '0:0 directory /data\n', says: 'nothing is at /data/index' },
    { why: 'nothing is in it', path: '/data/index', within: '', says: 'nothing is in /data/index' },
    {
      why: 'it is a link',
      path: '/data/index',
      stat: '0:0 directory /data\n0:0 symbolic link /data/index\n',
      says: '/data/index is a symbolic link: only files and folders are set aside',
    },
    {
      why: 'a link leads there',
      path: '/data/index/deep',
      stat: '0:0 directory /data\n0:0 symbolic link /data/index\n0:0 regular file /data/index/deep\n',
      says: '/data/index is a symbolic link',
    },
  ])('touches nothing where $why', async ({ path, stat, within, says }) => {
    if (stat !== undefined) files.says.set(STAT, { said: stat });
    inside = within ?? inside;
    // Whatever a log names.
    const captures = { path: '/data/index' };
    const error = { captures } as unknown as NonNullable<Order['error']>;

    await expect(apply({ with: path === undefined ? {} : { path }, error })).rejects.toThrow(says);

    expect(files.engine.count('stop')).toBe(0);
  });

  test('says so where not all could be moved, and starts nothing', async () => {
    files.says.set(`${FIND} -exec`, {});

    await expect(apply()).rejects.toThrow('not all of /data/index could be moved');

    expect(files.engine.count('start')).toBe(0);
  });
});

describe('the way back', () => {
  let done: readonly JournalStep[];
  let at: string;
  beforeEach(async () => {
    done = (await apply()).steps;
    at = await aside();
    files.engine.calls.length = 0;
    inside = '';
  });
  const undo = () => setAsideData(files.needs).undo?.(done, signal);
  const allFrom = (from: string, to: string) =>
    `help find ${from} -mindepth 1 -maxdepth 1${from === '/data/index' ? ' ! -name .watchdog-*' : ''} -exec mv -n {} ${to}/ ;`;

  test('keeps what was written since beside it, and puts the old content back', async () => {
    there.add(at);

    expect(await undo()).toBe('what was at /data/index is there again; the container is started again');

    expect(moves()).toEqual([
      `help mkdir -p -m 0700 ${at}.since.part`,
      allFrom('/data/index', `${at}.since.part`),
      `help mv ${at}.since.part ${at}.since`,
      allFrom(at, '/data/index'),
      `help rmdir ${at}`,
    ]);
  });

  test('does not take the old content for what was written since, when it is taken twice', async () => {
    for (const path of [at, `${at}.since`]) there.add(path);

    await undo();

    expect(moves()).toEqual([allFrom(at, '/data/index'), `help rmdir ${at}`]);
  });

  test('puts back what was moved by half', async () => {
    there.add(`${at}.part`);

    await undo();

    expect(moves()).toEqual([allFrom(`${at}.part`, '/data/index'), `help rmdir ${at}.part`]);
  });

  test('moves nothing where nothing was moved', async () => {
    await undo();

    expect(moves()).toEqual([]);
  });

  test('after a crash is taken while it was not started, and not afterwards', async () => {
    const { recover } = setAsideData(files.needs);

    expect(await recover?.(upTo(done, 'change'), signal, unread)).toMatch(/is there again/);
    expect(await recover?.(done, signal, unread)).toBe('what was there is set aside, and the container is started');
  });
});

test('the way back of a file keeps the one that was written since beside it', async () => {
  files.says.set(STAT, { said: '0:0 directory /data\n0:0 regular empty file /data/queue.db\n' });
  const { steps } = await apply({ with: { path: '/data/queue.db' } });
  const old = `${await aside()}/queue.db`;
  for (const path of [old, '/data/queue.db']) there.add(path);
  files.engine.calls.length = 0;

  await setAsideData(files.needs).undo?.(steps, signal);

  expect(moves()).toEqual([`help mv -n /data/queue.db ${old}.since`, `help mv -n ${old} /data/queue.db`]);
});
