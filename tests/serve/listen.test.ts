import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import { type Listening, listen } from '../../watchdog/serve/listen.ts';

const at = { host: '127.0.0.1', port: 0 };
const open: Listening[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

test('says where it listens', async () => {
  const server = await listen(express(), at);
  open.push(server);

  expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(server.address)).status).toBe(404);
});

test('names the address, the reason and the remedy when the port is taken', async () => {
  const first = await listen(express(), at);
  open.push(first);
  const port = Number(new URL(first.address).port);

  await expect(listen(express(), { host: '127.0.0.1', port })).rejects.toThrow(
    `cannot listen on 127.0.0.1:${port} (EADDRINUSE): something listens there already`,
  );
});

test('lets a request that is under way finish before it closes', async () => {
  const app = express();
  const arrived = Promise.withResolvers<() => void>();
  app.get('/', (_request, response) => arrived.resolve(() => response.send('done')));
  const server = await listen(app, at);
  const asked = fetch(server.address);
  const answer = await arrived.promise;

  const closed = server.close();
  answer();

  expect(await (await asked).text()).toBe('done');
  await closed;
  await expect(fetch(server.address)).rejects.toThrow();
});

test('does not wait for a connection that asks nothing', async () => {
  const server = await listen(express(), at);
  const { hostname, port } = new URL(server.address);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');

  await server.close();

  expect((await once(socket, 'close')).length).toBe(1);
});
