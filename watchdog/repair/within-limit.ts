import { EngineError } from '../adapters/docker/docker.ts';
import type { Hands } from './carry-out.ts';
import { type Errand, inTime } from './in-time.ts';

export interface Deed<T> extends Errand<T> {
  /** Whose events take its slot away and bring it back: a container's id, or a name of its own. */
  readonly slot: string;
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
  { slot, ...errand }: Deed<T>,
  hands: Pick<Hands, 'slots' | 'clock' | 'stopping'>,
  signal: AbortSignal,
): Promise<Done<T>> {
  return await hands.slots.run(slot, hands.stopping, async () => {
    try {
      return { done: true, answer: await inTime(errand, hands.clock, signal) };
    } catch (error) {
      if (signal.aborted) throw error;
      const { code, message } = asEngineError(error);
      return { done: false, code, because: message };
    }
  });
}

const asEngineError = (error: unknown): Pick<EngineError, 'code' | 'message'> =>
  error instanceof EngineError
    ? error
    : { code: 'refused', message: error instanceof Error ? error.message : String(error) };
