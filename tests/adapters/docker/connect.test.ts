import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectDocker } from '../../../watchdog/adapters/docker/connect.ts';
import type { Docker, EngineEvent } from '../../../watchdog/adapters/docker/docker.ts';
import { type HttpEngine, startHttpEngine } from '../../fakes/http-engine.ts';
import { fixture, fixtureText } from '../../fixtures/docker/read-fixture.ts';

let engine: HttpEngine;
let docker: Docker;
let requests: string[];

beforeEach(async () => {
  engine = await startHttpEngine();
  requests = [];
  const onRequest = (endpoint: string, code: string) => void requests.push(`${endpoint} ${code}`);
  docker = connectDocker({ host: engine.host, env: {}, onRequest });
});
afterEach(() => engine.close());

const calls = () => engine.seen.map(({ call }) => call);
const broken = { status: 500, body: { message: 'database is locked' } };
const list = { status: 200, body: fixture('list-20.10.json') };

describe('a read', () => {
  test('is asked again after a failure that may pass', async () => {
    engine.answer('GET /containers/json', broken, response => response.destroy(), list);

    const replicas = await docker.list('shop');

    expect(replicas.map(({ service }) => service)).toEqual(['side', 'once', 'web']);
    expect(requests).toEqual(['containers/json 500', 'containers/json unreachable', 'containers/json ok']);
  });

  test.each([
    ['inspect', () => docker.inspect('c1'), 'GET /containers/c1/json', 'containers/inspect'],
    ['list', () => docker.list(undefined), 'GET /containers/json', 'containers/json'],
  ])('is asked again at once when its answer breaks off in the middle: %s', async (_, read, call, endpoint) => {
    const torn = (response: ServerResponse) => {
      response.writeHead(200, { 'content-length': 1_000 });
      response.write('[{"Id":"c1"', () => response.destroy());
    };
    engine.answer(call, torn, torn, torn);

    await expect(read()).rejects.toMatchObject({ code: 'unreachable' });

    expect(requests).toEqual([1, 2, 3].map(() => `${endpoint} unreachable`));
  });

  test('is given up after three times, with a sentence that names the call', async () => {
    engine.answer('GET /containers/c1/json', broken);

    await expect(docker.inspect('c1')).rejects.toMatchObject({
      code: 'engine-error',
      status: 500,
      message: 'inspect of container c1: the engine answered 500: database is locked',
      mayPassByItself: true,
    });
    expect(calls()).toHaveLength(3);
  });

  test.each([
    { status: 400, code: 'refused' },
    { status: 403, code: 'refused' },
    { status: 409, code: 'conflict' },
  ])('that is answered $status is $code, at once', async ({ status, code }) => {
    engine.answer('GET /containers/json', { status, body: { message: 'no' } });

    await expect(docker.list(undefined)).rejects.toMatchObject({ code, status, mayPassByItself: false });
    expect(calls()).toHaveLength(1);
  });

  test('names no API version and filters at the engine', async () => {
    engine.answer('GET /containers/json', list);

    await docker.list(undefined);

    expect(engine.seen[0]).toMatchObject({
      call: 'GET /containers/json',
      query: { all: 'true', filters: '{"label":["com.docker.compose.project"]}' },
    });
  });

  test('of a container that is gone finds nothing', async () => {
    expect(await docker.inspect('gone')).toBeUndefined();
  });

  test('is broken off by the signal of the caller', async () => {
    const abort = new AbortController();
    engine.answer('GET /containers/json', () => abort.abort());

    await expect(docker.list(undefined, abort.signal)).rejects.toMatchObject({ code: 'aborted' });
    expect(requests).toEqual(['containers/json aborted']);
  });

  test('from an engine that is not there says where it was looked for', async () => {
    const nowhere = connectDocker({ host: 'unix:///nowhere/engine.sock', env: {} });

    await expect(nowhere.ping()).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('/nowhere/engine.sock'),
    });
  });
});

