import type { Clock } from '../adapters/clock.ts';
import type { Duration } from '../domain/time.ts';

/**
 * Runs a command of a playbook no longer than its timeout, and waits until it has let go.
 * @throws Error with the words in `late` when its time was up; what it throws itself
 */
export async function cutShort<T>(
  run: (signal: AbortSignal) => Promise<T>,
  timeout: Duration,
  late: string,
  clock: Pick<Clock, 'after'>,
  signal: AbortSignal,
): Promise<T> {
  const overdue = new AbortController();
  const cancel = clock.after(timeout, () => overdue.abort());
  try {
    return await run(AbortSignal.any([signal, overdue.signal]));
  } catch (error) {
    if (!overdue.signal.aborted) throw error;
    throw new Error(late, { cause: error });
  } finally {
    cancel();
  }
}
