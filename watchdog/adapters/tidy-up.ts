import { type Duration, seconds } from '../domain/time.ts';

/** By then the first look at everything is done, and what only the start needed is garbage. */
export const TIDY_AFTER: Duration = seconds(10);

/** Each takes some 60 ms. After these V8 gives nothing more back. */
const TIMES = 5;

/**
 * Gives back what only the start needed. V8 would keep its garbage, 5 MB, until it ran short of memory, and its code, 2 MB, until
 * it was found unused that often (`--bytecode-old-age`). Nothing where Node runs without `--expose-gc`.
 */
export function tidyUp(times: number = TIMES): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  if (times > 1) setTimeout(tidyUp, seconds(1), times - 1).unref();
}
