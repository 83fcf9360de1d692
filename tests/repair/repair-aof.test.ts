import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JournalStep } from '../../watchdog/domain/repair.ts';
import { cutAof, repairAof } from '../../watchdog/repair/repair-aof.ts';
import { unread } from '../fakes/a-work.ts';
import { DATA, FilesAtRest, upTo } from '../fakes/files-at-rest.ts';

// What redis-check-aof and the files really do is shown by tests/engine/redis.test.ts.

const signal = new AbortController().signal;
const FOLDER = '/data/appendonlydir';
const MANIFEST = `${FOLDER}/appendonly.aof.manifest`;
const LAST = `${FOLDER}/appendonly.aof.2.incr.aof`;
const IN_MANIFEST = `file appendonly.aof.1.base.rdb seq 1 type b
file appendonly.aof.0.incr.aof seq 0 type h
file appendonly.aof.1.incr.aof seq 1 type i startoffset 0
file appendonly.aof.2.incr.aof seq 2 type i
`;
const FIND = 'find /data -maxdepth 3 -type f';

let folder: string;
let files: FilesAtRest;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-aof-'));
  files = new FilesAtRest(folder);
  files.says.set(FIND, { said: `${MANIFEST}\n${FOLDER}/appendonly.aof.1.incr.aof\n${LAST}\n` });
  files.says.set('cat', { said: IN_MANIFEST });
  damaged(28);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As Redis 8 says it, of a last file of 6,402 bytes; cutting it mends it. */
function damaged(loses: number, name = 'appendonly.aof.2.incr.aof', checked = MANIFEST): void {
  files.says.set(`redis-check-aof ${checked}`, () => {
    if (files.deeds.some(call => call.startsWith('help truncate')))
      return { said: 'All AOF files and manifest are valid' };
    const said = `BASE AOF appendonly.aof.1.base.rdb is valid
AOF analyzed: filename=appendonly.aof.1.base.rdb, size=88, ok_up_to=88, ok_up_to_line=1, diff=0
AOF analyzed: filename=appendonly.aof.1.incr.aof, size=510, ok_up_to=510, ok_up_to_line=99, diff=0
0x            1901: Expected to read 6 bytes, got 1 bytes
AOF analyzed: filename=${name}, size=6402, ok_up_to=${6402 - loses}, ok_up_to_line=1405, diff=${loses}
AOF ${name} is not valid. Use the --fix option to try fixing it.
`;
    return { exitCode: 1, said };
  });
}

const repair = async (told: Record<string, string | number> = {}, strategy = repairAof(files.needs)) => {
  const job = await files.work({ with: told });
  await strategy.apply(job);
  return job;
};
const cuts = () => files.deeds.filter(call => call.startsWith('help truncate'));

