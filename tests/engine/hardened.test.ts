import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import { ENDPOINTS, type EngineRequest, rightsFor, type Side } from '../../watchdog/adapters/docker/endpoints.ts';
import { theStack } from './the-stack.ts';

const PROXIES = { reading: 'socket-reader', acting: 'socket-actor' } as const;

const stack = theStack({
  files: ['compose.yaml', 'compose.hardened.yaml', '../tests/engine/scaled.yaml'],
  profiles: ['demo'],
  env: {
    WATCHDOG_SETTLE: '1s',
    SCALER_INTERVAL: '2s',
    WATCHDOG_BACKOFF_MAX: '2s',
    RESTART_COOLDOWN: '1s',
    WATCHDOG_BACKOFF_INITIAL: '1s',
  },
});
beforeAll(async () => {
  await stack.compose(['up', '-d', '--no-build', 'watchdog', 'socket-reader', 'socket-actor', 'web']);
  await stack.untilHealthy('watchdog', 'socket-reader', 'socket-actor', 'web');
});
afterAll(stack.tearDown);

type Repair = { readonly id: string; readonly strategy: string; readonly outcome?: string; readonly because: string };

/** The repairs of a service that have ended, newest first. */
const repairs = async (of = 'web'): Promise<readonly Repair[]> => {
  const { items } = JSON.parse(await stack.exec('watchdog', 'watchdog', 'history', '--json'));
  return items.filter(({ service, outcome }: { service: string; outcome?: string }) => service === of && outcome);
};

test('a broken service is repaired through the two proxies', async () => {
  const before = await stack.container('web');

  await stack.exec('web', 'shop', 'break');
  const [repair] = await stack.until('web was repaired', async () =>
    (await repairs()).length > 0 ? repairs() : undefined,
  );

  expect(repair).toMatchObject({ strategy: 'restart', outcome: 'healed' });
  const after = await stack.container('web');
  expect(after.State.Health?.Status).toBe('healthy');
  expect([after.Id, after.State.StartedAt === before.State.StartedAt]).toEqual([before.Id, false]);
});

test('the watchdog has no socket, no capability, and was never root', async () => {
  const { Config, HostConfig, Mounts } = await stack.container('watchdog');

  expect(Config.User).toBe('1000:1000');
  expect(HostConfig.CapAdd ?? []).toEqual([]);
  expect(Mounts.map(({ Destination }) => Destination).sort()).toEqual(['/data', '/run/watchdog']);
  expect(await stack.exec('watchdog', 'grep', '-c', '^Cap.*:.0000000000000000$', '/proc/1/status')).toBe('5');
});

test.each(Object.values(PROXIES))('%s publishes no port, has no capability and no way out', async proxy => {
  const { HostConfig, NetworkSettings } = await stack.container(proxy);

  expect(HostConfig).toMatchObject({ CapDrop: ['ALL'], ReadonlyRootfs: true, SecurityOpt: ['no-new-privileges:true'] });
  expect(HostConfig.PortBindings).toEqual({});
  expect(Object.keys(NetworkSettings.Networks)).toEqual([`${stack.name}_engine`]);
  await expect(stack.exec('web', 'wget', '-q', '-O', '-', `http://${proxy}:2375/version`)).rejects.toThrow(
    'bad address',
  );
});

describe('what is asked of a proxy beyond what the watchdog needs is refused', () => {
  test.each<[Side, string, string]>([
    ['reading', 'POST', '/containers/create'],
    ['reading', 'POST', '/containers/web/restart'],
    ['reading', 'DELETE', '/containers/web'],
    ['reading', 'GET', '/images/json'],
    ['reading', 'GET', '/secrets'],
    ['reading', 'GET', '/v1.41/containers/json'],
    ['acting', 'POST', '/containers/web/exec'],
    ['acting', 'POST', '/exec/1/start'],
    ['acting', 'DELETE', '/images/web'],
    ['acting', 'POST', '/images/create'],
    ['acting', 'DELETE', '/volumes/nobody'],
    ['acting', 'GET', '/secrets'],
    ['acting', 'GET', '/containers/web/archive'],
    ['acting', 'POST', '/v1.23/containers/web/start'],
    ['acting', 'POST', '/containers/..%2fexec/start'],
    ['reading', 'GET', '/containers/web/export'],
    ['reading', 'GET', '/containers/web/top'],
    ['reading', 'GET', '/containers/web/attach/ws'],
    ['reading', 'GET', '/containers/..%2f..%2fimages/json'],
    ['reading', 'GET', '/containers/../images/json'],
    ['reading', 'GET', '//containers/json'],
    ['reading', 'GET', '/containers/json/'],
    ['reading', 'GET', '/containers/json%00'],
    ['reading', 'GET', '/containers/json;x=/secrets'],
    ['reading', 'HEAD', '/containers/web/archive?path=/etc/shadow'],
    ['reading', 'OPTIONS', '/containers/json'],
    ['acting', 'PUT', '/containers/web/archive?path=/'],
    ['acting', 'POST', '/containers/web/attach'],
    ['acting', 'POST', '/commit?container=web'],
    ['acting', 'POST', '/build'],
    ['acting', 'POST', '/images/load'],
    ['acting', 'POST', '/volumes/create'],
    ['acting', 'POST', '/networks/create'],
    ['acting', 'POST', '/swarm/init'],
    ['acting', 'POST', '/plugins/pull?remote=x'],
    ['acting', 'POST', '/containers/x/../create'],
    ['acting', 'POST', '/containers//create'],
    ['acting', 'POST', '/containers/create?name=evil'],
  ])('%s: %s %s', async (side, method, path) => {
    expect(await statusOf(side, method, path)).toBe(403);
  });

  test.each<Side>(['reading', 'acting'])(
    'whatever of our own requests belongs to the other side, for %s',
    async side => {
      const needed = rightsFor(side).map(({ endpoint }) => endpoint as string);
      const others = Object.entries<EngineRequest>(ENDPOINTS).filter(([endpoint]) => !needed.includes(endpoint));

      for (const [, { method, path }] of others.filter(([, asked]) => !prunes(asked)))
        expect([path, await statusOf(side, method, path.replace(/\{\w+\}/, 'nobody'))]).toEqual([path, 403]);
    },
  );
});

