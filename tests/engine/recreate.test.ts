import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { recreateContainer } from '../../watchdog/repair/recreate.ts';
import { rejoinNetwork } from '../../watchdog/repair/rejoin-network.ts';
import { aWork } from '../fakes/a-work.ts';
import { patientImage } from '../images/names.ts';
import { replacementRules } from '../repair/replacement-rules.ts';
import { making } from './making.ts';
import { aProject, type Project } from './project.ts';

const docker = connectDocker({ host: process.env.DOCKER_HOST, env: process.env });

/** Outside the pools from which the engine gives networks their addresses by itself. */
const SUBNET = `10.214.${process.pid % 250}`;
const strategy = recreateContainer(docker);
const forever = new AbortController().signal;

const IMAGE = `cw-docker-recreate-${process.pid}:latest`;

/** An image that implies something of everything. */
const DOCKERFILE = `
FROM ${patientImage}
ENV FROM_IMAGE=1 OVERRIDDEN=image
LABEL from.image=1 overridden=image
EXPOSE 7000
VOLUME /image-volume
WORKDIR /tmp
STOPSIGNAL SIGINT
HEALTHCHECK --interval=1s --timeout=30s --retries=5 CMD ["patient", "check"]
`;

/** Two services: one that says nothing about itself, and one that says everything that can be said here. */
const YAML = `
services:
  plain:
    image: ${IMAGE}
  rich:
    image: ${IMAGE}
    command: ["serve", "more"]
    hostname: wealthy
    domainname: example.test
    mac_address: 02:11:22:33:44:55
    user: "0:0"
    working_dir: /var
    stop_signal: SIGTERM
    stop_grace_period: 3s
    init: true
    tty: true
    stdin_open: true
    restart: on-failure:5
    environment: { FROM_COMPOSE: "1", OVERRIDDEN: compose, PATIENT_PORT: "8080" }
    labels: { overridden: compose, auto_repair.cooldown: 1m }
    expose: ["7001"]
    ports: ["127.0.0.1::8080", "127.0.0.1::7002/udp"]
    healthcheck: { test: ["CMD", "patient", "check"], interval: 1s, timeout: 30s, retries: 5, start_period: 2s }
    networks:
      front: { ipv4_address: ${SUBNET}.77, aliases: [shop, www], priority: 10 }
      back: { aliases: [rich-back] }
      default: {}
    dns: [192.0.2.53]
    dns_search: [example.test]
    dns_opt: ["ndots:2"]
    extra_hosts: ["printer:192.0.2.9"]
    cap_add: [NET_ADMIN]
    cap_drop: [MKNOD, AUDIT_WRITE]
    security_opt: ["no-new-privileges:true", "seccomp:unconfined"]
    sysctls: { net.core.somaxconn: 512 }
    ulimits: { nofile: { soft: 1000, hard: 2000 }, nproc: 500 }
    devices: ["/dev/null:/dev/mynull:rwm"]
    device_cgroup_rules: ["c 1:3 mr"]
    group_add: ["1234"]
    pid: host
    ipc: shareable
    shm_size: 32m
    read_only: true
    tmpfs: ["/tmp:size=1m", "/var"]
    mem_limit: 64m
    mem_reservation: 32m
    memswap_limit: 96m
    mem_swappiness: 10
    cpus: 0.5
    cpu_shares: 512
    cpuset: "0"
    pids_limit: 100
    oom_score_adj: 200
    oom_kill_disable: false
    logging: { driver: json-file, options: { max-size: 1m, max-file: "2" } }
    secrets: [password]
    configs: [{ source: settings, target: /etc/settings }]
    volumes:
      - /anonymous
      - named:/named
      - named:/named-ro:ro
      - /etc/hostname:/etc/host-name:ro
      - { type: volume, source: named, target: /typed, volume: { nocopy: true } }
      - { type: tmpfs, target: /typed-tmpfs, tmpfs: { size: 1048576 } }
  base:
    image: ${patientImage}
    volumes: [/shared]
  borrower:
    image: ${patientImage}
    volumes_from: ["base:ro"]
    entrypoint: ["sleep", "3600"]
    stop_grace_period: 1s
networks:
  front: { ipam: { config: [{ subnet: ${SUBNET}.0/24 }] } }
  back: {}
volumes: { named: {} }
secrets: { password: { file: ./compose.yaml } }
configs: { settings: { file: ./compose.yaml } }
`;

let project: Project;

const seen = async (service: string): Promise<Replica> => {
  const replica = await docker.inspect((await project.container(service)).Id);
  if (replica === undefined) throw new Error(`${service} is gone`);
  return replica;
};

/** Recreates the service's container and confirms it. */
async function recreate(service: string): Promise<void> {
  const work = aWork(await seen(service));
  await strategy.apply(work);
  await strategy.confirm?.(work.steps, forever);
}

