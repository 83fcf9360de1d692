import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ContainerInspectInfo } from 'dockerode';
import { composeOf } from '../../tools/setup/ensure-compose.ts';
import { systemClock } from '../../watchdog/adapters/clock.ts';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import { type Drain, MADE_LABEL } from '../../watchdog/domain/scaling.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { minutes } from '../../watchdog/domain/time.ts';
import { isWell } from '../../watchdog/domain/wellness.ts';
import { scale } from '../../watchdog/repair/scale.ts';
import { makeMoves, serviceOf } from '../fakes/a-move.ts';
import { patientImage } from '../images/names.ts';
import { scalingRules } from '../repair/scaling-rules.ts';
import { aProject, aWatchdog, CHECK, type Project, type Watched } from './harness.ts';
import { making } from './making.ts';

const docker = connectDocker({ host: process.env.DOCKER_HOST, env: process.env });
let project: Project;

/** All containers of the service, as the watchdog knows them, by number. */
const standing = async (service = 'web'): Promise<readonly Replica[]> => {
  const listed = await docker.list(project.name);
  const looked = await Promise.all(
    listed.filter(found => found.service === service).map(({ id }) => docker.inspect(id)),
  );
  return looked.filter(replica => replica !== undefined).sort((a, b) => a.number - b.number);
};
const numbers = async () => (await standing()).map(({ number }) => number);
const ids = async () => (await standing()).map(({ id }) => id);

/** Scales, and waits until all that runs is well. */
async function scaleTo(replicas: number, drain?: Drain) {
  const strategy = scale({ docker, clock: systemClock, drainOf: () => drain });
  const made = await makeMoves(strategy, serviceOf(await standing()), replicas);
  const wrong = made.map(({ error }) => error?.message ?? '').join();
  await project.until(`every replica is well ${wrong}`, async () =>
    (await standing()).filter(({ state }) => state !== 'created').every(isWell),
  );
  return made;
}

/** Ports of the host from a range of its own, far from where the kernel takes its own from. */
const FIRST_PORT = 21_000 + (process.pid % 400) * 20;

