import type { Clock } from '../adapters/clock.ts';
import type { JournalStep } from '../domain/repair.ts';
import type { Duration } from '../domain/time.ts';
import { inTime } from './in-time.ts';
import type { Ended } from './repair-target.ts';

/** Steps are undone as far as that was begun. @returns a sentence; undefined where nothing had to be undone. */
type Undo = (steps: readonly JournalStep[], signal: AbortSignal) => Promise<string | undefined>;

/**
 * Takes back what did not help. An engine that hung with the deed may hang with this as well, and nothing else is done at the
 * service meanwhile; so it has the deed's limit.
 * @throws EngineError when the engine refuses it or does not answer in time: the journal keeps the repair, and recovery takes it up
 */
export async function wayBack(
  { name, undo }: { readonly name: string; readonly undo?: Undo },
  steps: readonly JournalStep[],
  { outcome, code, because }: Ended,
  {
    limit,
    clock,
    signal,
  }: { readonly limit: Duration; readonly clock: Pick<Clock, 'after'>; readonly signal: AbortSignal },
): Promise<Ended> {
  if (undo === undefined) return { outcome, code, because };
  const undoing = await inTime({ name: `undoing ${name}`, limit, do: abort => undo(steps, abort) }, clock, signal);
  return { outcome, code, because: undoing === undefined ? because : `${because}; ${undoing}` };
}
