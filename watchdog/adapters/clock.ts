import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Duration, Instant } from '../domain/time.ts';

/** The only source of time. Tests and the simulation bring their own. */
export interface Clock {
  /** Wall clock: what is stored and shown. Can jump. */
  now(): Instant;
  /** Milliseconds that never go back: what durations are measured by. */
  monotonic(): number;
  /** Resolves after the duration; rejects with the signal's reason when aborted. */
  sleep(duration: Duration, signal?: AbortSignal): Promise<void>;
  /** Calls back once; the returned function cancels. */
  after(duration: Duration, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (duration, signal) => delay(duration, undefined, signal ? { signal } : {}),
  after: (duration, callback) => {
    // A timer beyond 2^31-1 ms fires at once in Node.
    const timer = setTimeout(callback, Math.min(Math.max(0, duration), 2_147_483_647));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
