import { EngineError } from '../adapters/docker/docker.ts';
import { type Duration, inWords } from '../domain/time.ts';
import { bounded, type Hands } from './carry-out.ts';

export interface Deed<T> {
  /** Whose events take its slot away and bring it back: a container's id, or a name of its own. */
  readonly slot: string;
  /** For people: what has not ended in time. */
  readonly name: string;
  readonly limit: Duration;
  readonly do: (signal: AbortSignal) => Promise<T>;
}

/** It is done, or why not. */
export type Done<T> =
  | { readonly done: true; readonly answer: T }
  | { readonly done: false; readonly code: EngineError['code']; readonly because: string };

/**
 * Does it in a slot and within its limit. What goes wrong is an answer.
 * @throws only when `signal` cuts it short, or the watchdog is stopping before it began
 */
export async function withinLimit<T>(
  { slot, name, limit, do: act }: Deed<T>,
  hands: Pick<Hands, 'slots' | 'clock' | 'stopping'>,
  signal: AbortSignal,
): Promise<Done<T>> {
  return await hands.slots.run(slot, hands.stopping, async () => {
    const overdue = new AbortController();
    const late = new EngineError('timeout', `${name} has not ended within ${inWords(limit)}`);
    const cancel = hands.clock.after(limit, () => overdue.abort(late));
    try {
      const both = AbortSignal.any([signal, overdue.signal]);
      return { done: true, answer: await bounded(act(both), both) };
    } catch (error) {
      if (signal.aborted) throw error;
      const { code, message } = overdue.signal.aborted ? late : asEngineError(error);
      return { done: false, code, because: message };
    } finally {
      cancel();
    }
  });
}

const asEngineError = (error: unknown): Pick<EngineError, 'code' | 'message'> =>
  error instanceof EngineError
    ? error
    : { code: 'refused', message: error instanceof Error ? error.message : String(error) };
