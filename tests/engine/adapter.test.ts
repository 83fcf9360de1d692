import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import type { EngineEvent } from '../../watchdog/adapters/docker/docker.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { patientImage } from '../images/names.ts';
import { aProject, CHECK, type Project } from './project.ts';

const docker = connectDocker({ host: process.env.DOCKER_HOST, env: process.env });

/** Outside the pools from which the engine gives networks their addresses by itself. */
const SUBNET = `10.213.${process.pid % 250}`;

let project: Project;

beforeAll(async () => {
  project = aProject(`
services:
  web:
    image: ${patientImage}
    ${CHECK}
    stop_grace_period: 1s
    ports: ["127.0.0.1::8080"]
    networks: { front: { ipv4_address: ${SUBNET}.77, aliases: [shop] }, back: {} }
  stubborn: { image: ${patientImage}, environment: { PATIENT_IGNORES_TERM: 1 }, stop_grace_period: 2s }
  side: { image: ${patientImage}, network_mode: "service:web", stop_grace_period: 1s }
  once: { image: ${patientImage}, environment: { PATIENT_EXIT_AFTER: "0.1", PATIENT_EXIT_CODE: 3 } }
networks: { front: { ipam: { config: [{ subnet: ${SUBNET}.0/24 }] } }, back: {} }
`);
  await project.compose('up', '-d');
  await project.until(
    'web is healthy',
    async () => (await project.container('web')).State.Health?.Status === 'healthy',
  );
  await project.until('once has ended', async () => (await project.container('once')).State.Status === 'exited');
});

afterAll(() => project.tearDown());

const idOf = async (service: string) => (await project.container(service)).Id;
const look = async (service: string): Promise<Replica> => (await docker.inspect(await idOf(service))) as Replica;

/** The events of the project from now on, until there is one that the test waits for. */
async function eventsUntil(last: (event: EngineEvent) => boolean, deed: () => Promise<unknown>, since?: number) {
  const over = new AbortController();
  const opened = Promise.withResolvers<void>();
  const seen: EngineEvent[] = [];
  const options = { project: project.name, since, onOpen: () => opened.resolve(), signal: over.signal };
  const listening = (async () => {
    for await (const event of docker.events(options)) {
      seen.push(event);
      if (last(event)) return;
    }
  })();
  await opened.promise;
  await deed();
  await listening;
  over.abort();
  return seen;
}

describe('looking', () => {
  test('finds the engine and its versions', async () => {
    expect(await docker.ping()).toEqual({
      version: expect.stringMatching(/^\d+\.\d+/),
      apiVersion: expect.stringMatching(/^1\.\d+$/),
    });
  });

  test('lists the whole project in one request', async () => {
    const requests: string[] = [];
    const counted = connectDocker({
      host: process.env.DOCKER_HOST,
      env: process.env,
      onRequest: (endpoint, code) => requests.push(`${endpoint} ${code}`),
    });

    const replicas = await counted.list(project.name);

    expect(requests).toEqual(['containers/json ok']);
    const byService = Object.fromEntries(replicas.map(replica => [replica.service, replica]));
    expect(byService).toMatchObject({
      web: { state: 'running', health: 'healthy', publishesPorts: true, number: 1 },
      side: { state: 'running', health: 'none', networkParent: byService.web?.id },
      once: { state: 'exited', exitCode: 3 },
      stubborn: { state: 'running', exitCode: undefined },
    });
  });

  test('tells the same by list and by inspect', async () => {
    const listed = await docker.list(project.name);

    for (const { inspected: _, createdAt, publishesPorts: __, ...fromList } of listed) {
      const inspected = await docker.inspect(fromList.id);
      expect(inspected).toMatchObject(fromList);
      expect(Math.floor(Number(inspected?.createdAt) / 1_000)).toBe(createdAt / 1_000);
    }
    expect(listed).toHaveLength(4);
  });

  test('finds by name, and nothing where nothing is', async () => {
    expect((await docker.inspect(`${project.name}-web-1`))?.service).toBe('web');
    expect(await docker.inspect(`${project.name}-nobody-1`)).toBeUndefined();
  });
});

describe('acting', () => {
  test('starting what runs and stopping what stands is no error', async () => {
    await docker.start(await idOf('web'));
    await docker.stop(await idOf('once'), undefined);

    expect((await look('web')).state).toBe('running');
  });

  test('a stop without a timeout uses the grace of the service', async () => {
    await docker.stop(await idOf('stubborn'), undefined);

    const { exitCode, inspected } = await look('stubborn');
    expect(exitCode).toBe(137);
    expect(inspected).toMatchObject({ stopGrace: 2_000, oomKilled: false });
    await docker.start(await idOf('stubborn'));
  });

  test('a call that the caller cuts short is a timeout, and the engine is told no more', async () => {
    const id = await idOf('stubborn');

    await expect(docker.stop(id, 60_000, AbortSignal.timeout(100))).rejects.toMatchObject({ code: 'timeout' });

    await docker.stop(id, 1);
    await docker.start(id);
  });

  test('a name that is taken is a conflict, and a container that is gone is not found', async () => {
    await expect(docker.rename(await idOf('once'), `${project.name}-web-1`)).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(docker.restart('0'.repeat(64), undefined)).rejects.toMatchObject({ code: 'not-found' });
    await expect(docker.stop('0'.repeat(64), undefined)).resolves.toBeUndefined();
    await expect(docker.remove('0'.repeat(64))).resolves.toBeUndefined();
  });
});

