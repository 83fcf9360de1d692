import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Helper } from '../../watchdog/adapters/docker/docker.ts';
import type { Told } from '../../watchdog/domain/playbook.ts';
import type { JournalStep } from '../../watchdog/domain/repair.ts';
import { minutes } from '../../watchdog/domain/time.ts';
import { runHelper } from '../../watchdog/repair/run-helper.ts';
import { FakeClock, settled } from '../fakes/fake-clock.ts';
import { DATA, FilesAtRest, upTo } from '../fakes/files-at-rest.ts';

// What is moved and unpacked is shown on a real engine by tests/engine/backups.test.ts.

const signal = new AbortController().signal;
const CHECK = ['pg_checksums', '--enable', '--pgdata', '/data'];

let folder: string;
let clock: FakeClock;
let files: FilesAtRest;
let helpers: Helper[];
/** What stands in the mount. */
let there: Set<string>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-helper-'));
  clock = new FakeClock();
  files = new FilesAtRest(folder);
  helpers = [];
  there = new Set();
  const { helper } = files.engine;
  files.engine.helper = async each => {
    helpers.push(each);
    const [program, from = '', to = ''] = each.argv;
    if (program === 'test') return { exitCode: there.has(to) ? 0 : 1, said: '' };
    if (program === 'mv' && there.delete(from)) there.add(to);
    if (program === 'mkdir') there.add(each.argv.at(-1) ?? '');
    return await helper(each);
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

const strategy = () => runHelper({ ...files.needs, docker: files.engine.docker, clock });
async function apply(told: Told = { argv: CHECK, user: 'postgres', timeout: '5m' }) {
  const job = await files.work({ with: told });
  await strategy().apply(job);
  return job;
}
const aside = async () => `/data/.watchdog-after-helper-${(await files.store.list())[0]?.id}`;

describe('run-helper', () => {
  test('stops the container, takes a backup, runs the words on the mount, and starts it; each step is journaled before', async () => {
    files.says.set('pg_checksums', { said: 'Checksum operation completed\n' });

    const { steps } = await apply();

    expect(files.deeds).toEqual(['stop shop-db-1', `help ${CHECK.join(' ')}`, 'start shop-db-1']);
    expect(helpers).toEqual([
      expect.objectContaining({ argv: CHECK, user: 'postgres', target: '/data', writable: true }),
    ]);
    expect(steps.map(({ step }) => step)).toEqual(['stop', 'found', 'kept', 'change', 'said', 'start']);
    expect(steps[1]?.data).toEqual({
      command: CHECK.join(' '),
      user: 'postgres',
      mount: '/data of shop_data',
      timeout: '5m',
    });
    expect(steps[4]?.data).toEqual({ exitCode: 0, output: 'Checksum operation completed\n' });
    expect(await files.store.list()).toHaveLength(1);
  });

  test('says what it would run, on what and as whom, and touches nothing for that', async () => {
    const told = { argv: ['app', '--password', 'hunter2'] };

    expect(await strategy().foresee?.(await files.work({ with: told }))).toBe(
      'command=app --password ***, user=root, mount=/data of shop_data, timeout=30s',
    );
    expect(files.deeds).toEqual([]);
  });

  test('has failed when the command says so, in its own words without secrets', async () => {
    files.says.set('pg_checksums', { exitCode: 1, said: `${'x'.repeat(5_000)} cannot: token=abc\n` });
    const job = await files.work({ with: { argv: CHECK } });

    await expect(strategy().apply(job)).rejects.toThrow(
      /^pg_checksums on \/data ended with 1: x+ cannot: token=\*\*\*$/,
    );

    expect(String(job.steps.at(-1)?.data.output)).toHaveLength(4_096);
    expect(files.engine.count('start')).toBe(0);
  });

  test('ends a command that takes too long', async () => {
    files.engine.helper = () => new Promise(() => undefined);
    const job = await files.work({ with: { argv: CHECK, timeout: '2m' } });
    const help = files.engine.docker.help;
    const docker = {
      ...files.engine.docker,
      help: (helper: Helper, abort?: AbortSignal) =>
        Promise.race([
          help(helper, abort),
          new Promise<never>((_, reject) => abort?.addEventListener('abort', () => reject(new Error('removed')))),
        ]),
    };
    const applied = runHelper({ ...files.needs, docker, clock }).apply(job);
    const outcome = expect(applied).rejects.toThrow('pg_checksums on /data has not ended within 2m, and was ended');
    while (!job.steps.some(({ step }) => step === 'change')) await settled();
    await settled();

    await clock.advance(minutes(2));

    await outcome;
  });

  test.each<[string, Told, string]>([
    ['no command', {}, 'run-helper: found nothing for argv, expected a list of at most 100 strings'],
    ['one string', { argv: 'rm -rf /data' }, 'found "rm -rf /data" for argv'],
    ['half a path', { argv: CHECK, path: 'data' }, 'found "data" for path, expected a whole path in the container'],
    ['a user that is none', { argv: CHECK, user: 'a b' }, 'found "a b" for user, expected a user of the image'],
    ['something else', { argv: CHECK, image: 'x' }, 'found an unknown parameter for image'],
    ['a place that it has not', { argv: CHECK, path: '/etc' }, 'has no volume or folder that it can write to at /etc'],
  ])('told %s touches nothing', async (_sentence, told, says) => {
    await expect(apply(told)).rejects.toThrow(says);

    expect(files.deeds).toEqual([]);
  });

  test('leaves the folders of the host’s system alone', async () => {
    files.mount({ ...DATA, type: 'bind', source: '/etc/app' });

    await expect(apply()).rejects.toThrow("/etc/app is a folder of the host's system");

    expect(files.deeds).toEqual([]);
  });
});

describe('the way back', () => {
  let done: readonly JournalStep[];
  let at: string;
  beforeEach(async () => {
    done = (await apply()).steps;
    at = await aside();
    files.engine.calls.length = 0;
  });
  const undo = (steps = done) => strategy().undo?.(steps, signal);
  const moved = (to: string) => `help find /data -mindepth 1 -maxdepth 1 ! -name .watchdog-* -exec mv -n {} ${to}/ ;`;
  const changes = () => files.deeds.filter(call => !/^help (test|find .*\*$)/.test(call));

  test('moves what the command has left aside, and puts the backup there', async () => {
    expect(await undo()).toBe(
      `what was on /data before is in its place again, and what the command has left lies in ${at}; the container is started again`,
    );

    expect(changes()).toEqual([
      'remove shop-db-1-watchdog-helper',
      'stop shop-db-1',
      `help mkdir -p -m 0700 ${at}.part`,
      moved(`${at}.part`),
      `help mv ${at}.part ${at}.moved`,
      'unpack shop-db-1',
      `help mv ${at}.moved ${at}`,
      'start shop-db-1',
    ]);
  });

  test('goes on where it was interrupted: what was unpacked by half is not moved, but unpacked again', async () => {
    there.add(`${at}.moved`);

    await undo();

    expect(changes().filter(call => /mv|unpack/.test(call))).toEqual(['unpack shop-db-1', `help mv ${at}.moved ${at}`]);
  });

  test('taken a second time leaves what was written since', async () => {
    await undo();
    files.engine.calls.length = 0;

    await undo();

    expect(changes().filter(call => /mv|unpack/.test(call))).toEqual([]);
  });

  test('says so where the backup is gone, and lets the service run', async () => {
    await files.store.keepOnly(0);

    expect(await undo()).toMatch(/^what the command did stays: backup .* is gone; the container is started again$/);

    expect(changes().filter(call => /mv|unpack/.test(call))).toEqual([]);
  });

  test('after a crash in the middle of the command is taken; after its end the container is started', async () => {
    expect(await strategy().recover?.(upTo(done, 'change'), signal, () => undefined)).toMatch(
      /^what was on \/data before/,
    );
    expect(await strategy().recover?.(done, signal, () => undefined)).toBe(
      'the command has run to its end, and the container is started',
    );
  });
});
