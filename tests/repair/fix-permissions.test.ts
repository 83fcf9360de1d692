import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BackupStore, backupStore } from '../../watchdog/adapters/backup-store.ts';
import type { Helper } from '../../watchdog/adapters/docker/docker.ts';
import type { HowMade } from '../../watchdog/domain/making.ts';
import type { JournalStep, Order } from '../../watchdog/domain/repair.ts';
import { Backups } from '../../watchdog/repair/backups.ts';
import { fixPermissions } from '../../watchdog/repair/fix-permissions.ts';
import { aTar } from '../fakes/a-tar.ts';
import { aWork, unread } from '../fakes/a-work.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { ROOMY } from '../fakes/needs.ts';

// What happens to files is the real engine's to show (tests/engine/redis.test.ts); here it is what is asked of it, in which order.

const signal = new AbortController().signal;
const DATA = { type: 'volume', source: 'shop_data', target: '/data', anonymous: false, writable: true } as const;
const FILES = [
  { name: './', owner: '999:999', mode: '755' },
  { name: './aof/', owner: '0:0', mode: '755' },
  { name: './aof/incr', owner: '0:0', mode: '644' },
  { name: './dump', owner: '999:999', mode: '444' },
  { name: './fine', owner: '999:0', mode: '640' },
  { name: './link', owner: '0:0', link: '/etc/passwd' },
  { name: './set-id', owner: '0:998', mode: '4755' },
];

const TAR = aTar(FILES).toString('latin1');

let folder: string;
let engine: FakeEngine;
let store: BackupStore;
let strategy: ReturnType<typeof fixPermissions>;
/** What the listing finds before the change; afterwards there is nothing left. */
let wrong: string;
let startedAs: string;
/** As whom the processes of the container run. */
let processes: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-permissions-'));
  const clock = new FakeClock();
  engine = new FakeEngine(clock);
  store = backupStore(folder);
  const { docker } = engine;
  const allowed = () => ({ keep: 5, maxBytes: 1_000_000 });
  strategy = fixPermissions({
    docker,
    backups: new Backups({ docker, store, clock, allowed, freeSpace: async () => ROOMY }),
  });
  wrong = '0:0 755 /data/aof\n0:0 644 /data/aof/incr\n999:999 444 /data/dump\nfind: something else\n';
  startedAs = 'uid=999(redis) gid=999(redis) groups=999(redis),998(tape)\n';
  processes = '0:0\n999:999\n999:999\n';
  engine.helper = async helper => answerTo(helper);
  engine.program = async () => ({ exitCode: 0, said: processes });
  engine.up({ service: 'db' });
  setMounts(DATA);
  engine.files.set('shop-db-1 /data/.', TAR);
});
afterEach(() => rmSync(folder, { recursive: true }));

function answerTo({ argv }: Helper) {
  const line = argv.join(' ');
  if (line === 'id') return { exitCode: 0, said: startedAs };
  if (/stat -c/.test(line)) return { exitCode: 0, said: line.includes('-maxdepth') ? '' : wrong };
  if (/chown -h 999/.test(line)) wrong = '';
  return { exitCode: 0, said: '' };
}

function setMounts(...mounts: HowMade['mounts']): void {
  for (const container of engine.containersOf('db')) container.howMade = { mounts };
}

async function work(order: Partial<Order> = {}) {
  const target = await engine.docker.inspect('shop-db-1');
  if (target === undefined) throw new Error('there is no shop-db-1');
  engine.calls.length = 0;
  return aWork(target, { service: 'db', strategy: 'fix-permissions', with: {}, ...order });
}
const captured = (path: string): Partial<Order> => ({
  error: {
    type: 'PERMISSION_DENIED',
    severity: 'error',
    tier: 'likely',
    pattern: 'os-permission',
    captures: { path },
    sample: 'denied',
    elseWell: false,
  },
});
/** What was done, reads left out. */
const deeds = () => engine.calls.filter(call => !/^(howMade|inspect|usersOf|archive)/.test(call));
const changes = () => deeds().filter(call => /chown|chmod/.test(call));
const upTo = (steps: readonly JournalStep[], last: string) =>
  steps.slice(0, steps.findIndex(({ step }) => step === last) + 1);

