import type { Clock } from '../adapters/clock.ts';
import { EngineError } from '../adapters/docker/docker.ts';
import { type Duration, inWords } from '../domain/time.ts';
import { bounded } from './bounded.ts';

export interface Errand<T> {
  /** For people: what has not ended in time. */
  readonly name: string;
  readonly limit: Duration;
  readonly do: (signal: AbortSignal) => Promise<T>;
}

/**
 * Waits for it no longer than its limit: an engine that accepts a call and never answers must hold up nobody for ever.
 * @throws EngineError `timeout` when it has not ended by then; what it throws itself; the reason of `signal` when that cuts it short
 */
export async function inTime<T>(
  { name, limit, do: act }: Errand<T>,
  clock: Pick<Clock, 'after'>,
  signal: AbortSignal,
): Promise<T> {
  const overdue = new AbortController();
  const late = new EngineError('timeout', `${name} has not ended within ${inWords(limit)}`);
  const cancel = clock.after(limit, () => overdue.abort(late));
  try {
    const both = AbortSignal.any([signal, overdue.signal]);
    return await bounded(act(both), both);
  } catch (error) {
    throw overdue.signal.aborted && !signal.aborted ? late : error;
  } finally {
    cancel();
  }
}
