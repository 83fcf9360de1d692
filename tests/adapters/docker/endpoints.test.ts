import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectDocker } from '../../../watchdog/adapters/docker/connect.ts';
import { type Docker, PRUNABLE } from '../../../watchdog/adapters/docker/docker.ts';
import {
  ENDPOINTS,
  type Endpoint,
  pathPattern,
  type Right,
  rightsFor,
  type Side,
} from '../../../watchdog/adapters/docker/endpoints.ts';
import { connectLogs, type Logs } from '../../../watchdog/adapters/docker/logs.ts';
import { type HttpEngine, startHttpEngine } from '../../fakes/http-engine.ts';
import { fixture } from '../../fixtures/docker/read-fixture.ts';

let engine: HttpEngine;
let docker: Docker & Logs;
let told: Endpoint[];

beforeEach(async () => {
  engine = await startHttpEngine();
  told = [];
  const options = { host: engine.host, env: {}, onRequest: (endpoint: Endpoint) => void told.push(endpoint) };
  docker = { ...connectDocker(options), ...connectLogs(options) };
  const web = fixture('inspect-web-20.10.json') as { Image: string; Config: { Image: string } };
  engine.answer('GET /version', { status: 200, body: { Version: '20.10.24', ApiVersion: '1.41' } });
  engine.answer('GET /containers/json', { status: 200, body: [] });
  engine.answer('GET /info', { status: 200, body: { SystemTime: '2026-11-22T22:45:26.672422265Z' } });
  engine.answer('GET /containers/c1/json', { status: 200, body: web });
  for (const image of [web.Image, web.Config.Image])
    engine.answer(`GET /images/${image}/json`, { status: 200, body: fixture('image-20.10.json') });
  engine.answer('POST /containers/c1/exec', { status: 201, body: { Id: 'e1' } });
  engine.answer('POST /exec/e1/start', response => void response.writeHead(200).end());
  engine.answer('POST /containers/create', { status: 201, body: { Id: 'c2' } });
});
afterEach(() => engine.close());

const attached = { shop_back: { Aliases: ['web'] } };

/** Every method once: whoever adds one has to say here how it is called. */
const CALLS: Readonly<Record<keyof (Docker & Logs), (docker: Docker & Logs) => Promise<unknown>>> = {
  ping: docker => docker.ping(),
  list: docker => docker.list('shop'),
  inspect: docker => docker.inspect('c1'),
  recall: docker => docker.recall(),
  howMade: docker => docker.howMade('c1'),
  environment: docker => docker.environment('c1'),
  publishers: docker => docker.publishers(),
  who: docker => docker.who('c1'),
  events: async docker => {
    const { signal } = new AbortController();
    for await (const _ of docker.events({ project: 'shop', since: undefined, onOpen: () => undefined, signal }));
  },
  follow: async docker => {
    const { signal } = new AbortController();
    for await (const _ of docker.follow({ id: 'c1', since: undefined, signal }));
  },
  start: docker => docker.start('c1'),
  stop: docker => docker.stop('c1', 5_000),
  restart: docker => docker.restart('c1', undefined),
  rename: docker => docker.rename('c1', 'shop-web-1.old'),
  remove: docker => docker.remove('c1'),
  blueprint: docker => docker.blueprint('c1'),
  replicaBlueprint: docker => docker.replicaBlueprint('c1', { name: 'shop-web-2', number: 2, made: 'replica' }),
  pull: docker => docker.pull('shop/web'),
  create: docker => docker.create({ name: 'shop-web-1', body: {}, networks: attached }, 'shop-web-1'),
  networksOf: docker => docker.networksOf('c1'),
  reconnectNetworks: docker => docker.reconnectNetworks('c1', attached),
  attachNetworks: docker => docker.attachNetworks('c1', attached),
  exec: docker => docker.exec('c1', ['drain', '--now']),
  archive: docker => docker.archive('c1', '/data/.', async () => undefined),
  unpack: docker => docker.unpack('c1', '/data', Readable.from([])),
  usersOf: docker => docker.usersOf('shop_data'),
  help: docker => docker.help({ name: 'helper', patient: 'c1', target: '/data', writable: false, argv: ['find'] }),
  isOnHost: docker => docker.isOnHost('/srv/shop', { name: 'helper', patient: 'c1' }),
  kill: docker => docker.kill('c1', 'SIGUSR1'),
  untilEnded: docker => docker.untilEnded('c1'),
  stats: docker => docker.stats('c1'),
  resources: docker => docker.resources('c1'),
  update: docker => docker.update('c1', { cpuShares: 128 }),
  setRestartPolicy: docker => docker.setRestartPolicy('c1', { name: 'no', maximumRetries: 0 }),
  host: docker => docker.host(),
  diskUsage: docker => docker.diskUsage(),
  prune: async docker => {
    for (const what of PRUNABLE) await docker.prune(what).catch(() => undefined);
  },
};
const METHODS = Object.keys(CALLS) as (keyof (Docker & Logs))[];

