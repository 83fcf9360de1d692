import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { ENGINE_SOCKET } from './engine.ts';
import { now } from './wall-clock.ts';

/** One request as it arrived from the healer that is measured. */
export interface Request {
  /** Milliseconds since the epoch, when its first byte had arrived here. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
}

const REQUEST_LINE = /^(GET|HEAD|POST|PUT|DELETE) (\S+) HTTP\/1\.1\r\n/;
/** `/v1.41/containers/ID/restart?t=10` */
const REPAIR = /^(?:\/v[\d.]+)?\/containers\/([^/?]+)\/(restart|start|stop)(?:\?|$)/;

/**
 * A socket in front of the engine that hands every byte on unchanged and notes what passes: requests with their time, and the
 * bytes that come down on each connection. It reads the head of a request only; clients of the Engine API begin every
 * request in a chunk of its own (no pipelining), and one that did not would be counted too low, not broken.
 */
export class EngineProxy {
  readonly socket: string;
  readonly requests: Request[] = [];
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #eventBytes = 0;

  private constructor(socket: string) {
    this.socket = socket;
    this.#server = createServer({ noDelay: true }, client => this.#relay(client));
  }

  static async listen(socket: string): Promise<EngineProxy> {
    rmSync(socket, { force: true });
    const proxy = new EngineProxy(socket);
    await new Promise<void>(resolve => proxy.#server.listen({ path: socket, writableAll: true }, resolve));
    return proxy;
  }

  /** Bytes that came down on connections that asked for `/events`. */
  get eventBytes(): number {
    return this.#eventBytes;
  }

  /** Repair calls for this container since then, oldest first. */
  repairs(container: { readonly id: string; readonly name: string }, since: number): Request[] {
    return this.requests.filter(({ at, method, path }) => {
      const target = method === 'POST' && at >= since ? REPAIR.exec(path)?.[1] : undefined;
      return target !== undefined && (container.id.startsWith(target) || container.name === target);
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  #relay(client: Socket): void {
    const engine = connect(ENGINE_SOCKET);
    let asksForEvents = false;
    client.on('data', chunk => {
      const found = REQUEST_LINE.exec(chunk.toString('latin1', 0, 4_096));
      if (found?.[1] !== undefined && found[2] !== undefined) {
        this.requests.push({ at: now(), method: found[1], path: found[2] });
        asksForEvents = /\/events(?:\?|$)/.test(found[2]);
      }
      engine.write(chunk);
    });
    engine.on('data', chunk => {
      if (asksForEvents) this.#eventBytes += chunk.length;
      client.write(chunk);
    });
    for (const [one, other] of [
      [client, engine],
      [engine, client],
    ] as const) {
      this.#open.add(one);
      one.on('end', () => other.end());
      one.on('error', () => other.destroy());
      one.on('close', () => this.#open.delete(one));
    }
  }
}
