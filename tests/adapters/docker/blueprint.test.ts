import { describe, expect, test } from '@jest/globals';
import { blueprintFrom } from '../../../watchdog/adapters/docker/blueprint.ts';
import type {
  ContainerConfig,
  ContainerInspect,
  Endpoint,
  HostConfig,
  ImageInspect,
  MountPoint,
} from '../../../watchdog/adapters/docker/engine-shapes.ts';
import type { PortMove } from '../../../watchdog/domain/alternative-port.ts';
import type { Variable } from '../../../watchdog/domain/env-change.ts';
import { fixture } from '../../fixtures/docker/read-fixture.ts';

const web = fixture<ContainerInspect>('inspect-web-20.10.json');
const image = fixture<ImageInspect>('image-20.10.json');

interface Difference {
  readonly config?: ContainerConfig;
  readonly host?: HostConfig;
  readonly image?: ContainerConfig;
  readonly networks?: Readonly<Record<string, Endpoint>>;
  readonly mounts?: readonly MountPoint[];
  readonly api?: string;
  readonly namedImage?: string;
  readonly newest?: boolean;
  readonly networkParent?: string;
  readonly lostLenders?: readonly string[];
  readonly moves?: readonly PortMove[];
  readonly variable?: Variable;
}

/** The blueprint of the recorded container, changed in what matters to the test. */
function blueprintOf(difference: Difference) {
  const { Networks } = { Networks: difference.networks ?? web.NetworkSettings?.Networks ?? {} };
  const { name, body, networks } = blueprintFrom({
    container: {
      ...web,
      Config: { ...web.Config, ...difference.config },
      HostConfig: { ...web.HostConfig, ...difference.host },
      Mounts: difference.mounts ?? web.Mounts ?? [],
      NetworkSettings: { Networks },
    },
    image: { ...image, Config: { ...image.Config, ...difference.image } },
    namedImage: difference.namedImage ?? image.Id,
    newest: difference.newest ?? false,
    api: difference.api ?? '1.41',
    networkParent: difference.networkParent,
    lostLenders: difference.lostLenders ?? [],
    moves: difference.moves ?? [],
    variable: difference.variable,
  });
  return { name, body, networks, host: body.HostConfig as HostConfig };
}

const volume = (Name: string, Destination: string): MountPoint => ({ Type: 'volume', Name, Destination, RW: true });

describe('what the image implied', () => {
  test('is left out, so that it is implied again', () => {
    const implied = {
      Env: ['PATH=/bin', 'LANG=C'],
      Cmd: ['serve'],
      Entrypoint: ['patient'],
      User: 'app',
      WorkingDir: '/app',
      StopSignal: 'SIGINT',
      ExposedPorts: { '80/tcp': {} },
      Volumes: { '/data': {} },
      Labels: { vendor: 'us' },
      Healthcheck: { Test: ['CMD', 'true'], Interval: 1 },
    };

    const { body } = blueprintOf({ image: implied, config: implied });

    for (const key of ['Cmd', 'Entrypoint', 'User', 'WorkingDir', 'StopSignal', 'Healthcheck']) {
      expect(body).not.toHaveProperty(key);
    }
    expect(body).toMatchObject({ Env: [], ExposedPorts: {}, Volumes: {}, Labels: {} });
  });

  test('is kept where the user said otherwise', () => {
    const { body } = blueprintOf({
      image: { Env: ['A=1', 'B=1'], User: 'app', Labels: { a: '1', b: '1' }, StopSignal: 'SIGINT' },
      config: { Env: ['A=2', 'B=1', 'C=3'], User: '', Labels: { a: '2', b: '1', c: '3' }, StopSignal: 'SIGTERM' },
    });

    expect(body).toMatchObject({ Env: ['A=2', 'C=3'], User: '', Labels: { a: '2', c: '3' }, StopSignal: 'SIGTERM' });
  });

  test.each([
    { says: 'nothing', own: { Entrypoint: ['run'], Cmd: ['web'] }, sent: {} },
    { says: 'a command', own: { Entrypoint: ['run'], Cmd: ['job'] }, sent: { Cmd: ['job'] } },
    { says: 'an entrypoint', own: { Entrypoint: ['sh'], Cmd: null }, sent: { Entrypoint: ['sh'] } },
    { says: 'both', own: { Entrypoint: ['sh'], Cmd: ['-x'] }, sent: { Entrypoint: ['sh'], Cmd: ['-x'] } },
    {
      says: "the image's entrypoint without a command",
      own: { Entrypoint: ['run'], Cmd: null },
      sent: { Entrypoint: ['run'] },
    },
    { says: 'no entrypoint', own: { Entrypoint: null, Cmd: ['web'] }, sent: { Entrypoint: [''], Cmd: ['web'] } },
  ])('is judged as a whole for the command: a user that says $says', ({ own, sent }) => {
    const { body } = blueprintOf({ image: { Entrypoint: ['run'], Cmd: ['web'] }, config: own });

    expect({ Entrypoint: body.Entrypoint, Cmd: body.Cmd }).toEqual({ Entrypoint: undefined, Cmd: undefined, ...sent });
  });
});