describe('repair-aof', () => {
  test('checks, takes a backup and a copy, cuts, checks again, and starts; each step is journaled before it is taken', async () => {
    const { steps } = await repair();

    const [backup] = await files.store.list();
    const copy = `/data/.watchdog-aof-${backup?.id}`;
    expect(files.deeds).toEqual([
      `help ${FIND} ( -name *.manifest -o -name *.aof ) ! -path */.watchdog-* ! -name temp-*`,
      'stop shop-db-1',
      `help redis-check-aof ${MANIFEST}`,
      `help cat ${MANIFEST}`,
      `help mkdir -p -m 0700 ${copy}`,
      `help cp -p ${LAST} ${copy}/appendonly.aof.2.incr.aof`,
      `help truncate -s 6374 ${LAST}`,
      `help redis-check-aof ${MANIFEST}`,
      'start shop-db-1',
    ]);
    expect(steps.map(({ step }) => step)).toEqual(['stop', 'found', 'kept', 'change', 'start']);
    expect(steps[1]?.data).toEqual({ checked: MANIFEST, file: LAST, size: 6402, keeps: 6374, loses: 28, whole: 7_000 });
    expect(backup).toMatchObject({ whileRunning: false });
  });

  test('cuts the single file of a Redis before 7, as its redis-check-aof speaks of it', async () => {
    files.says.set(FIND, { said: '/data/appendonly.aof\n' });
    const said =
      'AOF analyzed: size=7000, ok_up_to=6900, diff=100\nAOF is not valid. Use the --fix option to try fixing it.\n';
    files.says.set('redis-check-aof', () => (cuts().length > 0 ? { said: 'AOF is valid' } : { exitCode: 1, said }));

    await repair();

    expect(cuts()).toEqual(['help truncate -s 6900 /data/appendonly.aof']);
  });

  test('cuts the file that the playbook names', async () => {
    damaged(28, '/data/other.aof', '/data/other.aof');

    await repair({ path: '/data/other.aof' });

    expect(cuts()).toEqual(['help truncate -s 6374 /data/other.aof']);
  });

  test.each([
    {
      sentence: 'a page of the kernel',
      told: {},
      loses: 4_097,
      says: /4097 of 7000 bytes would be lost.*up to byte 2305 only/,
    },
    { sentence: 'a tenth of all of it', told: { limit: 100_000 }, loses: 701, says: /701 of 7000 bytes would be lost/ },
    { sentence: 'what the playbook allows', told: { limit: 27 }, loses: 28, says: /Allowed are 27 bytes/ },
    { sentence: 'nothing, where that is what it allows', told: { limit: 0 }, loses: 1, says: /Allowed are 0 bytes/ },
  ])('cuts nothing where more would be lost than $sentence', async ({ told, loses, says }) => {
    damaged(loses);

    await expect(repair(told)).rejects.toThrow(says);

    expect(cuts()).toEqual([]);
    expect(await files.store.list()).toEqual([]);
  });

  test('cuts as much as a tenth of it', async () => {
    damaged(700);

    await repair();

    expect(cuts()).toEqual([`help truncate -s 5702 ${LAST}`]);
  });

  test('cuts nothing where the limit is no number', async () => {
    await expect(repair({ limit: 'all' })).rejects.toThrow('found all, expected a number of bytes');

    expect(cuts()).toEqual([]);
  });

  test.each([
    {
      why: 'nothing is wrong with it',
      said: 'All AOF files and manifest are valid',
      exitCode: 0,
      says: /finds nothing wrong/,
    },
    {
      why: 'the base is damaged',
      said: 'RDB preamble of AOF file is not sane, aborting.',
      exitCode: 1,
      says: /cannot be mended by cutting it.*not sane/,
    },
    { why: 'there is no redis-check-aof', said: '', exitCode: 127, says: /says nothing/ },
  ])('cuts nothing where $why, and starts it again', async ({ said, exitCode, says }) => {
    files.says.set(`redis-check-aof ${MANIFEST}`, { exitCode, said });
    const job = await files.work();

    await expect(repairAof(files.needs).apply(job)).rejects.toThrow(says);

    expect(await repairAof(files.needs).undo?.(job.steps, signal)).toBe('the container is started again');
    expect(cuts()).toEqual([]);
  });

  test('cuts no file after which others are loaded', async () => {
    damaged(28, 'appendonly.aof.1.incr.aof');

    await expect(repair()).rejects.toThrow(/1\.incr\.aof is damaged, and others are loaded after it/);

    expect(cuts()).toEqual([]);
  });

  test.each([
    { which: 'none', said: '', found: 'found none' },
    { which: 'several', said: '/data/a.aof\n/data/b.aof\n', found: 'found /data/a.aof, /data/b.aof' },
  ])('touches nothing where there is $which', async ({ said, found }) => {
    files.says.set(FIND, { said });

    await expect(repair()).rejects.toThrow(`the append-only file of shop-db-1: ${found}, expected one`);

    expect(files.engine.count('stop')).toBe(0);
  });

  test('seeks on every mount that the container can write to', async () => {
    files.mount({ ...DATA, source: 'shop_logs', target: '/logs' }, { ...DATA, target: '/ro', writable: false }, DATA);

    await repair();

    expect(cuts()).toHaveLength(1);
    expect(files.deeds.filter(call => call.startsWith('help find'))).toHaveLength(2);
  });

  test('goes no further while another container that runs has the mount', async () => {
    files.engine.up({ service: 'reader' });
    for (const reader of files.engine.containersOf('reader')) reader.howMade = { mounts: [DATA] };

    await expect(repair()).rejects.toThrow('the volume shop_data is in use by shop-reader-1');

    expect(cuts()).toEqual([]);
  });

  test('says so where it is damaged still', async () => {
    files.says.set(`redis-check-aof ${MANIFEST}`, {
      exitCode: 1,
      said: 'AOF analyzed: filename=appendonly.aof.2.incr.aof, size=9, ok_up_to=8, diff=1\nstill not valid\n',
    });

    await expect(repair({}, cutAof(files.needs))).rejects.toThrow(
      /is damaged still: redis-check-aof says still not valid/,
    );
  });
});

