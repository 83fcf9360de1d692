import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Duration, hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { busyboxImage, wardImage } from '../images/names.ts';
import { aProject, aWatchdog, type Project, type Watched } from './harness.ts';

// What is broken in real programs all at once, and what people and the watchdog make of it: an nginx and an application in Python
// that may not use their files, a Redis that is attacked, a cache that does not start with what it has, and a host without memory.

const checked = (test: string, interval = '500ms') =>
  `healthcheck: { test: ${JSON.stringify(test)}, interval: ${interval}, timeout: 30s, retries: 5 }`;
const PAGE = checked('wget -qO- http://127.0.0.1:8080/check');
const PINGED = 'redis-cli ping | grep PONG';
const APPS = `${join(import.meta.dirname, 'applications')}:/app:ro`;
const HOARD = `image: ${busyboxImage}, command: [sleep, "100000"], shm_size: 32m, stop_grace_period: 0s`;
const YAML = `
services:
  site: { image: ${wardImage}, command: [nginx, -c, /app/nginx.conf], volumes: ["${APPS}", "site:/site"], ${PAGE} }
  notes:
    { image: ${wardImage}, user: www-data, command: [python3, -u, /app/visitors.py], environment: { BOOK: /book/visits },
      volumes: ["${APPS}", "notes:/book"], stop_grace_period: 0s, ${PAGE} }
  # On a busy machine, too, its log is read before it passes for ill.
  redis:
    { image: ${wardImage}, user: redis, volumes: ["redis:/data"], ${checked(PINGED, '2s')},
      command: redis-server --dir /data --save "3600 1" --enable-protected-configs yes }
  cache:
    { image: ${wardImage}, user: redis, volumes: ["cache:/data"], ${checked(PINGED)},
      command: redis-server --dir /data --save "" --appendonly yes }
  hoard: { ${HOARD}, labels: { auto_repair.free_memory: "true" } }
  larger: { ${HOARD} }
volumes: { site: {}, notes: {}, redis: {}, cache: {} }
`;
const CHECKED = ['site', 'notes', 'redis', 'cache'];
/** Its owner knows that the cache can do without what it had. */
const ASIDE = `
name: redis-aof-manifest-damaged
condition: redis-aof-corruption
patterns: [redis-aof-manifest-damaged]
why: It is a cache.
ladder: [{ strategy: set-aside-data, with: { path: /data/appendonlydir } }]
`;
const KEYS = 'for i in $(seq 200); do echo "SET key$i value$i"; done | redis-cli > /dev/null; redis-cli dbsize';

let project: Project;
let watched: Watched;
/** So long people have to answer. */
let wait: Duration = seconds(1);
/** As it was while all were well, and as it lay there once it was spoilt. */
let written: string;
let spoilt: Readonly<Record<'site' | 'notes' | 'cache', string>>;
let largerSince: string;

beforeAll(async () => {
  project = aProject(YAML);
  await project.compose('create');
  const start = 'echo "a page" > /site/check; chown www-data /notes; chown redis /redis /cache';
  await onFiles(start, ...CHECKED);
  await project.compose('up', '-d');
  await Promise.all(CHECKED.map(healthy));
  for (const service of ['redis', 'cache']) expect(await project.exec(service, 'sh', '-c', KEYS)).toBe('200');
  await Promise.all([hoard('hoard', 8), hoard('larger', 16)]);
  largerSince = (await project.container('larger')).State.StartedAt;
  watched = await aWatchdog({
    projects: [project.name],
    readsLogs: true,
    env: { MAX_RESTART_ATTEMPTS: '1000' },
    config: 'approvals: { allow: { set-aside-data: [cache] } }\n',
    playbooks: { 'cache.yml': ASIDE },
    waitForYes: () => wait,
    memory: async () => ({ total: 1e9, available: 5e7 }),
  });
  await watched.until('it has measured', () => watched.watchdog.stack.memory());

  written = await onFiles('cat /notes/visits', 'notes');
  await onFiles(
    'chmod -R go= /site; chown -R root:root /notes; sed -i s/^file/garbled/ /cache/appendonlydir/*.manifest',
    ...CHECKED,
  );
  spoilt = {
    site: await listing('site'),
    notes: await listing('notes'),
    cache: await onFiles('cd /cache/appendonlydir; sha256sum *', 'cache'),
  };
  await project.crash('cache');
  for (const [setting, to] of [
    ['dir', '/etc'],
    ['dbfilename', 'authorized_keys'],
  ] as const)
    expect(await redis('config', 'set', setting, to)).toBe('OK');
  await redis('bgsave');
});
afterAll(async () => {
  await watched?.stop();
  await project?.tearDown();
});