describe('a service with a making', () => {
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cw-recreate-'));
    writeFileSync(join(folder, 'Dockerfile'), DOCKERFILE);
    project = aProject(YAML);
    await project.docker('build', '-q', '-t', IMAGE, folder);
    await project.compose('up', '-d', '--wait');
  });

  afterAll(async () => {
    await project.tearDown();
    await project.docker('rmi', '-f', IMAGE);
    rmSync(folder, { recursive: true });
  });

  test.each(['plain', 'rich', 'base'])('differs after a recreate only in identity and times (%s)', async service => {
    const before = await project.container(service);

    await recreate(service);

    const after = await project.container(service);
    expect(after.Id).not.toBe(before.Id);
    expect(making(after)).toEqual(making(before));
  });

  test('freezes nothing that only its image implied', async () => {
    const { body } = await docker.blueprint((await project.container('plain')).Id);

    expect(body).toMatchObject({ Image: IMAGE, Env: [], ExposedPorts: {} });
    for (const key of ['Cmd', 'Entrypoint', 'WorkingDir', 'StopSignal', 'Healthcheck'])
      expect(body).not.toHaveProperty(key);
    expect(Object.keys(body.Labels as object).filter(label => !label.startsWith('com.docker.compose.'))).toEqual([]);
  });

  test('keeps what lies in its anonymous volumes', async () => {
    for (const path of ['/anonymous', '/image-volume']) await project.exec('rich', 'touch', `${path}/kept`);

    await recreate('rich');

    expect(await project.exec('rich', 'ls', '/anonymous', '/image-volume')).toBe(
      '/anonymous:\nkept\n\n/image-volume:\nkept',
    );
  });

  test('is the same to Compose, which leaves it alone', async () => {
    for (const service of ['plain', 'rich']) await recreate(service);
    const ids = async () => Promise.all(['plain', 'rich'].map(async service => (await project.container(service)).Id));
    const before = await ids();

    await project.compose('up', '-d', 'plain', 'rich');

    expect(await ids()).toEqual(before);
  });

  test('borrows its volumes still when their lender was recreated', async () => {
    await project.exec('base', 'touch', '/shared/lent');
    await recreate('base');

    await recreate('borrower');

    expect(await project.exec('borrower', 'ls', '/shared')).toBe('lent');
  });

  test('is made from the image that ran when the tag has moved on', async () => {
    const { Image } = await project.container('plain');
    await project.docker('tag', patientImage, IMAGE);

    await recreate('plain');

    expect((await project.container('plain')).Image).toBe(Image);
    await project.docker('tag', Image, IMAGE);
  });
});

describe('a recreate that fails', () => {
  const port = 20_000 + (process.pid % 10_000);

  beforeAll(async () => {
    project = aProject(`
services:
  web: { image: ${patientImage}, stop_grace_period: 1s, ports: ["127.0.0.1:${port}:8080"] }
`);
    await project.compose('up', '-d');
  });
  afterAll(() => project.tearDown());

  test('because its port was taken in between gives the old container its place back', async () => {
    const target = await seen('web');
    const thief = `${project.name}-thief`;
    const start = async (id: string) => {
      await project.docker('run', '-d', '--name', thief, '-p', `127.0.0.1:${port}:8080`, patientImage);
      await docker.start(id).finally(() => project.docker('rm', '-f', thief));
    };
    const work = aWork(target);
    const attempt = recreateContainer({ ...docker, start }).apply(work);
    await expect(attempt).rejects.toMatchObject({ message: expect.stringContaining('port is already allocated') });

    await strategy.undo?.(work.steps, forever);

    expect(await seen('web')).toMatchObject({ id: target.id, name: target.name, state: 'running' });
  });
});

describe('a service in the network of another one', () => {
  beforeAll(async () => {
    project = aProject(`
services:
  parent: { image: ${patientImage}, stop_grace_period: 1s, environment: { PATIENT_PORT: 8080 } }
  child: { image: ${patientImage}, stop_grace_period: 1s, network_mode: "service:parent" }
`);
    await project.compose('up', '-d');
  });
  afterAll(() => project.tearDown());

  const reachesParent = () =>
    project.exec(
      'child',
      'timeout',
      '300',
      'sh',
      '-c',
      'until wget -q -O - http://127.0.0.1:8080/; do sleep 0.1; done',
    );

  test('is back in it by a restart after its parent was restarted', async () => {
    await project.docker('restart', (await project.container('parent')).Id);
    const work = aWork(await seen('child'));

    await rejoinNetwork(docker).apply(work);

    expect(await reachesParent()).toBe('well');
  });

  test('is back in it by a recreate after its parent was replaced', async () => {
    await recreate('parent');
    const { Id: networkParent } = await project.container('parent');
    const work = aWork(await seen('child'), { with: { networkParent } });
    const strategy = rejoinNetwork(docker);

    await strategy.apply(work);
    await strategy.confirm?.(work.steps, forever);

    expect(await seen('child')).toMatchObject({ networkParent, state: 'running' });
    expect(await reachesParent()).toBe('well');
  });
});

describe('a recreate on a real engine', () => {
  beforeAll(() => {
    project = aProject(`services: { web: { image: ${patientImage}, stop_grace_period: 1s } }`);
  });
  afterEach(() => project.compose('down', '-t', '0'));
  afterAll(() => project.tearDown());

  replacementRules({
    docker,
    begin: async () => {
      await project.compose('up', '-d');
      return await seen('web');
    },
    standing: async () =>
      Object.fromEntries((await project.containers('web')).map(({ Name, State }) => [Name.slice(1), State.Running])),
  });
});
