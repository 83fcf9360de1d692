import pRetry from 'p-retry';
import type { Duration } from '../../domain/time.ts';
import { EngineError } from './docker.ts';
import type { Endpoint } from './endpoints.ts';
import { engineErrorFrom } from './failure.ts';
import { cutShort, limitBy } from './limit.ts';

/**
 * Told of every request that has ended. `code` is `ok`, the HTTP status of a refusal, or the code of the `EngineError` where
 * there was no answer; for `events` also `unreadable`, once for each line that is no event.
 */
export type OnRequest = (endpoint: Endpoint, code: string) => void;

/** Sends one request that listens to the signal. */
export type Send<T> = (abortSignal: AbortSignal) => Promise<T>;

/** An answer to a read that does not come in this time does not come. */
export const READ_TIMEOUT: Duration = 10_000;

// Seconds scale: bridges a dropped connection, not an engine that is down; rounds ask for ever.
const READ_RETRIES = { retries: 2, minTimeout: 200, factor: 2, randomize: true };

/**
 * How requests are made: bounded, counted, every failure an `EngineError`. `name` is for people: `restart of container 3f2a...`.
 */
export interface Caller {
  /** For what changes nothing: within `READ_TIMEOUT`, tried again after a failure that may pass at once. */
  read<T>(endpoint: Endpoint, name: string, send: Send<T>, signal: AbortSignal | undefined): Promise<T>;
  /** Sent once. Without a timeout it lasts as long as the signal lets it. */
  once<T>(
    endpoint: Endpoint,
    name: string,
    send: Send<T>,
    signal: AbortSignal | undefined,
    timeout?: Duration,
  ): Promise<T>;
}

export function callerThatTells(onRequest: OnRequest): Caller {
  const once: Caller['once'] = async (endpoint, name, send, signal, timeout) => {
    const limit = limitBy(signal, timeout);
    try {
      const answer = await Promise.race([send(limit.signal), limit.reached]);
      onRequest(endpoint, 'ok');
      return answer;
    } catch (rejection) {
      const error = limit.signal.aborted ? cutShort(name, signal, timeout) : engineErrorFrom(name, rejection);
      onRequest(endpoint, String(error.status ?? error.code));
      throw error;
    } finally {
      limit.lift();
    }
  };
  const read: Caller['read'] = async (endpoint, name, send, signal) => {
    try {
      return await pRetry(() => once(endpoint, name, send, signal, READ_TIMEOUT), {
        ...READ_RETRIES,
        shouldRetry: ({ error }) => error instanceof EngineError && mayPassAtOnce(error),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      // The signal may fire between two attempts.
      throw signal?.aborted ? cutShort(name, signal, undefined) : error;
    }
  };
  return { once, read };
}

/** Not after a timeout: three times ten seconds would hold a lane for half a minute. */
const mayPassAtOnce = (error: EngineError): boolean => error.code === 'unreachable' || error.code === 'engine-error';