/** As root, in the volumes of those names, each at its own. */
const onFiles = (script: string, ...volumes: readonly string[]) =>
  project.docker(
    'run',
    '--rm',
    ...volumes.flatMap(name => ['-v', `${project.name}_${name}:/${name}`]),
    wardImage,
    'sh',
    '-ec',
    script,
  );
const listing = (volume: string) => onFiles(`find /${volume} -exec stat -c '%n %u:%g %a' {} +`, volume);
const hoard = (service: string, megabytes: number) =>
  project.exec(service, 'dd', 'if=/dev/zero', 'of=/dev/shm/hoard', 'bs=1M', `count=${megabytes}`);
const redis = (...command: readonly string[]) => project.exec('redis', 'redis-cli', ...command);
const page = (service: string) => project.exec(service, 'wget', '-qO-', 'http://127.0.0.1:8080/check');
const healthy = (service: string) =>
  project.until(
    `${service} is healthy`,
    async () => (await project.container(service)).State.Health?.Status === 'healthy',
  );
/** All of them are repaired side by side, on a machine that has other things to do. */
const eventually = <T>(what: string, probe: () => T | Promise<T>) => watched.until(what, probe, minutes(5));
const said = (service: string, because: string) =>
  eventually(`of ${service} it is said that ${because}`, () =>
    watched.decisions(service).some(each => each.because.includes(because)),
  );
const ended = (service: string, strategy: string) =>
  eventually(`${strategy} of ${service} has ended`, () =>
    watched.repairs(service).find(({ order, endedAt }) => order.strategy === strategy && endedAt !== undefined),
  );
/** The question that waits for an answer. */
const asked = (service: string) =>
  eventually(`a person is asked about ${service}`, () =>
    watched
      .incidents(service)
      .flatMap(({ approvals }) => approvals)
      .find(({ state, expiresAt }) => state === 'waiting' && expiresAt > Date.now()),
  );
const resume = (service: string) => {
  watched.ledger.resume({ project: project.name, service }, Date.now());
  watched.watchdog.lookAgain({ project: project.name, service });
};
const answer = async (service: string, given: 'granted' | 'refused') => {
  const { incidentId, id } = await asked(service);
  watched.watchdog.answer(incidentId, { answer: given, order: id, reason: 'a test' });
};
const touched = (service: string) =>
  watched.repairs(service).filter(({ order: { strategy } }) => !['start', 'restart'].includes(strategy));

test('what nobody has answered in time is not done, to an nginx and to an application in Python', async () => {
  for (const service of ['site', 'notes'] as const) {
    await said(service, 'nobody said yes within 1s to fix-permissions');

    expect(touched(service)).toEqual([]);
    expect(await listing(service)).toBe(spoilt[service]);
    await expect(page(service)).rejects.toThrow();
  }
});

