import type { Express } from 'express';
import { type Listening, listen } from '../../watchdog/serve/listen.ts';
import { TOKEN } from '../fakes/watchdog-view.ts';

/** An app on a port of its own, asked over real HTTP. */
export interface Api {
  readonly address: string;
  get(path: string, headers?: Record<string, string>): Promise<Said>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Said>;
  send(method: string, path: string, init?: RequestInit): Promise<Said>;
  close(): Promise<void>;
}

export interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; `{}` where it is none. */
  readonly json: Record<string, unknown>;
}

/** Reads a stream of events frame by frame; undefined at its end. */
export function framesOf({ body }: Response): () => Promise<string | undefined> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let pending = '';
  return async () => {
    while (!pending.includes('\n\n')) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) return undefined;
      pending += chunk.value;
    }
    const end = pending.indexOf('\n\n');
    const frame = pending.slice(0, end);
    pending = pending.slice(end + 2);
    return frame;
  };
}

export async function serving(app: Express): Promise<Api> {
  const server: Listening = await listen(app, { host: '127.0.0.1', port: 0 });
  const send = async (method: string, path: string, init: RequestInit = {}): Promise<Said> => {
    const response = await fetch(`${server.address}${path}`, { method, ...init });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, headers: response.headers, text, json: isJson && text ? JSON.parse(text) : {} };
  };
  const bearer = { authorization: `Bearer ${TOKEN}` };
  return {
    address: server.address,
    send,
    get: (path, headers = bearer) => send('GET', path, { headers }),
    post: (path, body, headers = bearer) =>
      send('POST', path, {
        headers,
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    close: server.close,
  };
}
