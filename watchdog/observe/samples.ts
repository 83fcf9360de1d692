import { ALLOWANCES } from '../domain/allowance.ts';
import type { Sample } from '../domain/sample.ts';
import type { Replica } from '../domain/service.ts';
import { minutes } from '../domain/time.ts';

/** The longest window that is judged, and one sample more than fits into it at any sensible interval. */
const KEPT_FOR = Math.max(...Object.values(ALLOWANCES).map(({ lasting }) => lasting)) + minutes(5);
/** However often somebody measures: one every five seconds for that long. */
const MOST_KEPT = 180;

/** Oldest first. */
export const withSample = (samples: readonly Sample[], sample: Sample): readonly Sample[] =>
  [...samples.filter(({ at }) => at < sample.at && at > sample.at - KEPT_FOR), sample].slice(-MOST_KEPT);

/** What was measured in another life of the container says nothing about this one. */
export function ofThisLife({ state, inspected }: Replica, samples: readonly Sample[]): readonly Sample[] {
  if (state !== 'running' && state !== 'paused') return samples.length === 0 ? samples : [];
  const startedAt = inspected?.startedAt ?? 0;
  // Mostly there is nothing to leave out, and a put happens often.
  return (samples[0]?.at ?? startedAt) >= startedAt ? samples : samples.filter(({ at }) => at >= startedAt);
}
