import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minutes } from '../../watchdog/domain/time.ts';
import { wardImage } from '../images/names.ts';
import { aProject, aWatchdog, type Project, type Watched } from './harness.ts';

// A real PostgreSQL in trouble: seen by what it writes about it, repaired by its playbook or left alone, and asked for the rows that
// were written before.

const DATA = '/pg/data';
const PATH = 'export PATH="$$(echo /usr/lib/postgresql/*/bin):$$PATH"';
const SERVER = `postgres -D ${DATA} -c listen_addresses= -c unix_socket_directories=/tmp -c fsync=off -c max_connections=8`;
/** Beside the server it has many processes, so that whatever process a lock names there is one of that number. */
const YAML = `
services:
  db:
    image: ${wardImage}
    user: postgres
    command:
      - sh
      - -c
      - |
        ${PATH}
        [ -d ${DATA} ] || initdb --auth=trust --no-sync -D ${DATA} >/dev/null
        for process in $$(seq 60); do sleep 1000000 & done
        exec ${SERVER}
    stop_signal: SIGINT
    stop_grace_period: 20s
    healthcheck: { test: ["CMD", "psql", "-h", "/tmp", "-qc", "SELECT 1"], interval: 500ms, timeout: 30s, retries: 5 }
    volumes: [data:/pg]
    tmpfs: ["/small:size=1m"]
volumes: { data: {} }
`;
/** Another server on the same data, whose number is that of one of the others' processes. */
const HOLDER = `${PATH.replaceAll('$$', '$')}; for process in $(seq 20); do : & done; ${SERVER} & wait`;

/** The built-in one for those who cannot wait ten minutes. */
const SOON = `
name: postgres-too-many-connections
condition: database-connection
patterns: [postgres-too-many-connections]
even_if_well: true
ladder: [{ strategy: terminate-connections, with: { idle: 1s, host: /tmp } }]
`;

let project: Project;
let watched: Watched;
/** What was written before there was any trouble. */
let written: string;
const holder = () => `${project.name}-holder`;
const volume = () => `${project.name}_data:/pg`;

beforeAll(async () => {
  project = aProject(YAML);
  await project.compose('run', '--rm', '--user', 'root', 'db', 'chown', 'postgres', '/pg');
  await project.compose('up', '-d');
  await healthy();
  await query('CREATE TABLE orders AS SELECT n, md5(n::text) AS what FROM generate_series(1, 1000) n');
  written = await rows();
});
afterAll(async () => {
  await watched?.stop();
  await project?.docker('rm', '-f', holder()).catch(() => undefined);
  await project?.tearDown();
});

const db = (...command: readonly string[]) => project.exec('db', ...command);
const query = (sql: string) => db('psql', '-h', '/tmp', '-qAtc', sql);
const healthy = () =>
  project.until('db is healthy', async () => (await project.container('db')).State.Health?.Status === 'healthy');
const rows = () => query('SELECT count(*), md5(string_agg(what, NULL ORDER BY n)) FROM orders');
/** A repair by that strategy that has ended so. */
const ended = (strategy: string, outcome: string) =>
  watched.until(
    `${strategy} has ended: ${outcome}`,
    () => watched.repairs('db').find(each => each.order.strategy === strategy && each.outcome === outcome),
    minutes(5),
  );

/** The incident of that condition that was handed to people. */
const leftToPeople = (condition: string) =>
  watched.until(
    `people are told of ${condition}`,
    () => watched.incidents('db').find(each => each.condition === condition && each.state === 'escalated'),
    minutes(3),
  );

const watching = () =>
  aWatchdog({
    projects: [project.name],
    readsLogs: true,
    // All of this is one service's trouble within an hour.
    env: { MAX_RESTART_ATTEMPTS: '1000' },
    config: 'approvals: { allow: { remove-stale-lock: "*", fix-permissions: "*" } }\n',
    playbooks: { 'too-many.yml': SOON },
  });

describe('a lock', () => {
  const lock = () => project.docker('run', '--rm', '-v', volume(), wardImage, 'cat', `${DATA}/postmaster.pid`);
  const held = (sql: string) => project.docker('exec', holder(), 'psql', '-h', '/tmp', '-qAtc', sql);

  test('that another server holds is not touched, and the server neither', async () => {
    await project.compose('stop', 'db');
    await project.docker(
      'run',
      '-d',
      '--name',
      holder(),
      '--user',
      'postgres',
      '-v',
      volume(),
      wardImage,
      'sh',
      '-c',
      HOLDER,
    );
    await project.docker(
      'exec',
      holder(),
      'timeout',
      '120',
      'sh',
      '-c',
      'until psql -h /tmp -qc "SELECT 1"; do sleep 0.2; done',
    );
    const before = await lock();
    await project.compose('start', 'db');

    watched = await watching();
    const { order, because } = await ended('remove-stale-lock', 'failed');

    expect(order.condition).toBe('postgres-stale-lock');
    expect(because).toContain(`the volume ${project.name}_data is in use by ${holder()}; stop them first`);
    expect(await lock()).toBe(before);
    expect(await held('SELECT count(*) FROM orders')).toBe('1000');
  });

  test('of a server that was killed is set aside, and every row is there', async () => {
    await project.docker('rm', '-f', holder());

    const { steps } = await ended('remove-stale-lock', 'healed');

    expect(steps.map(({ step }) => step)).toEqual(['found', 'stop', 'kept', 'aside', 'start']);
    expect(await rows()).toBe(written);
    expect(await db('sh', '-c', `ls ${DATA} | grep -c 'postmaster.pid.stale-'`)).toBe('1');
  });
});

