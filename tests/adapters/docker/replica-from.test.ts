import { describe, expect, test } from '@jest/globals';
import type { ContainerInspect, ListEntry } from '../../../watchdog/adapters/docker/engine-shapes.ts';
import { replicaFromInspect, replicaFromList } from '../../../watchdog/adapters/docker/replica-from.ts';
import { NOTHING_SEEN } from '../../../watchdog/domain/service.ts';
import { fixture } from '../../fixtures/docker/read-fixture.ts';

const listed = (service: string) =>
  fixture<ListEntry[]>('list-20.10.json').find(
    entry => entry.Names[0] === `/cw-docker-shapes-${service}-1`,
  ) as ListEntry;
const inspected = (service: string) => fixture<ContainerInspect>(`inspect-${service}-20.10.json`);

describe('a list entry', () => {
  test('of a healthy service becomes its replica', () => {
    const replica = replicaFromList(listed('web'));

    expect(replica).toMatchObject({
      project: 'cw-docker-shapes',
      service: 'web',
      number: 1,
      name: 'cw-docker-shapes-web-1',
      image: 'compose-watchdog-test/patient:latest',
      state: 'running',
      health: 'healthy',
      exitCode: undefined,
      networkParent: undefined,
      addresses: ['172.19.0.3'],
      createdAt: 1_795_328_815_000,
      oneOff: false,
      publishesPorts: true,
      inspected: undefined,
      seen: NOTHING_SEEN,
      samples: [],
    });
  });

  test('of a service in the network of another one names that container', () => {
    expect(replicaFromList(listed('side'))?.networkParent).toBe(listed('web').Id);
  });

  test.each([
    { state: 'running', status: 'Up 2 minutes', health: 'none', exitCode: undefined },
    { state: 'running', status: 'Up 2 minutes (unhealthy)', health: 'unhealthy', exitCode: undefined },
    { state: 'running', status: 'Up 1 second (health: starting)', health: 'starting', exitCode: undefined },
    { state: 'paused', status: 'Up 2 minutes (Paused)', health: 'none', exitCode: undefined },
    { state: 'created', status: 'Created', health: 'none', exitCode: undefined },
    { state: 'exited', status: 'Exited (137) 3 seconds ago', health: 'none', exitCode: 137 },
    { state: 'restarting', status: 'Restarting (1) 5 seconds ago', health: 'none', exitCode: 1 },
    { state: 'dead', status: 'Dead', health: 'none', exitCode: undefined },
  ])('that reads "$status" is $health with exit code $exitCode', ({ state, status, health, exitCode }) => {
    expect(replicaFromList({ ...listed('web'), State: state, Status: status })).toMatchObject({
      state,
      health,
      exitCode,
    });
  });

  test('of a newer engine tells health in a field of its own', () => {
    const entry = { ...listed('web'), Status: 'Up 2 minutes', Health: { Status: 'unhealthy', FailingStreak: 3 } };

    expect(replicaFromList(entry)?.health).toBe('unhealthy');
  });

  test('is called by its own name, not by what a link calls it', () => {
    expect(replicaFromList({ ...listed('web'), Names: ['/api/db', '/web'] })?.name).toBe('web');
  });

  test.each([
    { labels: { 'com.docker.compose.oneoff': 'True' }, oneOff: true },
    { labels: { 'com.docker.compose.hook': 'post_start' }, oneOff: true },
    { labels: { 'com.docker.compose.oneoff': 'False' }, oneOff: false },
    { labels: { 'com.docker.compose.replace': 'web-1' }, oneOff: false },
  ])('with the labels $labels is one-off: $oneOff', ({ labels, oneOff }) => {
    const service = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' };

    expect(replicaFromList({ ...listed('web'), Labels: { ...service, ...labels } })).toMatchObject({
      oneOff,
      number: 1,
    });
  });

  test.each([{ labels: null }, { labels: {} }, { labels: { 'com.docker.compose.project': 'shop' } }])(
    'that is not of a Compose service ($labels) is left out',
    ({ labels }) => {
      expect(replicaFromList({ ...listed('web'), Labels: labels })).toBeUndefined();
    },
  );
});