describe('fix-permissions', () => {
  test('lists, stops, takes a backup, changes only what is wrong, and starts; each step is journaled before it is taken', async () => {
    const job = await work();

    await strategy.apply(job);

    const listing =
      'help find /data ( ! -user 999 -o -type d ! -perm -0700 -o -type f ! -perm -0600 ) -exec stat -c %u:%g %a %n {} +';
    expect(deeds()).toEqual([
      'help id',
      listing,
      'stop shop-db-1',
      listing,
      'help find /data ! -user 999 -exec chown -h 999:999 {} +',
      'help find /data -type d ! -perm -0700 -exec chmod u+rwx {} +',
      'help find /data -type f ! -perm -0600 -exec chmod u+rw {} +',
      listing,
      'start shop-db-1',
    ]);
    expect(job.steps.map(({ step }) => step)).toEqual(['stop', 'found', 'kept', 'change', 'start']);
    expect(job.steps[1]?.data).toEqual({
      path: '/data',
      uid: 999,
      gid: 999,
      entries: 3,
      now: '1 of 0:0 755, 1 of 0:0 644, 1 of 999:999 444',
      among: '/data/aof, /data/aof/incr, /data/dump',
    });
    expect(await store.list()).toMatchObject([{ source: 'shop_data', whileRunning: false }]);
  });

  test('touches nothing where all is as it should be', async () => {
    wrong = '';

    await expect(strategy.apply(await work())).rejects.toThrow(
      'all under /data belongs to 999 already, which may read and write it',
    );

    expect(deeds()).toHaveLength(2);
  });

  test('says so where something could not be changed', async () => {
    engine.helper = async helper => (helper.argv.includes('chown') ? { exitCode: 0, said: '' } : answerTo(helper));

    await expect(strategy.apply(await work())).rejects.toThrow(
      '3 entries under /data could not be changed: /data/aof, /data/aof/incr, /data/dump',
    );
  });

  test('goes no further while another container that runs has the mount, and starts again', async () => {
    engine.up({ service: 'reader' });
    for (const reader of engine.containersOf('reader')) reader.howMade = { mounts: [DATA] };
    const job = await work();

    await expect(strategy.apply(job)).rejects.toThrow('the volume shop_data is in use by shop-reader-1');

    expect(await strategy.undo?.(job.steps, signal)).toBe('the container is started again');
    expect(changes()).toEqual([]);
  });
});

describe('whose the files shall be', () => {
  test('is whom the container is started as', async () => {
    startedAs = 'uid=70 gid=0(root)';

    await strategy.apply(await work()).catch(() => undefined);

    expect(changes()[0]).toContain('chown -h 70:0');
  });

  test('is whom its processes have become, where it is started as root', async () => {
    startedAs = 'uid=0(root) gid=0(root)';

    await strategy.apply(await work());

    expect(changes()[0]).toContain('chown -h 999:999');
  });

  test.each([
    { why: 'they are all root', processes: '0:0\n0:0\n', says: /works as root, which may read and write/ },
    { why: 'they are several', processes: '0:0\n33:33\n999:999\n', says: /works as 33:33 and as 999:999/ },
    { why: 'nobody can look', processes: 'exec: "find": not found\n', says: /cannot be told: exec: "find"/ },
  ])('is left to people where it is started as root and $why', async ({ processes: those, says }) => {
    startedAs = 'uid=0(root) gid=0(root)';
    processes = those;

    await expect(strategy.apply(await work())).rejects.toThrow(says);

    expect(engine.count('stop')).toBe(0);
  });

  test('is left to people where it is started as root and does not run', async () => {
    startedAs = 'uid=0(root) gid=0(root)';
    engine.crash('shop-db-1');

    await expect(strategy.apply(await work())).rejects.toThrow(/does not run: nothing shows as whom it works/);
  });

  test('is left to people where the image cannot say it', async () => {
    engine.helper = async () => ({ exitCode: 127, said: 'no such file: id' });

    await expect(strategy.apply(await work())).rejects.toThrow(/asking as whom shop-db-1 is started failed with 127/);
  });
});

