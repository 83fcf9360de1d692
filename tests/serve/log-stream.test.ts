import { afterEach, describe, expect, test } from '@jest/globals';
import type { LiveEvent } from '../../watchdog/domain/live-log.ts';
import type { QueueFill } from '../../watchdog/domain/queue-fill.ts';
import { createApp } from '../../watchdog/serve/app.ts';
import { FakeView, someDeps, TOKEN } from '../fakes/watchdog-view.ts';
import { type Api, framesOf, serving } from './api.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Watched {
  readonly api: Api;
  readonly view: FakeView;
  readonly closing: AbortController;
  readonly queues: (() => QueueFill)[];
  /** Lets all time pass that somebody waits for. */
  pass(): void;
  write(event: LiveEvent): void;
}

async function watched(): Promise<Watched> {
  const view = new FakeView();
  const closing = new AbortController();
  const queues: (() => QueueFill)[] = [];
  const waiting = new Set<() => void>();
  const after = (_duration: number, callback: () => void) => {
    waiting.add(callback);
    return () => waiting.delete(callback);
  };
  const clock = { now: () => Date.now(), after };
  const api = await serving(createApp(someDeps({ view, closing: closing.signal, clock, queues })));
  ends.push(api.close, () => closing.abort());
  return {
    api,
    view,
    closing,
    queues,
    pass: () => {
      for (const callback of [...waiting]) if (waiting.delete(callback)) callback();
    },
    write: event => {
      for (const { listener } of [...view.viewers]) listener(event);
    },
  };
}

/** A client that reads frame by frame. */
async function follow({ api }: Watched, name = 'shop-web-1') {
  const leave = new AbortController();
  const response = await fetch(`${api.address}/api/docker/logs/${name}/stream`, {
    headers: { authorization: `Bearer ${TOKEN}` },
    signal: leave.signal,
  });
  return { status: response.status, headers: response.headers, next: framesOf(response), leave: () => leave.abort() };
}

const aLine = (text: string): LiveEvent => ({
  type: 'line',
  at: '2026-03-01T10:00:00.000000000Z',
  stream: 'stderr',
  text,
  cut: false,
  error: undefined,
});

/** Awaits the next turn of the event loop until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

describe('the stream of a log', () => {
  test('tells each line as it comes, errors with their type and severity', async () => {
    const server = await watched();
    const client = await follow(server);
    await client.next();

    server.write(aLine('fine'));
    const error = { type: 'PORT_CONFLICT', severity: 'critical', pattern: 'node-listen' } as const;
    server.write({ ...aLine('EADDRINUSE'), error } as LiveEvent);
    server.write({ type: 'mark', at: '2026-03-01T10:00:00.000Z', error, text: 'a trace' });
    server.write({ type: 'skipped', lines: 7 });
    server.write({ type: 'left' });

    expect(client.headers.get('content-type')).toContain('text/event-stream');
    expect(await client.next()).toBe(
      'event: line\ndata: {"at":"2026-03-01T10:00:00.000000000Z","stream":"stderr","text":"fine","cut":false}',
    );
    expect(await client.next()).toContain('"error":{"type":"PORT_CONFLICT","severity":"critical"');
    expect(await client.next()).toMatch(/^event: mark\ndata: .*"text":"a trace"/);
    expect(await client.next()).toBe('event: skipped\ndata: {"lines":7}');
    expect(await client.next()).toBe('event: left\ndata: {}');
  });

  test('is of the container that was named, whatever its name is', async () => {
    const server = await watched();

    await follow(server, 'shop%2Fweb%20%3F1');

    expect(server.view.viewers.map(({ container }) => container)).toEqual(['shop/web ?1']);
  });

  test('lets no line forge a frame, steer a terminal or tell a secret', async () => {
    const server = await watched();
    const client = await follow(server);
    await client.next();

    server.write(aLine('boom\n\nevent: dropped\ndata: {}\u001b]0;owned\u0007\u2028 password=hunter2'));

    const frame = await client.next();
    expect(frame?.split('\n')).toHaveLength(2);
    expect(frame).toContain('\\u001b]0;owned\\u0007\\u2028 password=***');
  });

  test('is refused with what there is, where there is no such container', async () => {
    const server = await watched();
    server.view.viewing = { verdict: 'unknown', containers: ['shop-db-1', 'shop-web-1'] };

    const said = await server.api.get('/api/docker/logs/nothing/stream');

    expect(said).toMatchObject({ status: 404, json: { problems: ['shop-db-1', 'shop-web-1'] } });
  });

  test('is refused with the reason, where the log is not read', async () => {
    const server = await watched();
    server.view.viewing = { verdict: 'unread', because: 'the log of a watchdog is not read' };

    expect(await server.api.get('/api/docker/logs/watchdog/stream')).toMatchObject({
      status: 409,
      json: { detail: 'the log of a watchdog is not read' },
    });
  });

  test('is given to a bounded number of viewers, and a place is free again when one leaves', async () => {
    const server = await watched();
    const clients = [];
    for (let n = 0; n < 16; n += 1) clients.push(await follow(server));

    expect((await follow(server)).status).toBe(503);
    expect(server.view.viewers).toHaveLength(16);
    expect(server.queues.map(fill => fill())).toContainEqual({ queue: 'log-viewers', fill: 16, limit: 16 });

    clients[3]?.leave();
    await until(() => server.view.viewers.length === 15);

    expect((await follow(server)).status).toBe(200);
  });

  test('drops whoever reads too slowly, with a word', async () => {
    const server = await watched();
    const client = await follow(server);
    await client.next();

    for (let n = 0; n < 400; n += 1) server.write(aLine('x'.repeat(64 * 1_024)));

    const frames: (string | undefined)[] = [];
    do frames.push(await client.next());
    while (frames.at(-1) !== undefined);
    expect(frames.at(-2)).toBe(
      'event: dropped\ndata: {"because":"you read more slowly than the container writes; what came meanwhile is lost"}',
    );
    expect(frames.length).toBeLessThan(400);
    await until(() => server.view.viewers.length === 0);
  });

  test('cuts off whoever does not even read that word', async () => {
    const server = await watched();
    const client = await follow(server);
    await client.next();
    for (let n = 0; n < 400; n += 1) server.write(aLine('x'.repeat(64 * 1_024)));

    server.pass();

    await until(() => server.view.viewers.length === 0);
    expect(server.queues.map(fill => fill())).toContainEqual({ queue: 'log-viewers', fill: 0, limit: 16 });
  });

  test('shows that it lives while nothing is written', async () => {
    const server = await watched();
    const client = await follow(server);
    await client.next();

    server.pass();

    expect(await client.next()).toBe(': still here');
  });

  test('ends when the watchdog stops, so that the server can close', async () => {
    const server = await watched();
    const client = await follow(server);
    await client.next();

    server.closing.abort();

    expect(await client.next()).toBeUndefined();
    await until(() => server.view.viewers.length === 0);
  });

  test('is not opened by a look at its head', async () => {
    const server = await watched();

    const { status } = await server.api.send('HEAD', '/api/docker/logs/shop-web-1/stream', {
      headers: { authorization: `Bearer ${TOKEN}` },
    });

    expect(status).toBe(200);
    await until(() => server.view.viewers.length === 0);
  });
});
