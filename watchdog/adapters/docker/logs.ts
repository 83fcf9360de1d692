import type { Readable } from 'node:stream';
import { type OnRequest, READ_TIMEOUT } from './call.ts';
import type { ConnectOptions } from './connect.ts';
import { EngineError } from './docker.ts';
import type { Engine } from './dockerode.ts';
import { openEngine } from './dockerode.ts';
import { endpointFrom } from './endpoint.ts';
import { engineErrorFrom } from './failure.ts';
import { cutShort, limitBy } from './limit.ts';
import { type LogLine, logParser } from './log-frames.ts';

export type { LogLine } from './log-frames.ts';

/** What containers write. Apart from `Docker`, because its streams stay open for as long as containers run. */
export interface Logs {
  /**
   * The lines of a container, those that came together in one piece, from `since` on until the container stops, the engine
   * ends the stream or the signal fires. The lines of the time `since` itself come again. It reads no faster than it is
   * asked, so the memory it takes does not depend on how much is written.
   * @throws EngineError with status 501 where the container's logging driver keeps nothing that could be read
   */
  follow(options: FollowOptions): AsyncIterable<readonly LogLine[]>;
}

export interface FollowOptions {
  readonly id: string;
  /** As `LogLine.at`; all there is where it is missing. */
  readonly since: string | undefined;
  readonly signal: AbortSignal;
}

/** The logs behind one endpoint; nothing is sent yet. */
export function connectLogs(options: ConnectOptions): Logs {
  const engine = openEngine(endpointFrom(options.host, options.env));
  return { follow: follow => linesOf(engine, follow, options.onRequest ?? (() => {})) };
}

async function* linesOf(
  engine: Engine,
  { id, since, signal }: FollowOptions,
  onRequest: OnRequest,
): AsyncGenerator<readonly LogLine[]> {
  const name = `logs of container ${id}`;
  const limit = limitBy(signal, READ_TIMEOUT);
  try {
    const stream = await open(engine, { id, since, signal }, limit.signal, onRequest);
    if (stream === undefined) return;
    limit.stopClock();
    const parser = logParser();
    for await (const chunk of stream) {
      const lines = parser.push(chunk as Buffer);
      if (lines.length > 0) yield lines;
    }
    const last = parser.end();
    if (last.length > 0) yield last;
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof EngineError ? error : engineErrorFrom(name, error);
  } finally {
    limit.lift();
  }
}

/** Undefined when the caller's signal fired before the engine answered. */
async function open(
  engine: Engine,
  { id, since, signal }: FollowOptions,
  abortSignal: AbortSignal,
  onRequest: OnRequest,
): Promise<Readable | undefined> {
  const query = { follow: true, stdout: true, stderr: true, timestamps: true, ...sinceQuery(since) } as const;
  try {
    const stream = await engine.getContainer(id).logs({ ...query, abortSignal });
    onRequest('containers/logs', 'ok');
    return stream;
  } catch (rejection) {
    if (signal.aborted) return undefined;
    const name = `logs of container ${id}`;
    const error = abortSignal.aborted ? cutShort(name, undefined, READ_TIMEOUT) : engineErrorFrom(name, rejection);
    onRequest('containers/logs', String(error.status ?? error.code));
    throw error;
  }
}

/** The engine takes `seconds.nanoseconds` (Engine API, ContainerLogs). A number would not hold the nanoseconds. */
function sinceQuery(since: string | undefined): { readonly since?: string } {
  if (since === undefined) return {};
  const nanoseconds = /\.(\d{9})Z$/.exec(since)?.[1] ?? '000000000';
  return { since: `${Math.floor(Date.parse(since) / 1_000)}.${nanoseconds}` };
}
