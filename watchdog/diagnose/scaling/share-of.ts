import type { Sample } from '../../domain/sample.ts';
import type { ReplicaShare } from '../../domain/scaling.ts';
import type { Duration, Instant } from '../../domain/time.ts';

/** One replica as a scaling decision sees it. */
export interface MeasuredReplica {
  /** Healthy; running where it has no health check. */
  readonly ready: boolean;
  /** Since when; undefined while it is not. */
  readonly readySince: Instant | undefined;
  /** Oldest first. */
  readonly samples: readonly Sample[];
}

/** In sampling intervals: a sample makes up for two that get lost after it. */
const MADE_UP_FOR = 2.5;
/** In sampling intervals: the engine does not answer to the second, so that a little more than one is not yet a loss. */
const LATE_AFTER = 1.25;

/**
 * What a replica uses, from its newest sample that can be believed.
 *
 * A sample of the processor covers the time since the one before; it counts only where the replica was ready all that time, for
 * starting is hard work and says nothing about the load (kubernetes pkg/controller/podautoscaler/replica_calculator.go,
 * `groupPods`, drops such samples of young pods likewise). A sample that got lost is made up for by the one before it, which is
 * then `late`; a second one likewise. After that nobody knows any more what it uses.
 *
 * @param sampledEvery how often containers are measured
 */
export function shareOf(
  metric: 'cpu' | 'memory',
  { ready, readySince, samples }: MeasuredReplica,
  sampledEvery: Duration,
  now: Instant,
): ReplicaShare {
  if (!ready || readySince === undefined) return { ready: false, share: undefined };
  for (let at = samples.length - 1; at >= 0; at--) {
    const sample = samples[at];
    const begin = metric === 'cpu' ? samples[at - 1]?.at : sample?.at;
    const share = sample?.[metric];
    if (sample === undefined || begin === undefined || begin < readySince) break;
    if (share === undefined) continue;
    const age = now - sample.at;
    if (age <= LATE_AFTER * sampledEvery) return { ready, share };
    return { ready, share: age <= MADE_UP_FOR * sampledEvery ? share : undefined, late: true };
  }
  return { ready, share: undefined };
}