describe('what the watchdog needs is let through', () => {
  // Of something that is not there: the engine says so, and nothing happens.
  const harmless = ({ path }: { readonly path: string }) => path.includes('{');

  test.each(
    (['reading', 'acting'] as const).flatMap(side =>
      rightsFor(side)
        .filter(right => harmless(right) && right.grant === undefined)
        .map(({ method, path }) => [side, method, path] as const),
    ),
  )('%s: %s %s', async (side, method, path) => {
    expect(await statusOf(side, method, path.replace(/\{\w+\}/, 'nobody'))).not.toBe(403);
  });

  test('reading: the list of containers, and the events', async () => {
    const docker = connectDocker({ host: await hostOf('reading'), env: {} });
    const enough = new AbortController();
    const opened = Promise.withResolvers<void>();
    const events = docker.events({
      project: stack.name,
      since: undefined,
      onOpen: opened.resolve,
      signal: enough.signal,
    });
    const first = events[Symbol.asyncIterator]().next();

    await opened.promise;
    await stack.exec('watchdog', 'watchdog', 'repair', 'web');

    expect((await first).value).toMatchObject({ project: stack.name, service: 'web' });
    enough.abort();
    expect(await docker.list(stack.name)).not.toEqual([]);
  });
});

test('making a container again, or one more, is refused until it is granted', async () => {
  const recreateOf = async () => {
    const known = new Set((await repairs()).map(({ id }) => id));
    await stack.exec('watchdog', 'watchdog', 'repair', 'web', '--strategy', 'recreate');
    return stack.until('a recreate has ended', async () =>
      (await repairs()).find(({ id, strategy }) => strategy === 'recreate' && !known.has(id)),
    );
  };
  const scalingThat = (outcome: string) =>
    stack.until(`packer was scaled: ${outcome}`, async () =>
      (await repairs('packer')).find(repair => repair.outcome === outcome),
    );
  const before = await stack.container('web');

  const refused = await recreateOf();
  // It has fewer replicas than it shall have.
  await stack.compose(['up', '-d', '--no-build', 'packer']);
  const notScaled = await scalingThat('failed');
  await stack.compose(['up', '-d', '--no-build', 'socket-actor'], { SOCKET_ACTOR_MAY_RECREATE: 'yes' });
  await stack.untilHealthy('socket-actor', 'web');
  const done = await recreateOf();
  const scaled = await scalingThat('healed');

  expect(notScaled).toMatchObject({
    strategy: 'scale',
    because: expect.stringContaining('not allowed by the socket proxy'),
  });
  expect(scaled).toMatchObject({ strategy: 'scale', because: expect.stringContaining('-packer-2 is well') });
  expect(refused).toMatchObject({
    outcome: 'failed',
    because: expect.stringContaining('not allowed by the socket proxy'),
  });
  expect(done).toMatchObject({ outcome: 'healed' });
  expect((await stack.container('web')).Id).not.toBe(before.Id);
});

/** Never to be tried: were it let through, it would tidy up the engine that all tests share. */
const prunes = ({ path }: EngineRequest): boolean => path.endsWith('/prune');

/** The address of a proxy on its own network, which this machine reaches as it reaches every bridge. */
async function hostOf(side: Side): Promise<string> {
  const { NetworkSettings } = await stack.container(PROXIES[side]);
  return `tcp://${NetworkSettings.Networks[`${stack.name}_engine`]?.IPAddress}:2375`;
}

/** Path as it stands: `fetch` would tidy it up. */
async function statusOf(side: Side, method: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(await hostOf(side));
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, timeout: 10_000 }, response => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });
}
