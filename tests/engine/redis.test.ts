import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { wardImage } from '../images/names.ts';
import { aProject, aWatchdog, type Project, type Watched } from './harness.ts';

// A real Redis whose files are spoilt: seen by what it writes about it, repaired by its playbook, and asked for what it held before.

const YAML = `
services:
  redis:
    image: ${wardImage}
    user: redis
    command: redis-server --dir /data --appendonly yes --save ""
    healthcheck: { test: ["CMD", "redis-cli", "ping"], interval: 500ms, timeout: 30s, retries: 5 }
    volumes: [data:/data]
volumes: { data: {} }
`;
const KEYS = 'for i in $(seq 200); do echo "SET key$i value$i"; done | redis-cli > /dev/null; redis-cli dbsize';
const AOF = '/data/appendonlydir';

let project: Project;
let watched: Watched;

beforeAll(async () => {
  project = aProject(YAML);
  await project.compose('run', '--rm', '--user', 'root', 'redis', 'chown', 'redis', '/data');
  await project.compose('up', '-d');
  watched = await aWatchdog({
    projects: [project.name],
    readsLogs: true,
    config: 'approvals: { allow: { fix-permissions: "*" } }\n',
  });
  await healthy();
  expect(await redis('sh', '-c', KEYS)).toBe('200');
});
afterAll(async () => {
  await watched?.stop();
  await project?.tearDown();
});

const redis = (...command: readonly string[]) => project.exec('redis', ...command);
const healthy = () =>
  project.until('redis is healthy', async () => (await project.container('redis')).State.Health?.Status === 'healthy');
/** As root, on its files, whether it runs or not. */
const spoil = async (script: string) => {
  const volume = `${project.name}_data:/data`;
  await project.docker(
    'run',
    '--rm',
    '--name',
    `${project.name}-spoiler`,
    '-v',
    volume,
    wardImage,
    'sh',
    '-ec',
    script,
  );
};
/** A repair of that name that has ended. */
const ended = (strategy: string) =>
  watched.until(`${strategy} has ended`, () =>
    watched.repairs('redis').find(({ order, endedAt }) => order.strategy === strategy && endedAt !== undefined),
  );

test('an append-only directory that belongs to root is given back, with all that is in it', async () => {
  await spoil(`chown -R root:root ${AOF}`);
  await project.crash('redis');

  const { order, outcome, steps } = await ended('fix-permissions');

  expect({ condition: order.condition, outcome }).toEqual({ condition: 'permission-denied', outcome: 'healed' });
  // The folder, the base, the commands since, and the manifest.
  expect(steps[0]?.data).toMatchObject({ entries: 4, now: expect.stringContaining('1 of 0:0 755') });
  expect(await redis('redis-cli', 'set', 'after', 'it')).toBe('OK');
  expect(await redis('redis-cli', 'dbsize')).toBe('201');
  expect(await redis('redis-cli', 'get', 'key200')).toBe('value200');
  expect(await redis('find', '/data', '!', '-user', 'redis')).toBe('');
});
