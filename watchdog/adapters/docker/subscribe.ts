import type { Readable } from 'node:stream';
import { type OnRequest, READ_TIMEOUT } from './call.ts';
import type { EngineEvent, EventOptions } from './docker.ts';
import type { Engine } from './dockerode.ts';
import { eventQuery, eventsIn } from './events.ts';
import { engineErrorFrom } from './failure.ts';
import { cutShort, limitBy } from './limit.ts';

const NAME = 'subscription to events';

/** `Docker.events`: the time limit counts until the engine has accepted the subscription, the caller's signal until the end. */
export async function* subscribe(
  engine: Engine,
  options: EventOptions,
  onRequest: OnRequest,
): AsyncGenerator<EngineEvent> {
  const limit = limitBy(options.signal, READ_TIMEOUT);
  try {
    const stream = await open(engine, options, limit.signal, onRequest);
    if (stream === undefined) return;
    limit.stopClock();
    const events = eventsIn(stream, () => onRequest('events', 'unreadable'));
    options.onOpen();
    yield* events;
  } finally {
    limit.lift();
  }
}

/** The engine sends its headers as soon as it has subscribed us. Undefined when the caller's signal fired before. */
async function open(
  engine: Engine,
  options: EventOptions,
  abortSignal: AbortSignal,
  onRequest: OnRequest,
): Promise<Readable | undefined> {
  try {
    const stream = await engine.getEvents({ ...eventQuery(options), abortSignal });
    onRequest('events', 'ok');
    return stream;
  } catch (rejection) {
    if (options.signal.aborted) return undefined;
    const error = abortSignal.aborted ? cutShort(NAME, undefined, READ_TIMEOUT) : engineErrorFrom(NAME, rejection);
    onRequest('events', String(error.status ?? error.code));
    throw error;
  }
}
