import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly isChange: boolean;
  readonly isEvents: boolean;
}

/** What becomes of a call on its way to the engine. */
export type Treatment =
  | 'pass'
  /** Answered with 500 and never sent to the engine. */
  | 'fail-before'
  /** The engine does it, and the caller is answered with 500. */
  | 'fail-after'
  /** Delivered twice; the caller gets the first answer, once the second has come as well. */
  | 'deliver-twice'
  /** Sent on after so many milliseconds. */
  | { readonly delay: number };

/** Sits between watchdog and engine, lets everything through, remembers it, and does to calls what a test wants done. */
export interface EngineProxy {
  /** In DOCKER_HOST's syntax. */
  readonly host: string;
  readonly calls: readonly Call[];
  treat: (call: Call) => Treatment | Promise<Treatment>;
  /** Asked before a call's answer is handed back; resolving lets it go. */
  answering: (call: Call) => Promise<void> | void;
  /** Breaks every event connection that is open; new ones are refused while `deaf`. */
  readonly cutEvents: () => void;
  deaf: boolean;
  readonly close: () => Promise<void>;
}

export async function anEngineProxy(engine = '/var/run/docker.sock'): Promise<EngineProxy> {
  const socketPath = join(tmpdir(), `cwt-proxy-${randomBytes(4).toString('hex')}.sock`);
  const calls: Call[] = [];
  const connections = new Set<Socket>();
  const eventStreams = new Set<Socket>();
  const server = createServer(async (incoming, outgoing) => {
    const call = callFrom(incoming);
    calls.push(call);
    if (call.isEvents) {
      if (proxy.deaf) return void incoming.socket.destroy();
      eventStreams.add(incoming.socket);
    }
    await handle(engine, call, incoming, outgoing, proxy);
  });
  const proxy: EngineProxy = {
    host: `unix://${socketPath}`,
    calls,
    treat: () => 'pass',
    answering: () => undefined,
    deaf: false,
    cutEvents: () => {
      for (const socket of eventStreams) socket.destroy();
      eventStreams.clear();
    },
    close: async () => {
      for (const socket of connections) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('connection', socket => {
    connections.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      connections.delete(socket);
      eventStreams.delete(socket);
    });
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return proxy;
}

function callFrom({ method = '', url = '' }: IncomingMessage): Call {
  const path = url.replace(/^\/v\d+\.\d+/, '').replace(/\?.*/, '');
  return { method, path, isChange: method !== 'GET' && method !== 'HEAD', isEvents: path === '/events' };
}

async function handle(
  engine: string,
  call: Call,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  proxy: EngineProxy,
): Promise<void> {
  const body: Buffer[] = [];
  for await (const chunk of incoming) body.push(chunk as Buffer);
  const treatment = await proxy.treat(call);
  if (treatment === 'fail-before') return fail(outgoing);
  if (typeof treatment === 'object') await new Promise(resolve => setTimeout(resolve, treatment.delay));
  try {
    const answer = await send(engine, incoming, Buffer.concat(body));
    if (treatment === 'deliver-twice') await drained(await send(engine, incoming, Buffer.concat(body)));
    if (call.isChange) await proxy.answering(call);
    if (treatment === 'fail-after') {
      await drained(answer);
      return fail(outgoing);
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    outgoing.flushHeaders();
    answer.on('error', () => outgoing.destroy());
    outgoing.on('close', () => answer.destroy());
    answer.pipe(outgoing);
  } catch {
    outgoing.destroy();
  }
}

function send(socketPath: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const onward = request({ socketPath, agent: false, method, path: url, headers }, resolve);
    onward.on('error', reject);
    onward.end(body);
  });
}

async function drained(answer: IncomingMessage): Promise<void> {
  answer.resume();
  await once(answer, 'end');
}

function fail(outgoing: ServerResponse): void {
  outgoing.writeHead(500, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify({ message: 'the proxy was told to fail this' }));
}