describe('an inspect', () => {
  test('tells where it may write: of its own files, and on each of its mounts', () => {
    const web = inspected('web');
    const { HostConfig } = web;
    const Mounts = [
      { Type: 'volume', Name: 'shop_data', Destination: '/data', RW: true },
      { Type: 'bind', Source: '/srv/app.conf', Destination: '/etc/app.conf', RW: false },
    ];
    const made = { ...web, Mounts, HostConfig: { ...HostConfig, ReadonlyRootfs: true, Tmpfs: { '/run': '' } } };

    expect(replicaFromInspect(made)?.inspected?.mayWrite).toEqual({
      '/': false,
      '/data': true,
      '/etc/app.conf': false,
      '/run': true,
    });
  });

  test('tells what the list does not', () => {
    const replica = replicaFromInspect(inspected('web'));

    expect(replica?.inspected).toEqual({
      startedAt: Date.parse('2026-11-22T06:26:56.401Z'),
      finishedAt: undefined,
      restartCount: 0,
      restartPolicy: { name: 'no', maximumRetries: 0 },
      oomKilled: false,
      error: '',
      healthcheck: { interval: 1_000, timeout: 2_000, retries: 1, startPeriod: 0 },
      failingStreak: 0,
      lastProbe: { at: Date.parse('2026-11-22T06:26:58.527Z'), exitCode: 0, output: 'the patient is well' },
      stopGrace: 3_000,
      sharesWith: [],
      mayWrite: { '/': true, '/anon': true, '/data': true },
      aliases: ['cw-docker-shapes-web-1', 'web', 'aba68b4adbae'],
    });
  });

  test.each(['web', 'side', 'once'])('of %s says the same as the list where both speak', service => {
    const {
      inspected: _1,
      createdAt: inspectCreated,
      publishesPorts: _2,
      ...fromInspect
    } = replicaFromInspect(inspected(service)) ?? { createdAt: 0 };
    const {
      inspected: _3,
      createdAt: listCreated,
      publishesPorts: _4,
      ...fromList
    } = replicaFromList(listed(service)) ?? { createdAt: 0 };

    expect(fromInspect).toEqual(fromList);
    expect(Math.floor(inspectCreated / 1_000)).toBe(listCreated / 1_000);
  });

  const withConfig = (config: object, host: object = {}): ContainerInspect => {
    const web = inspected('web');
    return { ...web, Config: { ...web.Config, ...config }, HostConfig: { ...web.HostConfig, ...host } };
  };

  test('fills in the defaults of the engine where a health check leaves them out', () => {
    const replica = replicaFromInspect(withConfig({ Healthcheck: { Test: ['CMD-SHELL', 'true'] } }));

    expect(replica?.inspected?.healthcheck).toEqual({ interval: 30_000, timeout: 30_000, retries: 3, startPeriod: 0 });
  });

  test.each(['exited', 'paused', 'restarting', 'created', 'dead'])('gives a container that is %s no health', Status => {
    const web = inspected('web');
    const State = { ...web.State, Status, Health: { Status: 'unhealthy', FailingStreak: 0 } };

    expect(replicaFromInspect({ ...web, State })?.health).toBe('none');
  });

  test.each([null, { Test: ['NONE'] }, { Test: [], Interval: 1 }])('finds no health check in %j', Healthcheck => {
    expect(replicaFromInspect(withConfig({ Healthcheck }))?.inspected?.healthcheck).toBeUndefined();
  });

  test('knows whose namespaces and volumes are shared, each once', () => {
    const host = { IpcMode: 'container:aa', PidMode: 'container:bb', VolumesFrom: ['cc:ro', 'aa'] };

    expect(replicaFromInspect(withConfig({}, host))?.inspected?.sharesWith).toEqual(['aa', 'bb', 'cc']);
  });

  test.each([
    { host: { PortBindings: { '80/tcp': [{ HostPort: '80' }] } }, publishes: true },
    { host: { PortBindings: {}, PublishAllPorts: true }, publishes: true },
    { host: { PortBindings: {}, NetworkMode: 'host' }, publishes: true },
    { host: { PortBindings: {} }, publishes: false },
  ])('with $host publishes ports: $publishes', ({ host, publishes }) => {
    const container = withConfig({ ExposedPorts: { '80/tcp': {} } }, host);

    expect(replicaFromInspect(container)?.publishesPorts).toBe(publishes);
  });

  test('keeps 4 KiB of what the last probe said', () => {
    const web = inspected('web');
    const log = [{ Start: '', End: '2026-11-22T06:26:58Z', ExitCode: 1, Output: `\n${'x'.repeat(9_000)}` }];

    const replica = replicaFromInspect({ ...web, State: { ...web.State, Health: { Status: 'unhealthy', Log: log } } });

    expect(replica?.inspected?.lastProbe?.output).toBe('x'.repeat(4_096));
  });
});
