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

/**
 * What a replica uses, from its newest sample that can be believed.
 *
 * A sample of the processor covers the time since the one before; it counts only where the replica was ready all that time, for
 * starting is hard work and says nothing about the load (kubernetes pkg/controller/podautoscaler/replica_calculator.go,
 * `groupPods`, drops such samples of young pods likewise). A sample that got lost is made up for by the one before it, as long as
 * that is not older than `freshFor`; then the replica counts as not measured.
 */
export function shareOf(
  metric: 'cpu' | 'memory',
  { ready, readySince, samples }: MeasuredReplica,
  freshFor: Duration,
  now: Instant,
): ReplicaShare {
  if (!ready || readySince === undefined) return { ready: false, share: undefined };
  for (let at = samples.length - 1; at >= 0; at--) {
    const sample = samples[at];
    const begin = metric === 'cpu' ? samples[at - 1]?.at : sample?.at;
    const share = sample?.[metric];
    if (sample === undefined || sample.at < now - freshFor || begin === undefined || begin < readySince) break;
    if (share !== undefined) return { ready, share };
  }
  return { ready, share: undefined };
}