test('a server without a free place gets rid of idle sessions, and of none that works', async () => {
  await query('CREATE ROLE shop LOGIN');
  const session = (input: string) =>
    project.docker('exec', '-d', `${project.name}-db-1`, 'sh', '-c', `${input} | psql -h /tmp -U shop postgres`);
  const count = (what: string) => query(`SELECT count(*) FROM pg_stat_activity WHERE usename = 'shop' AND ${what}`);
  for (const _ of [1, 2, 3, 4]) await session('sleep 100000');
  await session(`echo 'SELECT pg_sleep(100000)'`);
  await watched.until('one works', async () => (await count(`state = 'active'`)) === '1');
  const idle = `state = 'idle' AND state_change < now() - interval '1 second'`;
  await watched.until('the others have been idle for a second', async () => (await count(idle)) === '4');

  const asShop = () => db('psql', '-h', '/tmp', '-U', 'shop', '-d', 'postgres', '-Atc', 'SELECT 1');
  await expect(asShop()).rejects.toThrow('remaining connection slots are reserved');
  const { order, steps } = await ended('terminate-connections', 'healed');

  expect(order).toMatchObject({ kind: 'erring', error: { pattern: 'postgres-too-many-connections' } });
  expect(steps.at(-1)?.data).toMatchObject({ sessions: 4, limit: 8 });
  // Whose session is ended takes a moment to give its place back.
  await watched.until('there is a place', async () => (await asShop().catch(() => '')) === '1');
  expect(await count(`state = 'active'`)).toBe('1');
  expect(await rows()).toBe(written);
});

test('one that recovers is left alone, however ill it looks, until it has recovered', async () => {
  // Recovery asks for the next part of the log again and again, and goes no further meanwhile.
  const settings = `restore_command = 'while [ -e ${DATA}/hold ]; do sleep 0.2; done; false'`;
  await db('sh', '-c', `cd ${DATA} && touch hold recovery.signal && echo "${settings}" >> postgresql.auto.conf`);
  await project.crash('db');

  const { code } = await watched.until(
    'it is left alone',
    () => watched.decisions('db').find(({ because }) => because.includes('postgres-recovering')),
    minutes(5),
  );
  const isUnhealthy = async () => (await project.container('db')).State.Health?.Status === 'unhealthy';
  await watched.until('its health check says that it is ill', isUnhealthy);
  const { StartedAt } = (await project.container('db')).State;
  // Long enough for an unhealthy service to be restarted twice.
  await watched.rounds(5);

  expect(code).toBe('in-flight');
  const { State } = await project.container('db');
  expect(State).toMatchObject({ StartedAt, Health: { Status: 'unhealthy' } });

  await db('rm', `${DATA}/hold`);
  await healthy();
  expect((await project.container('db')).State.StartedAt).toBe(StartedAt);
  expect(await rows()).toBe(written);
});

test('one without room on its disk is left running, because it answers reads, and people are told', async () => {
  const { Id, State } = await project.container('db');
  await project.docker('exec', '--user', 'root', Id, 'install', '-d', '-o', 'postgres', '/small/space');
  await query(`CREATE TABLESPACE small LOCATION '/small/space'`);

  const much = query('CREATE TABLE much TABLESPACE small AS SELECT * FROM orders, generate_series(1, 100)');
  await expect(much).rejects.toThrow('No space left on device');
  const { id } = await leftToPeople('resource-exhausted');
  await watched.rounds(3);

  expect(watched.repairs('db').filter(({ incidentId }) => incidentId === id)).toEqual([]);
  expect((await project.container('db')).State.StartedAt).toBe(State.StartedAt);
  expect(await rows()).toBe(written);

  await query('DROP TABLESPACE small');
  // Else a later recovery asks for its folder, which is gone with the container's life.
  await query('CHECKPOINT');
  watched.watchdog.resolve(id, 'there is room again');
});

test('one without a valid checkpoint is left to people as it lies, and nothing is started again in vain', async () => {
  const wal = `${DATA}/pg_wal`;
  await db('sh', '-c', `mkdir ${wal}.kept && mv ${wal}/0* ${wal}.kept`);
  await project.crash('db');

  await leftToPeople('data-corruption');
  const tried = watched.repairs('db').length;
  const { FinishedAt } = (await project.container('db')).State;
  await watched.rounds(3);

  expect(watched.repairs('db')).toHaveLength(tried);
  expect((await project.container('db')).State).toMatchObject({ Status: 'exited', FinishedAt });

  await project.docker('run', '--rm', '-v', volume(), wardImage, 'sh', '-c', `mv ${wal}.kept/* ${wal}`);
  await project.compose('start', 'db');
  await healthy();
  expect(await rows()).toBe(written);
});

test('a data directory that belongs to root is given back, and closed to others', async () => {
  // One that has not repaired anything within the hour: this playbook may not try as often.
  await watched?.stop();
  watched = await watching();
  await project.docker('run', '--rm', '-v', volume(), wardImage, 'chown', '-R', 'root:root', '/pg');
  // It may have ended by itself: it cannot read its own files any more.
  await project.crash('db').catch(() => undefined);

  const { order } = await ended('fix-permissions', 'healed');

  expect(order).toMatchObject({ condition: 'permission-denied', with: { mode: 700 } });
  expect(await db('find', '/pg', '!', '-user', 'postgres')).toBe('');
  expect(await rows()).toBe(written);
});
