import type { Readable } from 'node:stream';
import type { Instant } from '../../domain/time.ts';
import type { EngineEvent } from './docker.ts';
import { eventParser } from './events.ts';

/** What an engine remembers of what it has told: in its process, so that a new one knows nothing of what the old one did. */
export interface EngineMemory {
  /** Of containers of Compose, in the order in which they happened. */
  readonly events: readonly EngineEvent[];
  /** Nothing was let go of: these are all since the engine was started. */
  readonly isWhole: boolean;
  /** It leaves containers running when it goes down, and takes over what runs when it is started. */
  readonly restoresLive: boolean;
  /** When it was asked, by the engine's own clock. */
  readonly at: Instant;
}

/**
 * An engine keeps its last 256 events (moby daemon/events, `eventsLimit`). With fewer than these it has let go of none, though
 * some more happen while it is being asked.
 */
const FEWER_THAN_ALL = 200;

const LINE_END = 10;

/**
 * Reads the answer to `GET /events` with an end: one event on each line, whatever it is about. To its end also where there are too many:
 * broken off, a response that has come in whole keeps its connection, and that the process alive.
 */
export async function rememberedIn(answer: Readable): Promise<Pick<EngineMemory, 'events' | 'isWhole'>> {
  const events: EngineEvent[] = [];
  let told = 0;
  let isReadable = true;
  let last = LINE_END;
  const parse = eventParser(() => {
    isReadable = false;
  });
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    const some = parse(chunk);
    told += chunk.filter(byte => byte === LINE_END).length;
    if (told < FEWER_THAN_ALL) events.push(...some);
    last = chunk.at(-1) ?? last;
  }
  return { events, isWhole: isReadable && last === LINE_END && told < FEWER_THAN_ALL };
}