describe('the image', () => {
  test('is asked for by its name', () => {
    expect(blueprintOf({}).body.Image).toBe('compose-watchdog-test/patient:latest');
  });

  test('is asked for by the id that ran once the name means another one: a repair is no upgrade', () => {
    expect(blueprintOf({ namedImage: 'sha256:0815' }).body.Image).toBe(image.Id);
  });

  test('is the one that the name means now where that is wanted, and Compose’s label says so', () => {
    const labels = { ...web.Config.Labels, 'com.docker.compose.image': image.Id };
    const { body } = blueprintOf({ namedImage: 'sha256:0815', newest: true, config: { Labels: labels } });

    expect(body.Image).toBe('compose-watchdog-test/patient:latest');
    expect(body.Labels).toMatchObject({ 'com.docker.compose.image': 'sha256:0815' });
  });

  test('gets no label that Compose did not give', () => {
    const { 'com.docker.compose.image': _, ...labels } = web.Config.Labels ?? {};
    const { body } = blueprintOf({ namedImage: 'sha256:0815', newest: true, config: { Labels: labels } });

    expect(body.Labels).not.toHaveProperty(['com.docker.compose.image']);
  });
});

describe('what is kept', () => {
  test("is the service's making, as the engine tells it", () => {
    const { name, body, host } = blueprintOf({});

    expect(name).toBe('cw-docker-shapes-web-1');
    expect(body).toMatchObject({ StopTimeout: 3, Env: ['PATIENT_PORT=8080'], Healthcheck: web.Config.Healthcheck });
    expect(body.Labels).toHaveProperty(['com.docker.compose.config-hash']);
    const { Mounts: _, ...rest } = web.HostConfig;
    expect(host).toMatchObject(rest);
  });

  test('are options that nobody here has heard of', () => {
    const { body, host } = blueprintOf({ config: { Future: 1 } as ContainerConfig, host: { AlsoFuture: 2 } });

    expect([body.Future, host.AlsoFuture]).toEqual([1, 2]);
  });
});

describe('the host name', () => {
  test('is left to the engine where it is the default', () => {
    expect(blueprintOf({ config: { Hostname: web.Id.slice(0, 12) } }).body).not.toHaveProperty('Hostname');
  });

  test('is kept where the user chose it', () => {
    expect(blueprintOf({ config: { Hostname: 'shop' } }).body.Hostname).toBe('shop');
  });

  test.each([{ NetworkMode: 'container:p1' }, { UTSMode: 'host' }])(
    'is not sent with %j, which would be refused',
    host => {
      expect(blueprintOf({ host, config: { Hostname: 'parent' } }).body).not.toHaveProperty('Hostname');
    },
  );
});