test('an nginx whose pages nobody may read stays so after a no, and shows them again after a resume and a yes', async () => {
  wait = hours(1);
  resume('site');
  await answer('site', 'refused');
  await said('site', 'somebody said no to fix-permissions');
  await watched.rounds(2);
  expect(touched('site')).toEqual([]);
  expect(await listing('site')).toBe(spoilt.site);

  resume('site');
  await answer('site', 'granted');

  const { order, outcome } = await ended('site', 'fix-permissions');
  expect({ condition: order.condition, outcome }).toEqual({ condition: 'permission-denied', outcome: 'healed' });
  expect(await page('site')).toBe('a page');
});

test('an application in Python that may not write into its volume is given it, with all that it had written', async () => {
  resume('notes');
  await answer('notes', 'granted');

  const { order, outcome } = await ended('notes', 'fix-permissions');
  expect({ condition: order.condition, outcome }).toEqual({ condition: 'permission-denied', outcome: 'healed' });
  expect(await page('notes')).toBe('written');
  expect((await onFiles('cat /notes/visits', 'notes')).startsWith(written)).toBe(true);
});

test('what a cache does not start with is set aside, byte for byte, and what it has written since outlives a restart', async () => {
  const { order, outcome } = await ended('cache', 'set-aside-data');

  expect({ condition: order.condition, outcome }).toEqual({ condition: 'redis-aof-corruption', outcome: 'healed' });
  expect(await onFiles('cd /cache/.watchdog-data-*; sha256sum *', 'cache')).toBe(spoilt.cache);
  expect(await project.exec('cache', 'redis-cli', 'dbsize')).toBe('0');
  expect(await project.exec('cache', 'redis-cli', 'set', 'after', 'it')).toBe('OK');

  await project.compose('restart', 'cache');
  await healthy('cache');
  expect(await project.exec('cache', 'redis-cli', 'get', 'after')).toBe('it');
  expect(watched.repairs('cache').filter(each => each.order.strategy === 'set-aside-data')).toHaveLength(1);
});

test('a Redis that was told to write elsewhere is not repaired, however ill it is, until somebody has looked', async () => {
  const isToldOf = () =>
    watched.incidents('redis').find(({ kind, state }) => kind === 'attacked' && state === 'escalated');
  const { id } = await eventually('people are told of the attack', isToldOf);
  const isUnhealthy = async () => (await project.container('redis')).State.Health?.Status === 'unhealthy';
  await eventually('its health check fails, because it cannot save', isUnhealthy);
  await watched.rounds(3);
  expect(watched.repairs('redis')).toEqual([]);
  expect(await redis('config', 'get', 'dir')).toContain('/etc');

  await redis('config', 'set', 'dir', '/data');
  await redis('config', 'set', 'dbfilename', 'dump.rdb');
  await redis('bgsave');
  await healthy('redis');
  await project.crash('redis');
  await watched.rounds(5);
  expect(watched.repairs('redis')).toEqual([]);
  expect(watched.decisions('redis')[0]?.code).toBe('evidence');
  expect((await project.container('redis')).State.Status).toBe('exited');

  const error = await eventually('the error can be named', () =>
    watched.errors('redis').find(({ type, severity }) => type === 'PERMISSION_DENIED' && severity === 'critical'),
  );
  watched.watchdog.resolveError(error.id);

  expect(watched.ledger.incident(id)?.state).toBe('resolved');
  expect((await ended('redis', 'start')).outcome).toBe('healed');
  expect(await redis('dbsize')).toBe('200');
  expect(await redis('get', 'key200')).toBe('value200');
});

test('where the host has run out of memory who allows it gives back what it has, and the larger one that does not runs on', async () => {
  const { order, outcome } = await ended('hoard', 'restart');

  expect({ condition: order.condition, outcome }).toEqual({ condition: 'memory-low', outcome: 'healed' });
  expect(await project.exec('hoard', 'ls', '/dev/shm')).toBe('');
  expect(watched.repairs('larger')).toEqual([]);
  expect((await project.container('larger')).State.StartedAt).toBe(largerSince);
  expect(await project.exec('larger', 'ls', '/dev/shm')).toBe('hoard');
});
