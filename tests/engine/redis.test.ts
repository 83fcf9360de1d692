import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { minutes } from '../../watchdog/domain/time.ts';
import { wardImage } from '../images/names.ts';
import { aProject, aWatchdog, type Project, type Watched } from './harness.ts';

// A real Redis whose files are spoilt: seen by what it writes about it, repaired by its playbook, and asked for what it held before.

const SERVICE = `
    image: ${wardImage}
    user: redis
    healthcheck: { test: "redis-cli ping | grep PONG", interval: 500ms, timeout: 30s, retries: 5 }`;
const HOARD = `${SERVICE}
    command: redis-server --dir /data --save "3600 1"
    tmpfs: ["/data:size=1m,mode=1777"]`;
const YAML = `
services:
  redis: ${SERVICE}
    command: redis-server --dir /data --appendonly yes --aof-load-truncated no --save ""
    volumes: [data:/data]
  cache: ${SERVICE}
    command: redis-server --dir /data --save "3600 1"
    volumes: [cached:/data]
  full: ${HOARD}
  closed: ${HOARD}
volumes: { data: {}, cached: {} }
`;
const KEYS = 'for i in $(seq 200); do echo "SET key$i value$i"; done | redis-cli > /dev/null; redis-cli dbsize';
const AOF = '/data/appendonlydir';
/** What is allowed beforehand; for the rest a person has to say yes. */
const CONFIG = 'approvals: { allow: { fix-permissions: "*", repair-aof: "*", set-aside-rdb: "*" } }\n';

const OPTIONS = { readsLogs: true, env: { MAX_RESTART_ATTEMPTS: '1000' } } as const;

let project: Project;
let watched: Watched;

beforeAll(async () => {
  project = aProject(YAML);
  for (const service of ['redis', 'cache'])
    await project.compose('run', '--rm', '--user', 'root', service, 'chown', 'redis', '/data');
  await project.compose('up', '-d');
  watched = await aWatchdog({ ...OPTIONS, projects: [project.name], config: CONFIG });
  for (const service of ['redis', 'cache', 'full', 'closed']) {
    await healthy(service);
    expect(await project.exec(service, 'sh', '-c', KEYS)).toBe('200');
  }
});
afterAll(async () => {
  await watched?.stop();
  await project?.tearDown();
});

const redis = (...command: readonly string[]) => project.exec('redis', ...command);
const healthy = (service: string) =>
  project.until(
    `${service} is healthy`,
    async () => (await project.container(service)).State.Health?.Status === 'healthy',
  );
/** Does that to its files, and ends it. */
const spoil = async (service: string, volume: string, script: string) => {
  await onFiles(volume, script);
  await project.crash(service);
};
/** Several repairs, each with helpers and a settle time, on a machine that has other things to do. */
const eventually = <T>(what: string, probe: () => T) => watched.until(what, probe, minutes(5));
/** A repair of that name that has ended. */
const ended = (service: string, strategy: string) =>
  eventually(`${strategy} has ended`, () =>
    watched.repairs(service).find(({ order, endedAt }) => order.strategy === strategy && endedAt !== undefined),
  );
/** That nothing is wrong any more. */
const over = (service: string) =>
  eventually(`${service} is well again`, () => watched.incidents(service).every(({ state }) => state === 'resolved'));
/** The question that waits for an answer. */
const asked = (service: string) =>
  eventually(
    'a person is asked',
    () =>
      watched
        .incidents(service)
        .flatMap(({ approvals }) => approvals)
        .filter(({ state }) => state === 'waiting')[0],
  );
/** As root, on the files of a volume. */
const onFiles = (volume: string, script: string) =>
  project.docker('run', '--rm', '-v', `${project.name}_${volume}:/data`, wardImage, 'sh', '-ec', script);
const listing = () => redis('sh', '-c', 'for i in $(seq 200); do echo "GET key$i"; done | redis-cli');
const ALL = Array.from({ length: 200 }, (_, n) => `value${n + 1}`);

test('an append-only directory that belongs to root is given back, with all that is in it', async () => {
  await spoil('redis', 'data', `chown -R root:root ${AOF}`);

  const { order, outcome, steps } = await ended('redis', 'fix-permissions');

  expect({ condition: order.condition, outcome }).toEqual({ condition: 'permission-denied', outcome: 'healed' });
  // The folder, the base, the commands since, and the manifest.
  expect(steps[1]?.data).toMatchObject({ entries: 4, now: expect.stringContaining('1 of 0:0 755') });
  expect((await listing()).split('\n')).toEqual(ALL);
  expect(await redis('find', '/data', '!', '-user', 'redis')).toBe('');
  await over('redis');
});

test('an append-only file that ends within a command is cut behind the one before, and nothing else is lost', async () => {
  // In the order in which the file is written: what was set last is torn.
  expect(await redis('redis-cli', 'set', 'torn', 'x'.repeat(100))).toBe('OK');
  await spoil('redis', 'data', `truncate -s -50 ${AOF}/*.incr.aof`);

  const { order, outcome, steps } = await ended('redis', 'repair-aof');

  expect({ condition: order.condition, outcome }).toEqual({ condition: 'redis-aof-corruption', outcome: 'healed' });
  expect((await listing()).split('\n')).toEqual(ALL);
  expect(await redis('redis-cli', 'exists', 'torn')).toBe('0');
  expect(await redis('redis-cli', 'set', 'after', 'it')).toBe('OK');
  const { loses } = steps[1]?.data ?? {};
  expect(await onFiles('data', 'stat -c %s /data/.watchdog-aof-*/*')).toBe(String(steps[1]?.data.size));
  expect(loses).toBeGreaterThan(50);
  await over('redis');
});

