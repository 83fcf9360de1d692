import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A request as it reached the engine: `POST /containers/c1/start`, with its query and JSON body. */
export interface Seen {
  readonly call: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** An HTTP status with a body, or whatever else a broken engine does. */
export type Answer = { readonly status: number; readonly body?: unknown } | ((response: ServerResponse) => void);

/**
 * Stands in for the engine's HTTP API on a socket of its own, so that answers can be chosen which a real engine gives only
 * when it is broken. What a sound engine answers is tested against a real one, in tests/engine/adapter.test.ts.
 */
export interface HttpEngine {
  /** In DOCKER_HOST's syntax. */
  readonly host: string;
  readonly seen: readonly Seen[];
  /** Answers to a call, one after the other, the last one again and again. Anything else is answered 404. */
  answer(call: string, ...answers: Answer[]): void;
  close(): Promise<void>;
}

export async function startHttpEngine(): Promise<HttpEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'cw-docker-'));
  const socket = join(folder, 'engine.sock');
  const seen: Seen[] = [];
  const answers = new Map<string, Answer[]>();
  const server = createServer(async (request, response) => {
    const { call, query } = read(request);
    const text = (await request.toArray()).join('');
    seen.push({ call, query, body: text === '' ? undefined : JSON.parse(text) });
    const waiting = answers.get(call) ?? [];
    const answer = (waiting.length > 1 ? waiting.shift() : waiting[0]) ?? {
      status: 404,
      body: { message: `no ${call}` },
    };
    if (typeof answer === 'function') answer(response);
    else
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body ?? ''));
  });
  await new Promise<void>(resolve => server.listen(socket, resolve));
  return {
    host: `unix://${socket}`,
    seen,
    answer: (call, ...list) => void answers.set(call, list),
    close: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

function read({ method, url }: IncomingMessage): Pick<Seen, 'call' | 'query'> {
  const { pathname, searchParams } = new URL(url ?? '', 'http://engine');
  return { call: `${method} ${pathname}`, query: Object.fromEntries(searchParams) };
}
