import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface Received {
  readonly call: string;
  readonly headers: IncomingHttpHeaders;
  /** Of JSON, `undefined` where there is none. */
  readonly body: unknown;
}

/** A status, with headers and text where wanted; or whatever else a receiver may do. */
export type Reply =
  | { readonly status: number; readonly text?: string; readonly headers?: Readonly<Record<string, string>> }
  | ((response: ServerResponse) => void);

/** Stands in on loopback for whoever is told: Slack, PagerDuty, Alertmanager, somebody's webhook. */
export interface Receiver {
  readonly address: string;
  readonly received: readonly Received[];
  /** What it replies next; the last one again and again. 200 without any. */
  replies(...list: Reply[]): void;
  /** Resolves once so many requests have arrived. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const waiting: { readonly count: number; readonly done: () => void }[] = [];
  let replies: Reply[] = [{ status: 200 }];
  const server = createServer(async (request, response) => {
    const text = (await request.toArray()).join('');
    received.push({
      call: `${request.method} ${request.url}`,
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    });
    const reply = (replies.length > 1 ? replies.shift() : replies[0]) ?? { status: 200 };
    if (typeof reply === 'function') reply(response);
    else response.writeHead(reply.status, reply.headers).end(reply.text);
    for (const { count, done } of waiting) if (received.length >= count) done();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    replies: (...list) => {
      replies = list;
    },
    until: count =>
      new Promise(resolve => {
        if (received.length >= count) resolve();
        else waiting.push({ count, done: resolve });
      }),
    close: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
