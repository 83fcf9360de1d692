import type { Request, Response } from 'express';
import type { Deps } from './deps.ts';
import { Problem } from './problem.ts';

/** A client that has this much unread is dropped. */
export const MOST_UNREAD_BYTES = 256 * 1_024;
/** Proxies cut connections that are silent for a minute or less. */
const HEARTBEAT = 15_000;
/** So long who was dropped may take to read why. */
const LAST_WORD = 5_000;

/** Those who read one kind of server-sent events (HTML Living Standard, section 9.2). Each costs a connection and a buffer. */
export class SseClients {
  readonly #most: number;
  readonly #farewell: string | undefined;
  readonly #clock: Deps['clock'];
  readonly #closing: AbortSignal;
  readonly #clients = new Set<Response>();

  /** @param farewell a frame for those who read too slowly; without one they are cut off */
  constructor(most: number, { clock, closing }: Pick<Deps, 'clock' | 'closing'>, farewell?: string) {
    this.#most = most;
    this.#farewell = farewell;
    this.#clock = clock;
    this.#closing = closing;
    const beat = (): void => {
      this.sendAll(': still here\n\n');
      cancelHeartbeat = clock.after(HEARTBEAT, beat);
    };
    let cancelHeartbeat = clock.after(HEARTBEAT, beat);
    closing.addEventListener('abort', () => {
      cancelHeartbeat();
      for (const client of this.#clients) client.end();
    });
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Of the client that reads slowest. */
  get mostUnread(): number {
    return Math.max(0, ...[...this.#clients].map(({ writableLength }) => writableLength));
  }

  /** Throws a `Problem` while as many read as may. */
  requireRoom(): void {
    if (this.#clients.size >= this.#most)
      throw new Problem(503, `${this.#most} clients are watching already`, { headers: { 'Retry-After': '30' } });
  }

  /** Opens the stream. @returns false where that was all: nobody reads it, or the watchdog stops */
  admit(request: Request, response: Response): boolean {
    response.status(200).set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
    if (request.method === 'HEAD' || this.#closing.aborted) {
      response.end();
      return false;
    }
    this.#clients.add(response);
    response.on('close', () => this.#clients.delete(response));
    response.write(': hello\n\n');
    return true;
  }

  send(client: Response, text: string): void {
    if (!this.#clients.has(client)) return;
    client.write(text);
    if (client.writableLength > MOST_UNREAD_BYTES) this.#drop(client);
  }

  sendAll(text: string): void {
    for (const client of this.#clients) this.send(client, text);
  }

  #drop(client: Response): void {
    if (this.#farewell === undefined) {
      client.destroy();
      return;
    }
    this.#clients.delete(client);
    client.end(this.#farewell);
    const cancel = this.#clock.after(LAST_WORD, () => client.destroy());
    client.on('close', cancel);
  }
}