describe('the list of endpoints', () => {
  test.each(METHODS)('has what %s asks of the engine, word for word', async method => {
    // What has no answer is answered 404, which is as good a request.
    await CALLS[method](docker).catch(() => undefined);

    expect(told.length).toBeGreaterThan(0);
    expect(engine.seen.map(({ call }) => call)).toEqual(
      told.map(endpoint => {
        const { method: verb, path } = ENDPOINTS[endpoint];
        return expect.stringMatching(new RegExp(`^${verb} ${pathPattern(path).slice(1)}`));
      }),
    );
  });

  test('has nothing that is never asked', async () => {
    for (const method of METHODS) await CALLS[method](docker).catch(() => undefined);

    expect([...new Set(told)].sort()).toEqual(Object.keys(ENDPOINTS).sort());
  });
});

describe('what a path lets through', () => {
  test.each([
    ['/containers/{id}/json', '/containers/shop-web-1/json'],
    ['/images/{name}/json', `/images/sha256:${'0'.repeat(64)}/json`],
    ['/images/{name}/json', '/images/registry.example:5000/team/web:1.2@sha256:0f/json'],
  ])('%s: %s', (path, asked) => {
    expect(asked).toMatch(new RegExp(pathPattern(path)));
  });

  test.each([
    ['/containers/{id}/json', '/containers/../secrets/json'],
    ['/containers/{id}/json', '/containers/a/b/json'],
    ['/containers/{id}/json', '/containers/%2e%2e/json'],
    ['/containers/{id}/json', '/v1.41/containers/c1/json'],
    ['/containers/{id}', '/containers/c1/exec'],
    ['/images/{name}/json', '/images/x/../../containers/c1/json'],
    ['/events', '/events/'],
  ])('%s: not %s', (path, asked) => {
    expect(asked).not.toMatch(new RegExp(pathPattern(path)));
  });
});

describe('the socket proxy', () => {
  test.each<Side>(['reading', 'acting'])('for %s lets through what is on the list, and nothing else', side => {
    const lines = readFileSync(`compose/socket-proxy/${side}.cfg`, 'utf8')
      .split('\n')
      .map(line => line.trim())
      .filter(line => /^(http-request|tcp-request|use_backend|default_backend)\b/.test(line));

    expect(lines).toEqual([
      'http-request set-log-level silent',
      ...rightsFor(side).map(ruleFor),
      'http-request set-log-level warning',
      expect.stringMatching(/^http-request return status 403 /),
      'default_backend engine',
    ]);
  });

  const ruleFor = ({ method, path, grant }: Right): string => {
    const where = path.includes('{') ? `path_reg ${pathPattern(path)}` : `path ${path}`;
    const granted = grant === undefined ? '' : ` { env(${grant}) -m str yes }`;
    return `http-request allow if { method ${method} } { ${where} }${granted}`;
  };
});
