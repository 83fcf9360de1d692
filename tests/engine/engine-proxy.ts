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
  /** The connection breaks, and the engine never hears of it. */
  | 'cut-before'
  /** The engine does it, and the connection breaks before it has answered. */
  | 'cut-after'
  /** The engine does it, and the caller is answered with 500. */
  | 'fail-after'
  /** Of the answer half the bytes come, then the connection breaks. */
  | 'truncate'
  /** Delivered twice; the caller gets the first answer, once the second has come as well. */
  | 'deliver-twice'
  /** Answered with this status and never sent to the engine. */
  | { readonly answer: 409 | 500 }
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
  /** What of the event stream's bytes is handed on in place of each piece of it. */
  eventBytes: (piece: Buffer) => readonly Buffer[];
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
    eventBytes: piece => [piece],
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
  const body = await incoming.toArray().catch(() => undefined);
  // Whoever asked has died.
  if (body === undefined) return;
  const treatment = await proxy.treat(call);
  if (treatment === 'cut-before') return void outgoing.destroy();
  if (typeof treatment === 'object' && 'answer' in treatment) return fail(outgoing, treatment.answer);
  if (typeof treatment === 'object') await new Promise(resolve => setTimeout(resolve, treatment.delay));
  try {
    const answer = await send(engine, incoming, Buffer.concat(body));
    if (treatment === 'deliver-twice') await drained(await send(engine, incoming, Buffer.concat(body)));
    if (call.isChange) await proxy.answering(call);
    answer.on('error', () => outgoing.destroy());
    if (treatment === 'fail-after' || treatment === 'cut-after') {
      await drained(answer);
      return treatment === 'fail-after' ? fail(outgoing, 500) : void outgoing.destroy();
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    outgoing.flushHeaders();
    outgoing.on('close', () => answer.destroy());
    if (call.isEvents) handOnEvents(answer, outgoing, piece => proxy.eventBytes(piece));
    else if (treatment === 'truncate') await handOnHalf(answer, outgoing);
    else answer.pipe(outgoing);
  } catch {
    outgoing.destroy();
  }
}

function handOnEvents(answer: IncomingMessage, outgoing: ServerResponse, eventBytes: EngineProxy['eventBytes']): void {
  answer.on('data', (piece: Buffer) => {
    for (const bytes of eventBytes(piece)) outgoing.write(bytes);
  });
  answer.on('end', () => outgoing.end());
}

async function handOnHalf(answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const whole = Buffer.concat(await answer.toArray());
  outgoing.write(whole.subarray(0, whole.length / 2), () => outgoing.destroy());
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

function fail(outgoing: ServerResponse, status: 409 | 500): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify({ message: 'the proxy was told to fail this' }));
}
