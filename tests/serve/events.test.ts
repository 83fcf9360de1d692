import { afterEach, describe, expect, test } from '@jest/globals';
import { createApp } from '../../watchdog/serve/app.ts';
import type { WatchdogEvent } from '../../watchdog/serve/watchdog-view.ts';
import { FakeView, NOON, someDeps, TOKEN } from '../fakes/watchdog-view.ts';
import { type Api, framesOf, serving } from './api.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Watched {
  readonly api: Api;
  readonly view: FakeView;
  readonly closing: AbortController;
  /** Lets the time of one heartbeat pass. */
  beat(): void;
}

async function watched(): Promise<Watched> {
  const view = new FakeView();
  const closing = new AbortController();
  const waiting = new Set<() => void>();
  const after = (_duration: number, callback: () => void) => {
    waiting.add(callback);
    return () => waiting.delete(callback);
  };
  const beat = (): void => {
    for (const callback of [...waiting]) if (waiting.delete(callback)) callback();
  };
  const clock = { now: () => Date.now(), after };
  const api = await serving(createApp(someDeps({ view, closing: closing.signal, clock })));
  ends.push(api.close, () => closing.abort());
  return { api, view, closing, beat };
}

/** A client that reads frame by frame. */
async function follow({ api }: Watched, headers: Record<string, string> = {}) {
  const response = await fetch(`${api.address}/api/events`, {
    headers: { authorization: `Bearer ${TOKEN}`, ...headers },
  });
  return { status: response.status, headers: response.headers, next: framesOf(response) };
}

const anEvent = (differing: Partial<WatchdogEvent> = {}): WatchdogEvent => ({
  type: 'decision',
  at: NOON,
  project: 'shop',
  service: 'web',
  data: { code: 'go' },
  ...differing,
});

describe('the event stream', () => {
  test('tells what happens, numbered', async () => {
    const server = await watched();
    const client = await follow(server);
    await client.next();

    server.view.happen(anEvent());
    server.view.happen(anEvent({ type: 'outcome', data: { outcome: 'healed' } }));

    expect(client.headers.get('content-type')).toContain('text/event-stream');
    expect(await client.next()).toBe(
      'id: 1\nevent: decision\ndata: {"at":"2026-03-01T10:00:00.000Z","project":"shop","service":"web","code":"go"}',
    );
    expect(await client.next()).toContain('id: 2\nevent: outcome\n');
  });

  test('catches up a client that comes back, and not one that is new', async () => {
    const server = await watched();
    server.view.happen(anEvent({ data: { n: 1 } }));
    server.view.happen(anEvent({ data: { n: 2 } }));

    const back = await follow(server, { 'last-event-id': '1' });
    const fresh = await follow(server);
    await back.next();
    await fresh.next();
    server.view.happen(anEvent({ data: { n: 3 } }));

    expect(await back.next()).toContain('"n":2');
    expect(await fresh.next()).toContain('"n":3');
  });

  test('catches up a client that missed very much with as much as it can be given at once', async () => {
    const server = await watched();
    for (let n = 1; n <= 500; n += 1) server.view.happen(anEvent({ data: { n, text: 'x'.repeat(20_000) } }));

    const back = await follow(server, { 'last-event-id': '1' });
    await back.next();
    const frames = [];
    for (let n = 0; n < 6; n += 1) frames.push((await back.next())?.slice(0, 7));

    expect(frames).toEqual([495, 496, 497, 498, 499, 500].map(n => `id: ${n}`));
  });

  test('shows that it lives while nothing happens', async () => {
    const server = await watched();
    const client = await follow(server);
    await client.next();

    server.beat();
    server.beat();

    expect(await client.next()).toBe(': still here');
    expect(await client.next()).toBe(': still here');
  });

  test('takes a bounded number of clients', async () => {
    const server = await watched();
    const statuses: number[] = [];
    for (let i = 0; i < 33; i += 1) statuses.push((await follow(server)).status);

    expect(statuses.filter(status => status === 200)).toHaveLength(32);
    expect(statuses.at(-1)).toBe(503);
  });

  test('drops a client that does not read', async () => {
    const server = await watched();
    const client = await follow(server);
    await client.next();

    for (let i = 0; i < 400; i += 1) server.view.happen(anEvent({ data: { text: 'x'.repeat(64 * 1_024) } }));

    await expect(
      (async () => {
        while ((await client.next()) !== undefined);
      })(),
    ).rejects.toThrow('terminated');
  });

  test('ends when the watchdog stops, so that the server can close', async () => {
    const server = await watched();
    const client = await follow(server);
    await client.next();

    server.closing.abort();

    expect(await client.next()).toBeUndefined();
  });
});