describe('cut-aof', () => {
  test('cuts however much is lost', async () => {
    damaged(6_402);

    await repair({}, cutAof(files.needs));

    expect(cuts()).toEqual([`help truncate -s 0 ${LAST}`]);
    expect(cutAof(files.needs).danger).toBe('data');
  });
});

describe('what is foreseen', () => {
  const foresee = async (strategy = repairAof(files.needs)) => await strategy.foresee?.(await files.work());

  test('is how much would be lost, while nothing is stopped or changed', async () => {
    expect(await foresee(cutAof(files.needs))).toBe(
      `checked=${MANIFEST}, file=${LAST}, size=6402, keeps=6374, loses=28, whole=7000`,
    );

    expect(files.deeds).toHaveLength(3);
    expect(files.deeds).toEqual(files.deeds.filter(call => /^help (find|redis-check-aof|cat)/.test(call)));
  });

  test('is why it would be refused', async () => {
    damaged(6_402);

    await expect(foresee()).rejects.toThrow(/6402 of 7000 bytes would be lost/);
  });
});

describe('the way back', () => {
  let done: readonly JournalStep[];
  let copy: string;
  beforeEach(async () => {
    done = (await repair()).steps;
    copy = `/data/.watchdog-aof-${(await files.store.list())[0]?.id}/appendonly.aof.2.incr.aof`;
    files.engine.calls.length = 0;
  });
  const undo = (steps = done) => repairAof(files.needs).undo?.(steps, signal);

  test('puts the file back as long as nobody has written to it since', async () => {
    files.says.set('stat', { said: '6374\n' });

    expect(await undo()).toBe(`${LAST} is as it was; the container is started again`);

    expect(files.deeds).toEqual([
      'remove shop-db-1-watchdog-helper',
      'stop shop-db-1',
      `help stat -c %s ${LAST}`,
      `help cp -p ${copy} ${LAST}`,
      'start shop-db-1',
    ]);
  });

  test('taken twice, or where nothing was cut yet, leaves the file as it is', async () => {
    files.says.set('stat', { said: '6402\n' });

    expect(await undo()).toMatch(/is as it was/);

    expect(files.deeds).not.toContainEqual(expect.stringMatching(/help cp/));
  });

  test('leaves what Redis has written since', async () => {
    files.says.set('stat', { said: '6500\n' });

    expect(await undo()).toBe(
      `${LAST} stays cut, because Redis has written to it since; what it was lies in ${copy}; the container is started again`,
    );

    expect(files.deeds).not.toContainEqual(expect.stringMatching(/help cp/));
  });

  test('after a crash is taken while it was not cut to the end, and not afterwards', async () => {
    files.says.set('stat', { said: '6374\n' });

    expect(await repairAof(files.needs).recover?.(upTo(done, 'change'), signal, unread)).toMatch(/is as it was/);
    expect(await repairAof(files.needs).recover?.(done, signal, unread)).toBe(
      'the append-only file is cut behind its last whole command, and the container is started',
    );
    expect(await repairAof(files.needs).recover?.([], signal, unread)).toBe('nothing had been done yet');
  });
});