describe('whoever has something', () => {
  const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' };
  const entry = { Image: 'web', Created: 1, State: 'running', Status: 'Up' };

  test('of ports is told with those of the host, Compose’s or not, and with nobody who publishes none', async () => {
    const body = [
      {
        ...{ ...entry, Id: 'c1', Names: ['/shop-web-1'], Labels: labels },
        Ports: [
          { IP: '127.0.0.1', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
          { PrivatePort: 81, Type: 'tcp' },
        ],
      },
      { ...entry, Id: 'c2', Names: ['/dns'], Labels: null, Ports: [{ PrivatePort: 53, PublicPort: 53, Type: 'udp' }] },
      { ...entry, Id: 'c3', Names: ['/quiet'], Labels: null, Ports: [{ PrivatePort: 53, Type: 'udp' }] },
    ];
    engine.answer('GET /containers/json', { status: 200, body });

    expect(await docker.publishers()).toEqual([
      {
        ...{ id: 'c1', name: 'shop-web-1', owner: { project: 'shop', service: 'web' } },
        ports: [{ address: '127.0.0.1', port: 8080, protocol: 'tcp' }],
      },
      { id: 'c2', name: 'dns', owner: undefined, ports: [{ address: '', port: 53, protocol: 'udp' }] },
    ]);
    expect(engine.seen[0]?.query.filters).toBe('{"status":["running","paused","restarting"]}');
  });

  test('of a name is told, Compose’s or not, and nobody where there is none', async () => {
    const web = fixture<{ Id: string; Config: object }>('inspect-web-20.10.json');
    engine.answer('GET /containers/web/json', { status: 200, body: web });
    engine.answer('GET /containers/dns/json', {
      status: 200,
      body: { ...web, Name: '/dns', Config: { ...web.Config, Labels: null } },
    });

    expect(await docker.who('web')).toMatchObject({ id: web.Id, owner: { service: 'web' } });
    expect(await docker.who('dns')).toEqual({ id: web.Id, name: 'dns', owner: undefined });
    expect(await docker.who('nobody')).toBeUndefined();
  });
});

describe('a pull', () => {
  const progress =
    (...lines: readonly object[]) =>
    (response: ServerResponse) =>
      void response.writeHead(200).end(lines.map(line => `${JSON.stringify(line)}\r\n`).join(''));

  test.each([
    ['shop/web', 'shop/web:latest'],
    ['shop/web:2', 'shop/web:2'],
    ['registry.example:5000/shop/web', 'registry.example:5000/shop/web:latest'],
    ['shop/web@sha256:0f', 'shop/web@sha256:0f'],
  ])('of %s asks for %s, never for all tags', async (image, asked) => {
    engine.answer(
      'POST /images/create',
      progress({ status: 'Pulling from shop/web' }, { status: 'Download complete' }),
    );

    await docker.pull(image);

    expect(engine.seen[0]?.query).toEqual({ fromImage: asked });
  });

  test('that fails after the engine has begun to tell of it has failed', async () => {
    engine.answer('POST /images/create', progress({ status: 'Pulling' }, { error: 'unexpected EOF' }));

    await expect(docker.pull('shop/web')).rejects.toMatchObject({
      code: 'engine-error',
      message: 'pull of image shop/web:latest: the engine answered 500: unexpected EOF',
    });
  });
});

describe('a change', () => {
  const restart = 'POST /containers/c1/restart';

  test.each([
    { name: '500', answer: broken, code: 'engine-error' },
    { name: 'nothing', answer: (response: { destroy(): unknown }) => void response.destroy(), code: 'unreachable' },
  ])('that is answered by $name is not sent again', async ({ answer, code }) => {
    engine.answer(restart, answer);

    await expect(docker.restart('c1', undefined)).rejects.toMatchObject({ code });
    expect(calls()).toEqual([restart]);
  });

  test('that lasts longer than the caller allows has timed out', async () => {
    const timeUp = new DOMException('time is up', 'TimeoutError');
    const abort = new AbortController();
    engine.answer(restart, () => abort.abort(timeUp));

    await expect(docker.restart('c1', undefined, abort.signal)).rejects.toMatchObject({
      code: 'timeout',
      cause: timeUp,
    });
  });

  test('sends a stop timeout only where there is one, in whole seconds', async () => {
    engine.answer(restart, { status: 204 });

    await docker.restart('c1', undefined);
    await docker.restart('c1', 1_500);

    expect(engine.seen.map(({ query }) => query)).toEqual([{}, { t: '2' }]);
  });

  test('that is not needed has worked', async () => {
    engine.answer('POST /containers/c1/start', { status: 304 });
    engine.answer('POST /containers/c1/stop', { status: 304 });

    await docker.start('c1');
    await docker.stop('c1', undefined);

    expect(requests).toEqual(['containers/start ok', 'containers/stop ok']);
  });

  test('to a container that is gone says so, except for what ends it', async () => {
    await expect(docker.start('gone')).rejects.toMatchObject({ code: 'not-found' });
    await docker.stop('gone', undefined);
    await docker.remove('gone');

    expect(requests).toEqual(['containers/start 404', 'containers/stop 404', 'containers/remove 404']);
  });

  test('that removes leaves the container to somebody else who is removing it', async () => {
    const conflict = (message: string) => engine.answer('DELETE /containers/c1', { status: 409, body: { message } });

    conflict('removal of container c1 is already in progress');
    await docker.remove('c1');

    conflict('cannot remove a container that is held');
    await expect(docker.remove('c1')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('removes the container and none of its volumes', async () => {
    engine.answer('DELETE /containers/c1', { status: 204 });

    await docker.remove('c1');

    expect(engine.seen[0]?.query).toEqual({ force: 'true', v: 'false' });
  });

  test('creates from the blueprint, then attaches the other networks', async () => {
    engine.answer('POST /containers/create', { status: 201, body: { Id: 'new' } });
    engine.answer('POST /networks/back/connect', { status: 200 });
    const blueprint = { name: 'web', body: { Image: 'web:1' }, networks: { back: { Aliases: ['web'] } } };

    expect(await docker.create(blueprint, 'web-2')).toBe('new');
    expect(engine.seen).toEqual([
      { call: 'POST /containers/create', query: { name: 'web-2' }, body: { Image: 'web:1' } },
      {
        call: 'POST /networks/back/connect',
        query: {},
        body: { Container: 'new', EndpointConfig: { Aliases: ['web'] } },
      },
    ]);
  });
});

describe('the events', () => {
  const lines = fixtureText('events-20.10.ndjson');
  const collect = async (signal: AbortSignal, onOpen = () => {}): Promise<EngineEvent[]> => {
    const events: EngineEvent[] = [];
    for await (const event of docker.events({ project: 'shop', since: undefined, onOpen, signal })) events.push(event);
    return events;
  };
  const forever = new AbortController().signal;

  test('end when the stream ends, after everything that came', async () => {
    engine.answer('GET /events', response => response.end(`${lines}garbage\n`));

    const events = await collect(forever);

    expect(events).toHaveLength(8);
    expect(requests).toEqual(['events ok', 'events unreadable']);
  });

  test('end when the connection is cut', async () => {
    engine.answer('GET /events', response => response.write(lines, () => response.destroy()));

    expect(await collect(forever)).toHaveLength(8);
  });

  test('end quietly when the caller wants no more', async () => {
    const abort = new AbortController();
    engine.answer('GET /events', response => response.flushHeaders());

    expect(await collect(abort.signal, () => abort.abort())).toEqual([]);
  });

  test('are open before the first one comes', async () => {
    const opened = Promise.withResolvers<void>();
    engine.answer('GET /events', async response => {
      response.flushHeaders();
      await opened.promise;
      response.end(lines);
    });

    expect(await collect(forever, opened.resolve)).toHaveLength(8);
  });

  test('that cannot be had are an error', async () => {
    engine.answer('GET /events', { status: 403, body: { message: 'forbidden' } });

    await expect(collect(forever)).rejects.toMatchObject({
      code: 'refused',
      message: 'subscription to events: the engine answered 403: forbidden',
    });
  });
});
