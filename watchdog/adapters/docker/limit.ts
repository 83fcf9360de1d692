import type { Duration } from '../../domain/time.ts';
import { EngineError } from './docker.ts';

/** How long one call may last: until the caller's signal fires or its own time is up. Lift it when the call has ended. */
export interface Limit {
  readonly signal: AbortSignal;
  /** Rejects when the limit is reached; for requests that do not listen to a signal. */
  readonly reached: Promise<never>;
  /** Stops the clock; the caller's signal still counts. */
  stopClock(): void;
  lift(): void;
}

// Not AbortSignal.any and .timeout: on a signal that lives as long as the process they leave something behind per call.
export function limitBy(callerSignal: AbortSignal | undefined, timeout: Duration | undefined): Limit {
  const controller = new AbortController();
  const { signal } = controller;
  const abort = () => controller.abort();
  const reached = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  reached.catch(() => {});
  const timer = timeout === undefined ? undefined : setTimeout(abort, timeout);
  callerSignal?.addEventListener('abort', abort);
  if (callerSignal?.aborted) abort();
  const stopClock = () => clearTimeout(timer);
  return {
    signal,
    reached,
    stopClock,
    lift: () => {
      stopClock();
      callerSignal?.removeEventListener('abort', abort);
    },
  };
}

/** Why a call was cut short: its own time was up, or the caller wanted it no longer. */
export function cutShort(
  call: string,
  callerSignal: AbortSignal | undefined,
  timeout: Duration | undefined,
): EngineError {
  if (!callerSignal?.aborted) {
    return new EngineError('timeout', `${call}: the engine has not answered within ${(timeout ?? 0) / 1_000} s`);
  }
  const reason: { readonly name?: string } | undefined = callerSignal.reason;
  const timedOut = reason?.name === 'TimeoutError';
  return timedOut
    ? new EngineError('timeout', `${call}: the engine has not answered in time`, undefined, reason)
    : new EngineError('aborted', `${call}: broken off on our side`, undefined, reason);
}