describe.each([
  ['2.26', 'trixie'],
  ['2.40', 'sid'],
] as const)('a service that Compose %s made', (version, suite) => {
  beforeAll(async () => {
    const compose = [await composeOf(suite)];
    project = aProject(
      `
services:
  web:
    image: ${patientImage}
    ${CHECK}
    environment: { PATIENT_PORT: "8080" }
    labels: { colour: blue }
    ports: ["127.0.0.1:${FIRST_PORT}-${FIRST_PORT + 9}:8080"]
    networks: { front: { aliases: [shop] }, back: {} }
    volumes: [/anonymous, "named:/named", "/etc/hostname:/etc/host-name:ro"]
    mem_limit: 64m
    stop_grace_period: 2s
networks: { front: {}, back: {} }
volumes: { named: {} }
`,
      { compose },
    );
    expect(await project.compose('version', '--short')).toMatch(version);
  });
  beforeEach(() => project.compose('up', '-d', '--wait'));
  afterEach(() => project.compose('down', '-v', '-t', '0'));
  afterAll(() => project.tearDown());

  test('has two more that differ in what only one container can have', async () => {
    await scaleTo(3);

    const [first, ...more] = await project.containers('web');
    expect(more).toHaveLength(2);
    for (const replica of more) expect(alike(replica)).toEqual(alike(first as ContainerInspectInfo));
    const volumes = [first, ...more].map(replica => volumeAt('/anonymous', replica as ContainerInspectInfo));
    expect(new Set(volumes).size).toBe(3);
  });

  test('gets a port of the range for each replica, and a name in its networks', async () => {
    await scaleTo(4);

    const containers = await project.containers('web');
    const ports = containers.map(({ NetworkSettings }) => NetworkSettings.Ports['8080/tcp']?.[0]?.HostPort);
    expect(new Set(ports).size).toBe(4);
    for (const port of ports) {
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      expect((await answer.text()).trim()).toBe('well');
    }
    const front = containers.map(({ NetworkSettings }) => NetworkSettings.Networks[`${project.name}_front`]?.Aliases);
    for (const [at, aliases] of front.entries())
      expect(aliases).toEqual(expect.arrayContaining(['web', 'shop', `${project.name}-web-${at + 1}`]));
    expect(front[1]).not.toContain(`${project.name}-web-1`);
  });

  test('is the same to Compose: listed, counted, scaled and taken down with its own', async () => {
    await scaleTo(3);
    const ours = await ids();

    expect((await project.compose('ps', '-q', 'web')).split('\n').sort()).toEqual([...ours].sort());
    expect(await project.compose('logs', '--no-color', 'web')).toContain('web-3');
    await project.compose('up', '-d', '--scale', 'web=3');
    expect(await ids()).toEqual(ours);
    await project.compose('up', '-d', '--scale', 'web=2');
    expect(await ids()).toEqual(ours.slice(0, 2));
    await project.compose('up', '-d', '--wait', '--scale', 'web=4');
    expect((await ids()).slice(0, 2)).toEqual(ours.slice(0, 2));
    await scaleTo(5);
    expect(await numbers()).toEqual([1, 2, 3, 4, 5]);
    await project.compose('down');
    expect(await standing()).toEqual([]);
  });

  test('has its replicas again after a plain up in between has reset them', async () => {
    await scaleTo(3);

    await project.compose('up', '-d');
    const reset = await numbers();
    await scaleTo(3);

    expect(reset).toEqual([1]);
    expect(await numbers()).toEqual([1, 2, 3]);
  });

  test('gives them back, the newest first, with their anonymous volumes', async () => {
    await scaleTo(3);
    const [first, ...more] = await project.containers('web');

    await scaleTo(1);

    expect(await ids()).toEqual([first?.Id]);
    const volumes = (await project.docker('volume', 'ls', '-q')).split('\n');
    expect(volumes).toContain(volumeAt('/anonymous', first as ContainerInspectInfo));
    for (const replica of more) expect(volumes).not.toContain(volumeAt('/anonymous', replica));
  });

  test('that was scaled to nothing comes back from its seed, and Compose starts that, too', async () => {
    await scaleTo(0);
    const asleep = await standing();
    await scaleTo(2);
    const awake = await standing();
    await scaleTo(0);
    await project.compose('up', '-d', '--wait');

    expect(asleep).toMatchObject([{ state: 'created', labels: { [MADE_LABEL]: 'seed' } }]);
    expect(awake.map(({ id, state }) => [id === asleep[0]?.id, state])).toEqual([
      [true, 'running'],
      [false, 'running'],
    ]);
    expect(await standing()).toMatchObject([{ state: 'running', health: 'healthy' }]);
  });
});

const volumeAt = (path: string, { Mounts }: ContainerInspectInfo): string | undefined =>
  Mounts.find(({ Destination }) => Destination === path)?.Name;

/** The making, without what only one container can have. */
function alike(container: ContainerInspectInfo): object {
  const { Name } = container;
  const { [MADE_LABEL]: _, 'com.docker.compose.container-number': __, ...Labels } = container.Config.Labels;
  const text = JSON.stringify(making({ ...container, Config: { ...container.Config, Labels } }));
  const anonymous = volumeAt('/anonymous', container) ?? '';
  return JSON.parse(text.replaceAll(Name.slice(1), 'NAME').replaceAll(anonymous, 'ANONYMOUS'));
}

