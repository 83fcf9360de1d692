import type { Clock } from '../adapters/clock.ts';
import type { Finding } from '../domain/finding.ts';
import { nameOf } from '../domain/service.ts';
import type { Duration } from '../domain/time.ts';

/**
 * Hands findings on, of each service the first at once and then the newest, one in each gap. A look asks the engine, and what
 * the second of two looks in a row would see the first has seen.
 */
export function paced(
  emit: (finding: Finding) => void,
  gap: Duration,
  clock: Pick<Clock, 'after'>,
): (finding: Finding) => void {
  /** By service, what waits for the end of its gap. */
  const waiting = new Map<string, Finding | undefined>();
  const handOn = (name: string, finding: Finding) => {
    waiting.set(name, undefined);
    clock.after(gap, () => {
      const next = waiting.get(name);
      if (next === undefined) waiting.delete(name);
      else handOn(name, next);
    });
    emit(finding);
  };
  return finding => {
    const name = nameOf(finding.target);
    if (waiting.has(name)) waiting.set(name, finding);
    else handOn(name, finding);
  };
}