describe('other ports of the host', () => {
  const HASH = 'com.docker.compose.config-hash';
  const host = {
    PortBindings: {
      '80/tcp': [
        { HostIp: '127.0.0.1', HostPort: '8080' },
        { HostIp: '127.0.0.1', HostPort: '8081' },
      ],
      '80/udp': [{ HostIp: '', HostPort: '8080' }],
      '81/tcp': [{ HostIp: '', HostPort: '' }],
      '82/tcp': null,
    },
  };
  const moves = [{ container: '80/tcp', from: 8080, to: 9000 }];

  test('take the place of those that are named, on the same address', () => {
    expect(blueprintOf({ host, moves }).host.PortBindings).toEqual({
      ...host.PortBindings,
      '80/tcp': [
        { HostIp: '127.0.0.1', HostPort: '9000' },
        { HostIp: '127.0.0.1', HostPort: '8081' },
      ],
    });
  });

  test('make Compose see that this is not what its file says, and that the container is its own all the same', () => {
    const { [HASH]: hash, ...labels } = web.Config.Labels ?? {};
    const moved = blueprintOf({ host, moves }).body.Labels as Record<string, string>;

    expect(moved).toMatchObject({ [HASH]: `ports-moved-${hash}`, 'com.docker.compose.project': 'cw-docker-shapes' });
    expect(blueprintOf({ host, moves, config: { Labels: moved } }).body.Labels).toEqual(moved);
    expect(blueprintOf({ host, moves, config: { Labels: labels } }).body.Labels).not.toHaveProperty([HASH]);
  });
});

describe('a variable', () => {
  const config = { Env: ['LIMIT=10', 'LIMITED=yes', 'LANG=C'] };
  const of = (variable: Variable) => blueprintOf({ config, image: { Env: ['LANG=C'] }, variable }).body.Env;

  test('takes the place of the one of that name, and of no other', () => {
    expect(of({ name: 'LIMIT', value: 'a=b' })).toEqual(['LIMITED=yes', 'LIMIT=a=b']);
  });

  test('is added where there is none, also over one of the image', () => {
    expect(of({ name: 'MODE', value: '' })).toEqual(['LIMIT=10', 'LIMITED=yes', 'MODE=']);
    expect(of({ name: 'LANG', value: 'de' })).toEqual(['LIMIT=10', 'LIMITED=yes', 'LANG=de']);
  });
});

describe('volumes', () => {
  test('without a name are carried over by the one the engine gave them', () => {
    expect(blueprintOf({}).host.Mounts).toMatchObject([
      { Target: '/anon', Source: web.Mounts?.[0]?.Name },
      { Target: '/data', Source: 'cw-docker-shapes_data' },
    ]);
  });

  test('declared as a path only become binds of their name', () => {
    const { host } = blueprintOf({
      config: { Volumes: { '/cache': {}, '/bound': {} } },
      host: { Binds: ['/srv:/bound'], Mounts: null },
      mounts: [volume('v1', '/cache'), { Type: 'bind', Source: '/srv', Destination: '/bound', RW: true }],
    });

    expect(host.Binds).toEqual(['/srv:/bound', 'v1:/cache']);
  });

  test('that another container lends come again with it', () => {
    const { host } = blueprintOf({
      host: { VolumesFrom: ['lender:ro'], Mounts: null },
      mounts: [volume('v1', '/lent')],
    });

    expect(host).toMatchObject({ VolumesFrom: ['lender:ro'], Binds: null });
  });

  test('that a container lent which is gone are carried over by name', () => {
    const { host } = blueprintOf({
      host: { VolumesFrom: ['gone:ro', 'lender'], Mounts: null },
      mounts: [{ ...volume('v1', '/lent'), RW: false }],
      lostLenders: ['gone:ro'],
    });

    expect(host).toMatchObject({ VolumesFrom: ['lender'], Binds: ['v1:/lent:ro'] });
  });
});

