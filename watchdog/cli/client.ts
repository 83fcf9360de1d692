import type { z } from 'zod';
import { problemShape } from '../serve/shapes.ts';
import type { TokenSource } from '../serve/token.ts';
import { readToken, tokenPath } from '../serve/token.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { linesIn } from './lines-in.ts';
import { plainLine } from './plain.ts';

/** Nobody listens at the watchdog's address: what can work alone may do so. */
export class NobodyThere extends CommandFailed {}

/** The watchdog said no. */
export class Refused extends CommandFailed {
  /** HTTP's status. */
  readonly code: number;
  /** What there is to choose from, or what is wrong one by one. */
  readonly problems: readonly string[];

  constructor(code: number, detail: string, problems: readonly string[] = []) {
    // A single problem is the detail itself.
    const more = problems.filter(problem => problem !== detail);
    super(code >= 500 || code === 429 ? EXIT.unreachable : EXIT.usage, [detail, ...more].join('\n  '));
    this.code = code;
    this.problems = problems;
  }
}

/** Asks the running watchdog over HTTP. */
export interface Client {
  readonly address: string;
  /** Throws `NobodyThere`, `Refused`, `TokenError`. The answer is checked against the shape. */
  ask<T extends z.ZodType>(shape: T, method: 'GET' | 'POST', path: string, body?: unknown): Promise<z.output<T>>;
  /** The server-sent events of a stream, until it ends. Throws as `ask`, and when the connection is lost. */
  stream(path: string): AsyncIterable<StreamEvent>;
}

export interface StreamEvent {
  readonly event: string;
  /** JSON. */
  readonly data: string;
}

/** Deciding can take a look at every replica of a service. */
const PATIENCE = 20_000;

/** The watchdog that these settings describe. Asks nothing yet. */
export function clientFor(settings: TokenSource & { readonly host: string; readonly port: number }): Client {
  const address = addressOf(settings);
  return {
    address,
    ask: async (shape, method, path, body) => {
      const token = await readToken(settings);
      const response = await reach(`${address}${path}`, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE),
        headers: { accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const said: unknown = await response.json().catch(() => undefined);
      const read = shape.safeParse(said);
      // Not well is an answer too: /healthz says so with 503 and the usual body.
      if (!response.ok && !(response.status === 503 && read.success)) throw refusal(response.status, said, settings);
      if (!read.success) throw new CommandFailed(EXIT.unreachable, `what answers at ${address} is not this watchdog`);
      return read.data;
    },
    stream: path => eventsOf(settings, `${address}${path}`),
  };
}

async function* eventsOf(settings: TokenSource, url: string): AsyncGenerator<StreamEvent> {
  const token = await readToken(settings);
  const patience = new AbortController();
  const late = setTimeout(() => patience.abort(), PATIENCE);
  const headers = { accept: 'text/event-stream', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await reach(url, { redirect: 'error', signal: patience.signal, headers }).finally(() =>
    clearTimeout(late),
  );
  if (!response.ok || response.body === null)
    throw refusal(response.status, await response.json().catch(() => undefined), settings);
  let event = '';
  try {
    for await (const lines of linesIn(response.body))
      for (const line of lines) {
        if (line.startsWith('event: ')) event = line.slice('event: '.length);
        else if (line.startsWith('data: ')) yield { event, data: line.slice('data: '.length) };
      }
  } catch (error) {
    throw new CommandFailed(EXIT.unreachable, `the connection to the watchdog was lost (${plainLine(String(error))})`);
  }
}

/** Where to reach what listens there: a server on all addresses is asked on this machine's own. */
function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  const own: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  const name = own[host] ?? host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new NobodyThere(
      EXIT.unreachable,
      `no watchdog answers at ${new URL(url).origin} (${plainLine(cause)}): start it, or set WATCHDOG_HOST and WATCHDOG_PORT`,
    );
  }
}

function refusal(code: number, said: unknown, source: TokenSource): Refused {
  const problem = problemShape.safeParse(said).data;
  const place = source.token ? 'env WATCHDOG_TOKEN' : source.tokenFile || tokenPath(source);
  if (code === 401)
    return new Refused(
      code,
      `the watchdog does not take the token of ${place}: set WATCHDOG_TOKEN or WATCHDOG_TOKEN_FILE to its own`,
    );
  return new Refused(code, problem?.detail ?? `the watchdog answered ${code}`, problem?.problems);
}
