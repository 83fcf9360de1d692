import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createApp } from '../../watchdog/serve/app.ts';
import { listen, type Tolerance } from '../../watchdog/serve/listen.ts';
import { anExplanation, FakeView, someDeps, TOKEN } from '../fakes/watchdog-view.ts';
import { dial } from './raw.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const BEARER = { authorization: `Bearer ${TOKEN}` };

async function serving(tolerance: Partial<Tolerance> = {}, view = new FakeView()): Promise<string> {
  const server = await listen(createApp(someDeps({ view })), { host: '127.0.0.1', port: 0 }, tolerance);
  ends.push(server.close);
  return server.address;
}

const BEGINNING = 'GET /healthz HTTP/1.1\r\nHost: watchdog\r\n';

/** Connections that begin a request and go no further; one after the other, so that the first is the oldest. */
async function slowOnes(address: string, count: number, localAddress?: string): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  ends.push(() => sockets.map(socket => socket.destroy()));
  while (sockets.length < count) {
    const socket = await dial(address, localAddress);
    // Read, or it does not notice that it was closed.
    socket.resume().write(`${BEGINNING}X-Slow: `);
    sockets.push(socket);
  }
  return sockets;
}

const untilClosed = (sockets: readonly Socket[]): Promise<unknown> =>
  Promise.all(sockets.map(socket => socket.closed || new Promise(resolve => socket.on('close', resolve))));

/** Asked from this address, over a connection of its own. */
async function statusFor(address: string, localAddress: string): Promise<number> {
  const socket = await dial(address, localAddress);
  socket.write(`${BEGINNING}Connection: close\r\n\r\n`);
  const said = Buffer.concat(await socket.toArray()).toString();
  return Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1]);
}

describe('those who say nothing', () => {
  test('keep neither health checks nor the token out, be they six hundred', async () => {
    const address = await serving();
    const slow = await slowOnes(address, 600);

    expect((await fetch(`${address}/healthz`)).status).toBe(200);
    expect((await fetch(`${address}/api/services`, { headers: BEARER })).status).toBe(200);
    expect(await statusFor(address, '127.0.0.2')).toBe(200);
    // Sixty-four places for an address, and two of them were needed since.
    await untilClosed(slow.slice(0, 536));
  });

  test('cost those who come from elsewhere nothing', async () => {
    const address = await serving({ perAddress: 4 });
    const [elsewhere] = await slowOnes(address, 1, '127.0.0.2');
    const slow = await slowOnes(address, 8);

    await untilClosed(slow.slice(0, 4));

    expect(elsewhere?.closed).toBe(false);
    expect(slow.slice(4).map(({ closed }) => closed)).toEqual([false, false, false, false]);
  });

  test('make room for a newcomer where most of them come from', async () => {
    const address = await serving({ inAll: 4, perAddress: 3 });
    const [lone] = await slowOnes(address, 1, '127.0.0.2');
    const [oldest, ...others] = await slowOnes(address, 3);

    expect(await statusFor(address, '127.0.0.3')).toBe(200);

    await untilClosed([oldest as Socket]);
    expect([lone, ...others].map(socket => socket?.closed)).toEqual([false, false, false]);
  });

  test('are told after a while that they took too long, in their headers and in their body', async () => {
    const address = await serving({ headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 });
    const [silent, slow, body] = await Promise.all([dial(address), dial(address), dial(address)]);
    slow.write(BEGINNING);
    body.write(
      `POST /repair/web HTTP/1.1\r\nHost: watchdog\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 9\r\n\r\n{`,
    );

    const said = await Promise.all([silent, slow, body].map(async socket => (await socket.toArray()).join('')));

    expect(said.map(each => each.slice(0, 12))).toEqual(Array.from({ length: 3 }, () => 'HTTP/1.1 408'));
  });
});

describe('a request with the token that is under way', () => {
  /** A server on which `explain` takes until it is told to end, with so many of them asked for. */
  async function atWork(count: number, tolerance: Partial<Tolerance>) {
    const view = new FakeView();
    const arrived = Array.from({ length: count }, () => Promise.withResolvers<void>());
    const enough = Promise.withResolvers<void>();
    let asked = 0;
    view.explain = async () => {
      arrived[asked++]?.resolve();
      await enough.promise;
      return anExplanation();
    };
    const address = await serving(tolerance, view);
    const answers = arrived.map(() => fetch(`${address}/api/services/web/explain`, { headers: BEARER }));
    await Promise.all(arrived.map(({ promise }) => promise));
    return { address, answers, finish: enough.resolve };
  }

  test('is not cut off for newcomers', async () => {
    const { address, answers, finish } = await atWork(1, { perAddress: 4 });
    const slow = await slowOnes(address, 20);
    await untilClosed(slow.slice(0, 17));

    finish();

    expect((await answers[0])?.status).toBe(200);
  });

  test('is not cut off when all others are at work as well: then newcomers have to wait', async () => {
    const { address, answers, finish } = await atWork(3, { perAddress: 3 });
    await untilClosed(await slowOnes(address, 2));

    finish();

    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
  });
});
