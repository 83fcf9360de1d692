import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Helper } from '../../watchdog/adapters/docker/docker.ts';
import type { Mounted } from '../../watchdog/domain/making.ts';
import type { JournalStep, Order } from '../../watchdog/domain/repair.ts';
import { createMissingPath } from '../../watchdog/repair/create-missing-path.ts';
import { unread } from '../fakes/a-work.ts';
import { FilesAtRest, upTo } from '../fakes/files-at-rest.ts';

// What an engine really does with a folder that is missing is shown by tests/engine/never-started.test.ts.

const signal = new AbortController().signal;
const SHOP: Mounted = { type: 'bind', source: '/srv/shop/data', target: '/data', anonymous: false, writable: true };

let folder: string;
let files: FilesAtRest;
let strategy: ReturnType<typeof createMissingPath>;
let helpers: Helper[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-missing-'));
  files = new FilesAtRest(folder);
  strategy = createMissingPath({ ...files.needs, docker: files.engine.docker });
  helpers = [];
  const { helper } = files.engine;
  files.engine.helper = async each => {
    helpers.push(each);
    return await helper(each);
  };
  files.says.set('id', { said: 'uid=999(redis) gid=998(redis)\n' });
});
afterEach(() => rmSync(folder, { recursive: true }));

const captured = (captures: Record<string, string>): Partial<Order> => ({
  error: {
    type: 'VOLUME_MOUNT_ERROR',
    severity: 'critical',
    tier: 'certain',
    pattern: 'bind-source-missing',
    captures,
    sample: 'missing',
    elseWell: false,
  },
});
const inspect = (deeds: readonly string[]) => deeds.filter(call => !call.startsWith('isOnHost'));

