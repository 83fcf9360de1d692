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
volumes: { data: {} }
`;
/** Another server on the same data, whose number is that of one of the others' processes. */
const HOLDER = `${PATH.replaceAll('$$', '$')}; for process in $(seq 20); do : & done; ${SERVER} & wait`;

let project: Project;
let watched: Watched;
const holder = () => `${project.name}-holder`;
const volume = () => `${project.name}_data:/pg`;

beforeAll(async () => {
  project = aProject(YAML);
  await project.compose('run', '--rm', '--user', 'root', 'db', 'chown', 'postgres', '/pg');
  await project.compose('up', '-d');
  await healthy();
  await query('CREATE TABLE orders AS SELECT n, md5(n::text) AS what FROM generate_series(1, 1000) n');
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
/** What was written before there was any trouble. */
const rows = () => query('SELECT count(*), md5(string_agg(what, NULL ORDER BY n)) FROM orders');
const ROWS = '1000|';
/** The newest repair, once it has ended and is of that strategy. */
const ended = (strategy: string, outcome: string) =>
  watched.until(
    `${strategy} has ended: ${outcome}`,
    () => watched.repairs('db').find(each => each.order.strategy === strategy && each.outcome === outcome),
    minutes(5),
  );

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
    await project.until('the other server answers', () => held('SELECT 1').catch(() => ''));
    const before = await lock();
    await project.compose('start', 'db');

    watched = await aWatchdog({
      projects: [project.name],
      readsLogs: true,
      config: 'approvals: { allow: { remove-stale-lock: "*", fix-permissions: "*" } }\n',
    });
    const { order, because } = await ended('remove-stale-lock', 'failed');

    expect(order.condition).toBe('postgres-stale-lock');
    expect(because).toContain(`the volume ${project.name}_data is in use by ${holder()}; stop them first`);
    expect(await lock()).toBe(before);
    expect(await held('SELECT count(*) FROM orders')).toBe('1000');
  });

  test('of a server that was killed is set aside, and every row is there', async () => {
    await watched.until('it is left to people', () =>
      watched.incidents('db').some(({ state }) => state === 'escalated'),
    );
    await project.docker('rm', '-f', holder());
    expect(await lock()).toContain(DATA);

    const wish = { strategy: 'remove-stale-lock', approved: true };
    await watched.watchdog.ask({ project: project.name, service: 'db' }, wish, minutes(5));
    const { steps } = await ended('remove-stale-lock', 'healed');

    expect(steps.map(({ step }) => step)).toEqual(['found', 'stop', 'kept', 'aside', 'start']);
    expect(await rows()).toMatch(ROWS);
    expect(await db('sh', '-c', `ls ${DATA} | grep -c 'postmaster.pid.stale-'`)).toBe('1');
  });
});