test('a garbled one, of which more would be lost, waits for a yes, and keeps every command before it', async () => {
  // Over the length of the key, so that what follows is no command.
  const at = '$(( $(grep -abo key151 $f | head -1 | cut -d: -f1) - 4 ))';
  await spoil('redis', 'data', `f=$(ls ${AOF}/*.incr.aof); printf GARB | dd of=$f bs=1 seek="${at}" conv=notrunc`);
  const garbled = await onFiles('data', `sha256sum ${AOF}/*.incr.aof`);

  const { incidentId, id, strategy, what } = await asked('redis');

  expect(strategy).toBe('cut-aof');
  expect(what).toMatch(/as it stands: .*, keeps=\d+, loses=\d+, whole=\d+$/);
  const refused = watched.repairs('redis').find(({ order }) => order.strategy === 'repair-aof');
  expect(refused?.because).toMatch(/^\d+ of \d+ bytes would be lost/);
  expect(await onFiles('data', `sha256sum ${AOF}/*.incr.aof`)).toBe(garbled);

  watched.watchdog.answer(incidentId, { answer: 'granted', order: id, reason: 'it is a cache' });

  expect((await ended('redis', 'cut-aof')).outcome).toBe('healed');
  expect((await listing()).split('\n').filter(line => line !== '')).toEqual(ALL.slice(0, 150));
  expect(await redis('redis-cli', 'set', 'after', 'it')).toBe('OK');
  await over('redis');
});

test('a snapshot of a newer version is left as it is, to people, and nothing is started again in vain', async () => {
  expect(await project.exec('cache', 'redis-cli', 'save')).toBe('OK');
  const version = (of: string) => `printf ${of} | dd of=/data/dump.rdb bs=1 seek=5 conv=notrunc`;
  const own = (await project.exec('cache', 'head', '-c', '9', '/data/dump.rdb')).slice(5);
  await spoil('cache', 'cached', version('0099'));
  const newer = await onFiles('cached', 'sha256sum /data/dump.rdb');

  const { id } = await eventually('people are told', () =>
    watched.incidents('cache').find(({ state, kind }) => state === 'escalated' && kind === 'erring'),
  );

  await eventually('it is said why nothing is done', () =>
    watched
      .decisions('cache')
      .some(
        ({ condition, code, incidentId }) =>
          condition === 'redis-rdb-version-incompatible' && code === 'no-change' && incidentId === id,
      ),
  );
  const tried = watched.repairs('cache').length;
  await watched.rounds(3);
  expect(watched.repairs('cache')).toHaveLength(tried);
  expect(await onFiles('cached', 'sha256sum /data/dump.rdb')).toBe(newer);

  // What the image that wrote it would do.
  await onFiles('cached', version(own));
  await project.compose('start', 'cache');
  await over('cache');
  expect(await project.exec('cache', 'redis-cli', 'dbsize')).toBe('200');
});

test('a damaged snapshot is set aside as it is, and what is written from then on is kept', async () => {
  expect(await project.exec('cache', 'redis-cli', 'save')).toBe('OK');
  await spoil('cache', 'cached', 'truncate -s -50 /data/dump.rdb');
  const damaged = await onFiles('cached', 'sha256sum < /data/dump.rdb');

  const { order, outcome } = await ended('cache', 'set-aside-rdb');

  expect({ condition: order.condition, outcome }).toEqual({ condition: 'redis-rdb-corruption', outcome: 'healed' });
  expect(await onFiles('cached', 'cat /data/.watchdog-rdb-*/dump.rdb | sha256sum')).toBe(damaged);
  expect(await project.exec('cache', 'redis-cli', 'dbsize')).toBe('0');
  expect(await project.exec('cache', 'redis-cli', 'set', 'after', 'it')).toBe('OK');
  await over('cache');
});

test.each([
  ['full', 'resource-exhausted', 'cat /dev/zero > /data/rest || :', 'rm /data/rest'],
  ['closed', 'permission-denied', 'chmod 555 /data', 'chmod 1777 /data'],
])(
  'one whose folder is %s is not restarted, which would lose what it could not save',
  async (service, condition, spoilt, mended) => {
    const { Id, State } = await project.container(service);
    const asRoot = (script: string) => project.docker('exec', '--user', 'root', Id, 'sh', '-c', script);
    const asked = (...command: readonly string[]) => project.exec(service, 'redis-cli', ...command);
    expect(await asked('set', 'unsaved', 'x')).toBe('OK');
    await asRoot(spoilt);

    await asked('bgsave');
    await eventually('people are told, now that its health check fails', () =>
      watched
        .decisions(service)
        .some(
          ({ code, because }) =>
            code === 'no-change' && because.startsWith(`${condition}: it`) && because.includes('do not restart it'),
        ),
    );
    await watched.rounds(3);

    expect(watched.repairs(service)).toEqual([]);
    expect((await project.container(service)).State.StartedAt).toBe(State.StartedAt);
    expect(await asked('get', 'unsaved')).toBe('x');
    expect(await asked('set', 'more', 'x')).toContain('MISCONF');

    await asRoot(mended);
    await asked('bgsave');
    await healthy(service);
    expect(await asked('set', 'more', 'x')).toBe('OK');
    expect(await asked('dbsize')).toBe('202');
  },
);
