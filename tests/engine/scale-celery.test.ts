import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import { redisListLength } from '../../watchdog/adapters/redis-list.ts';
import { minutes } from '../../watchdog/domain/time.ts';
import { wardImage } from '../images/names.ts';
import { aProject, aWatchdog, type Project, type Watched } from './harness.ts';

// A real Redis and real Celery workers: what waits, what is at work, and how a worker ends are theirs to say.

/** So many wait whenever a test stands on all workers being wanted. */
const TASKS = 2_000;
const EACH = 150;
const MOST = 4;
/** On a busy machine a worker takes long to start, and all of them long to work off what there is. */
const LONG = minutes(8);

const YAML = `
x-celery: &celery
  image: ${wardImage}
  working_dir: /celery
  environment: [PYTHONDONTWRITEBYTECODE=1]
  volumes: ["${join(import.meta.dirname, 'celery')}:/celery:ro"]
services:
  redis:
    <<: *celery
    command: [redis-server, --save, "", --protected-mode, "no"]
    ports: ["127.0.0.1:0:6379"]
    healthcheck: { test: [CMD, redis-cli, ping], interval: 500ms, retries: 60 }
  worker:
    <<: *celery
    # Python as PID 1 would not hear a signal before Celery listens to it.
    init: true
    # A signal ends a worker warmly: it finishes what it is at, and takes nothing more.
    command: [python3, -m, celery, --app, tasks, worker, --pool, solo, --without-gossip, --without-mingle]
    stop_grace_period: 60s
`;

const scalingBy = (queue: string) => `
scaling:
  worker:
    metric: queue
    queue: ${queue}
    target_per_replica: ${EACH}
    min_replicas: 0
    max_replicas: ${MOST}
    behaviour: { scale_down: { stabilization_window: 2s } }
`;

describe('Celery workers that follow the length of their queue', () => {
  const docker = connectDocker({ env: process.env });
  let project: Project;
  let watched: Watched;
  let address: string;

  beforeAll(async () => {
    project = aProject(YAML);
    await project.compose('up', '-d', '--wait', 'redis');
    await project.compose('up', '-d');
    const { Ports } = (await project.container('redis')).NetworkSettings;
    address = `redis://127.0.0.1:${Ports['6379/tcp']?.[0]?.HostPort}`;
    watched = await aWatchdog({
      projects: [project.name],
      // However long Compose waits for the end of those that it takes: none of them is started meanwhile.
      env: { SCALER_INTERVAL: '1s', WATCHDOG_STOP_GRACE: '10m' },
      config: scalingBy(`${address}/0#celery`),
    });
  });
  afterAll(async () => {
    await watched?.stop();
    await project?.tearDown();
  });

  const redis = async (...words: readonly string[]) =>
    (await project.exec('redis', 'redis-cli', ...words)).split('\n').filter(line => line !== '');
  let sent = 0;
  const send = async (tasks: number) => {
    await project.exec('redis', 'python3', 'tasks.py', String(tasks));
    sent += tasks;
  };
  /** Workers that are quick, on a machine that is slow with everything else, may have worked off what there was. */
  const sendWhatIsMissing = async () => await send(Math.max(1, TASKS - (await redisListLength(`${address}/0#celery`))));
  const done = () => redisListLength(`${address}/1#done`);
  const whoWorked = () => redis('-n', '1', 'smembers', 'by');
  const workers = async () =>
    (await docker.list(project.name))
      .filter(({ service, state }) => service === 'worker' && state === 'running')
      .map(({ id }) => id);
  const untilThereAre = (count: number) =>
    watched.until(`${count} workers run`, async () => (await workers()).length === count, LONG);
  const untilAllIsDone = () => watched.until(`${sent} tasks are done`, async () => (await done()) >= sent, LONG);
  const sizings = () => watched.repairs('worker').map(({ order }) => order.with);
  const untilAllAreProven = () =>
    watched.until(
      'no size is still being proven',
      () => watched.repairs('worker').every(({ outcome }) => outcome !== undefined),
      LONG,
    );

  test('are none while nothing waits, and the first one starts on the first task', async () => {
    await untilThereAre(0);

    await send(1);
    await untilAllIsDone();

    expect(sizings()).toContainEqual({ replicas: 1, from: 0, reason: 'queue' });
    await untilThereAre(0);
  });

  test('work off a backlog of thousands, each task once, though they come and go meanwhile and somebody’s `up` takes most of them', async () => {
    await untilThereAre(0);
    const workedBefore = (await whoWorked()).length;

    await sendWhatIsMissing();
    await untilThereAre(MOST);
    await watched.until('all of them work', async () => (await whoWorked()).length >= workedBefore + MOST, LONG);
    await sendWhatIsMissing();
    // Who takes them away before would make it a size that was never reached.
    await untilAllAreProven();
    await untilThereAre(MOST);
    const were = await workers();
    await project.compose('up', '-d');
    const are = await workers();
    await sendWhatIsMissing();
    await untilThereAre(MOST);
    await untilAllIsDone();
    await untilThereAre(0);
    await untilAllAreProven();

    // New ones may have come by then.
    expect(were.filter(id => are.includes(id))).toHaveLength(1);
    const tasks = await redis('-n', '1', 'lrange', 'done', '0', '-1');
    expect([tasks.length, new Set(tasks).size]).toEqual([sent, sent]);
    expect(await redis('keys', '*unacked*')).toEqual([]);
    // Some went while tasks waited still.
    expect(sizings()).toContainEqual({ replicas: expect.any(Number), from: MOST, reason: 'queue' });
    expect(watched.repairs('worker').filter(({ outcome }) => outcome !== 'healed')).toEqual([]);
  });
});