describe('create-missing-path, of a folder of the host', () => {
  beforeEach(async () => {
    files.mount(SHOP);
    files.engine.missing.add(SHOP.source);
    files.says.set('stat -L -c %F', { said: 'directory\n' });
    files.engine.crash('shop-db-1');
  });
  const work = (order: Partial<Order> = {}) => files.work({ danger: 'host', ...order });

  test('says to the letter what it would make', async () => {
    expect(await strategy.foresee?.(await work())).toBe(
      'makes on the host /srv/shop/data for /data (of what is above it /srv/shop is there), empty, of 999:998, mode 755; is there no disk that belongs there?',
    );
    expect(files.engine.count('start')).toBe(0);
  });

  test('has the engine make it, gives it to the user of the image, and starts; the step is journaled before it is taken', async () => {
    const job = await work();

    await strategy.apply(job);

    expect(inspect(files.deeds)).toEqual([
      'help stat -L -c %F /data',
      'help id',
      'help chown 999:998 /data',
      'start shop-db-1',
    ]);
    expect(helpers.map(({ source, target }) => [source, target])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [SHOP.source, '/data'],
    ]);
    expect(job.steps.map(({ step }) => step)).toEqual(['make', 'start']);
    expect(job.steps[0]?.data).toMatchObject({ source: SHOP.source, for: '/data', uid: 999, gid: 998 });
  });

  test('makes all that are missing', async () => {
    const other = { ...SHOP, source: '/srv/shop/logs', target: '/logs' };
    files.mount(SHOP, { ...SHOP, source: '/srv/there', target: '/there' }, other);
    files.engine.missing.add(other.source);

    await strategy.apply(await work());

    expect(helpers.filter(({ source }) => source !== undefined).map(({ source }) => source)).toEqual([
      SHOP.source,
      other.source,
    ]);
  });

  test('only starts the container where somebody has made it meanwhile', async () => {
    files.engine.missing.clear();
    const job = await work(captured({ path: SHOP.source }));

    expect(await strategy.foresee?.(job)).toBe('/srv/shop/data is there by now; starts the container');
    await strategy.apply(job);

    expect(inspect(files.deeds)).toEqual(['start shop-db-1']);
  });

  test.each<{ why: string; mount?: Partial<Mounted>; order?: Partial<Order>; image?: string; says: string }>([
    { why: 'its rung does not say danger: host', order: { danger: 'data' }, says: 'the rung has to say danger: host' },
    { why: 'it is mounted read-only', mount: { writable: false }, says: 'what belongs in it has to be put back' },
    { why: "it belongs to the host's system", mount: { source: '/etc/shop/x' }, says: "a folder of the host's system" },
    { why: 'it lies right under /', mount: { source: '/shop' }, says: "a folder of the host's system" },
    { why: 'it has a colon', mount: { source: '/srv/a:ro' }, says: 'make it by hand' },
    {
      why: 'a file is meant',
      image: 'regular file',
      says: 'the image has a regular file at /data, so no folder is meant',
    },
    { why: 'it is no plain path', mount: { source: '/srv/shop/../../etc' }, says: 'expected a whole path' },
  ])('makes nothing where $why', async ({ mount, order, image, says }) => {
    files.mount({ ...SHOP, ...mount });
    files.engine.missing.add(mount?.source ?? SHOP.source);
    if (image !== undefined) files.says.set('stat -L -c %F', { said: `${image}\n` });
    const job = await work(order);

    await expect(strategy.apply(job)).rejects.toThrow(says);

    expect(job.steps).toEqual([]);
    expect(files.engine.count('start')).toBe(0);
  });

  test('makes nothing where nothing above it is there either', async () => {
    for (const path of ['/srv', '/srv/shop']) files.engine.missing.add(path);

    await expect(strategy.apply(await work())).rejects.toThrow('nor anything above it');
  });

  test('makes one that may be meant as a file only where the playbook says that it is a folder', async () => {
    const target = '/etc/app.conf';
    files.mount({ ...SHOP, source: '/srv/shop/app.conf', target });
    files.engine.missing.add('/srv/shop/app.conf');
    files.says.set('stat -L -c %F', { exitCode: 1, said: 'stat: cannot statx' });

    await expect(strategy.apply(await work())).rejects.toThrow('it may be meant as a file');
    await strategy.apply(await work({ with: { path: target } }));

    expect(files.engine.count('start')).toBe(1);
  });

  test('is done without the word host where a person asks for it by hand', async () => {
    await strategy.apply(await files.work({ asked: true }));

    expect(files.engine.count('start')).toBe(1);
  });

  test('leaves the folder where it did not help: nobody is let into the one above it', async () => {
    const job = await work();
    await strategy.apply(job);
    files.engine.calls.length = 0;

    expect(await strategy.undo?.(job.steps, signal)).toBe('/srv/shop/data: made, and left there');

    expect(files.deeds).toEqual(['remove shop-db-1-watchdog-helper']);
  });

  test('after a crash starts what was to be started, and nothing else', async () => {
    const job = await work();
    await strategy.apply(job);
    files.engine.calls.length = 0;

    expect(await strategy.recover?.(upTo(job.steps, 'make'), signal, unread)).toMatch(
      /left there; the container was not started$/,
    );
    expect(files.engine.count('start')).toBe(0);
    expect(await strategy.recover?.(job.steps, signal, unread)).toMatch(/left there; the container is started$/);
    expect(files.engine.count('start')).toBe(1);
    expect(await strategy.recover?.([], signal, unread)).toBe(
      'nothing had been done yet; the container was not started',
    );
  });
});