describe('networks', () => {
  const attachments = async () => {
    const { Networks } = (await project.container('web')).NetworkSettings;
    return Object.entries(Networks).map(([name, { Aliases, IPAMConfig }]) => [name, IPAMConfig, Aliases?.sort()]);
  };

  test('are reconnected with the same aliases and fixed addresses, without interrupting the service', async () => {
    const id = await idOf('web');
    const before = await attachments();
    const { inspected } = await look('web');

    await docker.reconnectNetworks(id, await docker.networksOf(id));

    expect(await attachments()).toEqual(before);
    expect((await look('web')).inspected?.startedAt).toBe(inspected?.startedAt);
    expect(await project.exec('side', 'hostname', '-i')).toContain(`${SUBNET}.77`);
  });

  test('that were left detached are attached, and the others let be', async () => {
    const id = await idOf('web');
    const before = await attachments();
    const networks = await docker.networksOf(id);
    await project.docker('network', 'disconnect', `${project.name}_front`, id);

    await docker.attachNetworks(id, networks);

    expect(await attachments()).toEqual(before);
  });

  test('of a container in the network of another one are none', async () => {
    expect(await docker.networksOf(await idOf('side'))).toEqual({});
  });
});

describe('a command in a container', () => {
  const run = async (...argv: readonly string[]) => docker.exec(await idOf('stubborn'), argv);

  test('is given its words as they are, and says how it ended', async () => {
    expect(await run('echo', '$HOME; "two  words"')).toEqual({ exitCode: 0, said: '$HOME; "two  words"' });
    expect(await run('sh', '-c', 'echo no >&2; exit 3')).toEqual({ exitCode: 3, said: 'no' });
  });

  test('may write more than is kept; the end of it is', async () => {
    // Little more: the engine lets go of what it has not read itself two seconds after the end of the command, 16 kB at a time.
    const { exitCode, said } = await run('sh', '-c', 'seq 1 1500; echo done');

    expect(exitCode).toBe(0);
    expect(said).toMatch(/\n1499\n1500\ndone$/);
    expect(said.length).toBeLessThanOrEqual(4_096);
  });
});

describe('events', () => {
  test('tell a restart in its order, and nothing of the probes that run meanwhile', async () => {
    const id = await idOf('web');

    // The first probe of the new life may be told of before the restart is.
    const awaited = new Set(['restart', 'healthy']);
    let started = false;
    const last = ({ action, health }: EngineEvent) => {
      started ||= action === 'start';
      if (started) awaited.delete(health ?? action);
      return awaited.size === 0;
    };
    const events = await eventsUntil(last, () => docker.restart(id, undefined));

    const [first] = events;
    expect(first).toMatchObject({ service: 'web', number: 1, name: `${project.name}-web-1`, containerId: id });
    const told = events
      .filter(({ action }) => action !== 'health')
      .map(({ action, signal, exitCode }) => [action, signal ?? exitCode]);
    // Which of the two comes first differs between engines: 20.10 says `die` first, 26.1 `stop`.
    const ended = [
      ['die', 0],
      ['stop', undefined],
    ];
    expect(told.slice(1, 3)).toEqual(expect.arrayContaining(ended));
    expect(told.toSpliced(1, 2)).toEqual([
      ['kill', '15'],
      ['start', undefined],
      ['restart', undefined],
    ]);
    expect(new Set(events.map(({ identity }) => identity)).size).toBe(events.length);
  });

  /** One restart, told as it happens and told again from before it on: the identities of the one, and of the other. */
  async function toldTwice() {
    const [id, marker] = [await idOf('web'), await idOf('once')];
    const since = Date.now();
    const live = await eventsUntil(
      ({ action }) => action === 'start',
      () => docker.restart(id, undefined),
    );
    const isMarker = ({ action, containerId }: EngineEvent) => action === 'start' && containerId === marker;
    const replayed = await eventsUntil(isMarker, () => docker.restart(marker, undefined), since);
    return [live, replayed].map(events => events.map(({ identity }) => identity));
  }

  test('are told again from a moment on, with the same identity', async () => {
    // Of all that happens on it, every probe of every container, the engine remembers the last 256 events: seconds, when it is busy.
    for (let left = 20; left > 0; left -= 1) {
      const [live = [], replayed = []] = await toldTwice();
      if (left > 1 && !live.every(identity => replayed.includes(identity))) continue;
      expect(replayed).toEqual(expect.arrayContaining(live));
      return;
    }
  });
});