describe('networks', () => {
  const primary = 'cw-docker-shapes_default';
  const endpoints = (body: Readonly<Record<string, unknown>>) =>
    (body.NetworkingConfig as { EndpointsConfig: unknown } | undefined)?.EndpointsConfig;

  test('keep what was asked for, without the alias that is the old id', () => {
    const asked = {
      IPAMConfig: { IPv4Address: '172.20.0.9' },
      Links: ['db:database'],
      Aliases: ['web', web.Id.slice(0, 12)],
      DriverOpts: { 'com.example': '1' },
      GwPriority: 5,
    };

    const { body, networks } = blueprintOf({
      networks: { [primary]: asked, back: { ...asked, IPAddress: '172.20.0.9', MacAddress: '02:42:ac:14:00:09' } },
    });

    expect(endpoints(body)).toEqual({ [primary]: { ...asked, Aliases: ['web'] } });
    expect(networks).toEqual({ back: { ...asked, Aliases: ['web'] } });
  });

  test('include the one that it was taken off, by the name of the service', () => {
    const { body, networks } = blueprintOf({ networks: { back: {} } });

    expect(endpoints(body)).toEqual({ [primary]: { Aliases: ['web'] } });
    expect(networks).toEqual({ back: {} });
  });

  test.each(['default', 'bridge', 'none', 'host', 'container:parent', ''])(
    'of one that has none are none where its mode is %p',
    NetworkMode => {
      expect(blueprintOf({ host: { NetworkMode }, networks: {} }).body).not.toHaveProperty('NetworkingConfig');
    },
  );

  test('include the default bridge under its own name', () => {
    const { body } = blueprintOf({ host: { NetworkMode: 'default' }, networks: { bridge: {} } });

    expect(endpoints(body)).toEqual({ bridge: {} });
  });

  test('are found by id where the user gave one', () => {
    const { body } = blueprintOf({ host: { NetworkMode: 'abc' }, networks: { shop: { NetworkID: 'abc' } } });

    expect(endpoints(body)).toEqual({ shop: {} });
  });

  test.each(['container:p1', 'host', 'none'])('are not sent with network mode %s', NetworkMode => {
    const { body, networks } = blueprintOf({ host: { NetworkMode }, networks: { host: {} } });

    expect([endpoints(body), networks]).toEqual([undefined, {}]);
  });

  test('of a parent that was replaced are shared with its successor', () => {
    const { host } = blueprintOf({ host: { NetworkMode: 'container:old' }, networks: {}, networkParent: 'new' });

    expect(host.NetworkMode).toBe('container:new');
  });
});

describe('the MAC address', () => {
  const networks = (mac: string) => ({
    'cw-docker-shapes_default': { IPAddress: '172.19.0.3', MacAddress: mac },
    back: { IPAddress: '172.20.0.9', MacAddress: '02:00:00:00:00:09' },
  });
  const sent = (api: string, config: ContainerConfig, mac: string) => {
    const { body, networks: others } = blueprintOf({ api, config, networks: networks(mac) });
    const { EndpointsConfig } = body.NetworkingConfig as { EndpointsConfig: Record<string, Endpoint> };
    return [body.MacAddress, Object.values(EndpointsConfig)[0]?.MacAddress, (others.back as Endpoint).MacAddress];
  };

  test('is of the container below API 1.44, and only one that the user chose', () => {
    expect(sent('1.43', { MacAddress: '02:00:00:00:00:01' }, '02:00:00:00:00:01')).toEqual([
      '02:00:00:00:00:01',
      undefined,
      undefined,
    ]);
    expect(sent('1.43', {}, '02:42:ac:13:00:03')).toEqual([undefined, undefined, undefined]);
  });

  test('is of each endpoint from API 1.44 on', () => {
    expect(sent('1.44', { MacAddress: '02:00:00:00:00:01' }, '02:00:00:00:00:01')).toEqual([
      undefined,
      '02:00:00:00:00:01',
      '02:00:00:00:00:09',
    ]);
  });

  test('is not frozen where the engine made it from the IP address', () => {
    expect(sent('1.44', {}, '02:42:ac:13:00:03')).toEqual([undefined, undefined, '02:00:00:00:00:09']);
  });
});
