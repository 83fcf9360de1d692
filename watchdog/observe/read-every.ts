import type { Clock } from '../adapters/clock.ts';
import type { Duration } from '../domain/time.ts';

/** Reads, waits, and reads again, until the signal fires. @param read must not reject. @param interval asked afresh each time */
export async function readEvery(
  interval: () => Duration,
  read: () => Promise<void>,
  { clock, signal }: { readonly clock: Pick<Clock, 'sleep'>; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await read();
    await clock.sleep(interval(), signal).catch(() => undefined);
  }
}