describe('a replica that goes', () => {
  beforeAll(() => {
    project = aProject(`
services:
  web: { image: ${patientImage}, ${CHECK}, stop_grace_period: 1s, volumes: ["told:/told"] }
volumes: { told: {} }
`);
  });
  beforeEach(() => project.compose('up', '-d', '--wait', '--scale', 'web=2'));
  afterEach(() => project.compose('down', '-v', '-t', '0'));
  afterAll(() => project.tearDown());

  const command = (...argv: readonly string[]): Drain => ({ kind: 'command', argv, within: minutes(5) });
  const told = async () => await project.docker('exec', `${project.name}-web-1`, 'ls', '/told');

  test('is drained by its command first, word for word, and waited for', async () => {
    const [made] = await scaleTo(1, command('sh', '-c', 'sleep 1; touch "/told/$0"', 'two words'));

    expect(made).toMatchObject({ moved: { done: `${project.name}-web-2 was drained, stopped and removed` } });
    expect(await told()).toBe('two words');
    expect(await numbers()).toEqual([1]);
  });

  test('stays when its command fails, which says what it said', async () => {
    const [made] = await scaleTo(1, command('sh', '-c', 'echo 2 tasks left; exit 3'));

    expect(made?.error?.message).toBe(`${project.name}-web-2 could not be drained: sh ended with 3: 2 tasks left`);
    expect(await numbers()).toEqual([1, 2]);
  });

  test('may end by its own command', async () => {
    const [made] = await scaleTo(1, command('sh', '-c', 'patient exit 0; sleep 60'));

    expect(made?.error).toBeUndefined();
    expect(await numbers()).toEqual([1]);
  });

  test('ends by itself on a signal', async () => {
    await project.docker('exec', `${project.name}-web-2`, 'sh', '-c', 'echo 0 > /tmp/exit');

    const [made] = await scaleTo(1, { kind: 'signal', signal: 'SIGUSR1', within: minutes(5) });

    expect(made?.error).toBeUndefined();
    expect(await numbers()).toEqual([1]);
  });
});

describe('a replica that never becomes healthy', () => {
  let watched: Watched;

  // A replica is well only once somebody has signed for it.
  beforeAll(async () => {
    project = aProject(`
services:
  web:
    image: ${patientImage}
    healthcheck: { test: ["CMD-SHELL", "test -e /signed/$$(hostname) || { echo nobody signed; exit 1; }"], interval: 500ms, retries: 2 }
    stop_grace_period: 1s
    volumes: ["signed:/signed"]
volumes: { signed: {} }
`);
    await project.compose('up', '-d', '--scale', 'web=2');
    await project.docker('exec', `${project.name}-web-1`, 'sh', '-c', 'touch /signed/$(hostname)');
    const inspect = () => project.docker('inspect', '--format', '{{.State.Health.Status}}', `${project.name}-web-1`);
    await project.until(
      'one is well, of which another can be made',
      async () => (await inspect()).trim() === 'healthy',
    );
  });
  afterAll(async () => {
    await watched?.stop();
    await project.tearDown();
  });

  test('is removed again, and the repair says why it did not succeed', async () => {
    const ladder = 'name: unhealthy\ncondition: unhealthy\nladder: [{ strategy: scale, with: { replicas: 3 } }]\n';
    watched = await aWatchdog({
      projects: [project.name],
      env: { MAX_RESTART_ATTEMPTS: '1' },
      playbooks: { 'unhealthy.yml': ladder },
    });

    const repair = await watched.until('the order was carried out', () =>
      watched.repairs('web').find(({ outcome }) => outcome !== undefined),
    );

    expect(repair).toMatchObject({ outcome: 'not-healed', code: 'still-unhealthy' });
    expect(repair.because).toContain('nobody signed');
    expect(repair.because).toContain(`${project.name}-web-3 is removed again`);
    expect(await numbers()).toEqual([1, 2]);
    expect(watched.watchdog.stack.lastDeployAt(project.name)).toBeUndefined();
  });
});

describe('whenever the watchdog dies', () => {
  beforeAll(() => {
    project = aProject(`services: { web: { image: ${patientImage}, stop_grace_period: 1s, volumes: [/data] } }`);
  });
  afterEach(() => project.compose('down', '-v', '-t', '0'));
  afterAll(() => project.tearDown());

  scalingRules({
    docker,
    begin: async replicas => void (await project.compose('up', '-d', '--scale', `web=${replicas}`)),
    standing,
  });
});