describe('what is changed', () => {
  const path = (job: { readonly steps: readonly JournalStep[] }) => job.steps[1]?.data.path;
  const LOGS = { ...DATA, source: 'shop_logs', target: '/logs' };

  test.each([
    { where: 'the folder that the playbook names', order: { with: { path: '/data/aof/' } }, is: '/data/aof' },
    { where: 'the mount that holds what the log names', order: captured('/logs/today/access.log'), is: '/logs' },
  ])('is $where', async ({ order, is }) => {
    setMounts(DATA, LOGS);
    for (const mount of ['/data', '/logs']) engine.files.set(`shop-db-1 ${mount}/.`, TAR);
    const job = await work(order);

    await strategy.apply(job);

    expect(path(job)).toBe(is);
  });

  test.each([
    { which: 'outside every mount', order: { with: { path: '/etc' } } },
    { which: 'that leaves its mount', order: { with: { path: '/data/../etc' } } },
    { which: 'beside a mount of the same beginning', order: { with: { path: '/database' } } },
    { which: 'on a mount that cannot be written to', order: { with: { path: '/ro' } } },
    { which: 'that nobody names while there are several', order: {} },
    { which: 'that a log names outside every mount while there are several', order: captured('/etc/passwd') },
  ])('is no place $which', async ({ order }) => {
    setMounts(DATA, LOGS, { ...DATA, target: '/ro', writable: false });

    await expect(strategy.apply(await work(order))).rejects.toThrow(/\/data, \/logs/);

    expect(deeds()).toEqual([]);
  });

  test.each(['/', '/home', '/etc/nginx', '/var/run/docker.sock', '/usr/share/x'])(
    'is never %s of the host',
    async source => {
      setMounts({ ...DATA, type: 'bind', source });

      await expect(strategy.apply(await work())).rejects.toThrow(`${source} is a folder of the host's system`);

      expect(deeds()).toEqual([]);
    },
  );

  test('may be a folder of the host that belongs to no system', async () => {
    setMounts({ ...DATA, type: 'bind', source: '/srv/shop' });

    await strategy.apply(await work());

    expect(await store.list()).toMatchObject([{ source: '/srv/shop' }]);
  });

  test.each([700, '0700'])('is the mode of the folder itself too, where the playbook says %j', async mode => {
    await strategy.apply(await work({ with: { mode } }));

    expect(changes().at(-1)).toBe('help chmod 0700 /data');
    expect(deeds()).toContain('help find /data -maxdepth 0 ! -perm 0700 -exec stat -c %u:%g %a %n {} +');
  });

  test.each(['u+rwx', '7777', 9])('is nothing where that mode is %j', async mode => {
    await expect(strategy.apply(await work({ with: { mode } }))).rejects.toThrow('expected three octal digits');

    expect(engine.count('stop')).toBe(0);
  });
});

describe('the way back', () => {
  let done: readonly JournalStep[];
  beforeEach(async () => {
    const job = await work();
    await strategy.apply(job);
    done = job.steps;
    engine.calls.length = 0;
  });
  const BACK = [
    'remove shop-db-1-watchdog-helper',
    'stop shop-db-1',
    'help chown -h 999:999 /data /data/dump',
    'help chown -h 0:0 /data/aof /data/aof/incr /data/link',
    'help chown -h 0:998 /data/set-id',
    'help chmod 0755 /data /data/aof',
    'help chmod 0644 /data/aof/incr',
    'help chmod 0444 /data/dump',
    'help chmod 4755 /data/set-id',
    'start shop-db-1',
  ];

  test('gives every owner and mode back that was changed, as the backup has them', async () => {
    expect(await strategy.undo?.(done, signal)).toBe(
      'owners and modes of 6 entries are as they were; the container is started again',
    );

    expect(deeds()).toEqual(BACK);
  });

  test('gives only those under the folder back that the order was about', async () => {
    const job = await work({ with: { path: '/data/aof' } });
    wrong = '0:0 644 /data/aof/incr';
    await strategy.apply(job);
    engine.calls.length = 0;

    await strategy.undo?.(job.steps, signal);

    expect(changes()).toEqual([
      'help chown -h 0:0 /data/aof /data/aof/incr',
      'help chmod 0755 /data/aof',
      'help chmod 0644 /data/aof/incr',
    ]);
  });

  test('goes on over files that the service has removed since, and over nothing else', async () => {
    let says = "chown: cannot access '/data/aof/incr': No such file or directory\n";
    engine.helper = async ({ argv }) => (argv[0] === 'chown' ? { exitCode: 1, said: says } : { exitCode: 0, said: '' });
    expect(await strategy.undo?.(done, signal)).toMatch(/^owners and modes of 6 entries/);

    says += "chown: changing ownership of '/data': Read-only file system\n";
    await expect(strategy.undo?.(done, signal)).rejects.toThrow(/Read-only file system/);
  });

  test('leaves owners alone and starts the container where the backup is gone', async () => {
    await store.keepOnly(0);

    expect(await strategy.undo?.(done, signal)).toMatch(
      /^owners and modes stay as they are: .* is gone; .*started again$/,
    );

    expect(changes()).toEqual([]);
    expect(engine.container('shop-db-1')?.runs).toBe(true);
  });

  test('after a crash is the same while not all was changed', async () => {
    await strategy.recover?.(upTo(done, 'change'), signal, unread);

    expect(deeds()).toEqual(BACK);
  });

  test('after a crash is not taken once all was changed', async () => {
    expect(await strategy.recover?.(done, signal, unread)).toBe(
      'the files belong to whom they should, and the container is started',
    );

    expect(deeds()).toEqual(['start shop-db-1']);
  });

  test('changes nothing where nothing was changed yet', async () => {
    await strategy.undo?.(upTo(done, 'kept'), signal);

    expect(deeds()).toEqual(['start shop-db-1']);
  });

  test('is none where nothing was begun', async () => {
    expect(await strategy.undo?.([], signal)).toBeUndefined();
    expect(await strategy.recover?.([], signal, unread)).toBe('nothing had been done yet');
    expect(deeds()).toEqual([]);
  });
});