describe('create-missing-path, on a mount', () => {
  const LOG = { path: '/data/logs/web/access.log' };
  beforeEach(() => {
    files.says.set('stat -c %u:%g %F %n /data', {
      exitCode: 1,
      said: "999:998 directory /data\nstat: cannot statx '/data/logs': No such file or directory\n",
    });
  });
  const apply = async (order: Partial<Order> = captured(LOG)) => {
    const job = await files.work(order);
    await strategy.apply(job);
    return job;
  };
  const makes = () => files.deeds.filter(call => /mkdir|chown|rmdir/.test(call));

  test('looks, stops, takes a backup, makes what is missing above the file of the log, and starts', async () => {
    const { steps } = await apply();

    const look = 'help stat -c %u:%g %F %n /data /data/logs /data/logs/web';
    expect(files.deeds).toEqual([
      look,
      'help id',
      'stop shop-db-1',
      look,
      'help mkdir -m 0755 /data/logs',
      'help chown 999:998 /data/logs',
      'help mkdir -m 0755 /data/logs/web',
      'help chown 999:998 /data/logs/web',
      'start shop-db-1',
    ]);
    expect(steps.map(({ step }) => step)).toEqual(['stop', 'found', 'kept', 'change', 'start']);
    expect(steps[1]?.data).toEqual({ makes: ['/data/logs', '/data/logs/web'], uid: 999, gid: 998, mode: '755' });
  });

  test('says what it would make', async () => {
    expect(await strategy.foresee?.(await files.work(captured(LOG)))).toBe(
      'makes=/data/logs,/data/logs/web, uid=999, gid=998, mode=755',
    );
  });

  test.each<{ which: string; order: Partial<Order> }>([
    { which: 'that a log calls a folder', order: captured({ folder: '/data/logs' }) },
    { which: 'that a playbook names', order: { ...captured(LOG), with: { path: '/data/logs/' } } },
  ])('makes the folder $which itself', async ({ order }) => {
    await apply(order);

    expect(makes()).toEqual(['help mkdir -m 0755 /data/logs', 'help chown 999:998 /data/logs']);
  });

  test('gives it to whom the folder above belongs where the container is started as root', async () => {
    files.says.set('id', { said: 'uid=0(root) gid=0(root)\n' });
    files.says.set('stat -c %u:%g %F %n /data', { exitCode: 1, said: '101:102 directory /data\n' });

    await apply();

    expect(makes()).toContain('help chown 101:102 /data/logs');
  });

  test.each<{ why: string; said?: string; order?: Partial<Order>; says: string }>([
    {
      why: 'a file stands on the way',
      said: '0:0 directory /data\n0:0 regular file /data/logs\n',
      says: '/data/logs is a regular file: no folder is made over it or through it',
    },
    {
      why: 'a link stands on the way',
      said: '0:0 directory /data\n0:0 symbolic link /data/logs\n',
      says: '/data/logs is a symbolic link',
    },
    {
      why: 'nothing is missing',
      said: '0:0 directory /data\n0:0 directory /data/logs\n0:0 directory /data/logs/web\n',
      says: '/data/logs/web is there already',
    },
    { why: 'it cannot be told what is there', said: 'stat: what?\n', says: 'what stands at /data cannot be told' },
    { why: 'the log names no path', order: captured({}), says: 'the log names none' },
    { why: 'the path is none of a mount', order: captured({ path: '/var/log/x/a.log' }), says: 'no volume or folder' },
    {
      why: 'the path leads out of the mount',
      order: captured({ folder: '/data/../etc' }),
      says: 'expected a whole path',
    },
    { why: 'too much is missing', order: captured({ folder: '/data/a/b/c/d/e' }), says: 'more than 4' },
  ])('touches nothing where $why', async ({ said, order, says }) => {
    if (said !== undefined) files.says.set('stat -c %u:%g %F %n /data', { said });

    await expect(apply(order)).rejects.toThrow(says);

    expect(makes()).toEqual([]);
    expect(files.engine.count('stop')).toBe(0);
  });

  describe('the way back', () => {
    let done: readonly JournalStep[];
    beforeEach(async () => {
      done = (await apply()).steps;
      files.engine.calls.length = 0;
    });

    test('removes what was made, innermost first, where nothing is in it', async () => {
      files.says.set('stat -c %u:%g %F %n /data/logs', { exitCode: 1, said: '' });

      expect(await strategy.undo?.(done, signal)).toBe('/data/logs is gone again; the container is started again');

      expect(makes()).toEqual(['help rmdir /data/logs/web', 'help rmdir /data/logs']);
    });

    test('leaves what somebody has put something into', async () => {
      files.says.set('stat -c %u:%g %F %n /data/logs', { said: '999:998 directory /data/logs\n' });

      expect(await strategy.undo?.(done, signal)).toBe(
        '/data/logs stays, because something is in it; the container is started again',
      );
    });

    test('after a crash is taken while it was not started, and not afterwards', async () => {
      files.says.set('stat -c %u:%g %F %n /data/logs', { exitCode: 1, said: '' });

      expect(await strategy.recover?.(upTo(done, 'change'), signal, unread)).toMatch(/is gone again/);
      expect(await strategy.recover?.(done, signal, unread)).toBe('the folder is there, and the container is started');
    });
  });
});
