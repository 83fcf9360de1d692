import type { Pace, RatePolicy, Track } from '../../domain/scaling.ts';
import type { Instant } from '../../domain/time.ts';

/**
 * How many replicas the rate policies (at least one) allow at most: each counts from what stood at the beginning of its period. Never fewer
 * than there are (kubernetes pkg/controller/podautoscaler/horizontal.go, `calculateScaleUpLimitWithScalingRules`).
 */
export function mostAllowed(current: number, { policies, select }: Pace, track: Track, now: Instant): number {
  const limits = policies.map(policy => {
    const before = replicasBefore(current, policy, track, now);
    return policy.unit === 'replicas' ? before + policy.allow : Math.ceil((before * (100 + policy.allow)) / 100);
  });
  const limit = select === 'min' ? Math.min(...limits) : Math.max(...limits);
  return Math.max(current, limit);
}

/** How few they allow; never more than there are (`calculateScaleDownLimitWithBehaviors`, same place). */
export function fewestAllowed(current: number, { policies, select }: Pace, track: Track, now: Instant): number {
  const limits = policies.map(policy => {
    const before = replicasBefore(current, policy, track, now);
    return policy.unit === 'replicas' ? before - policy.allow : Math.trunc((before * (100 - policy.allow)) / 100);
  });
  const limit = select === 'min' ? Math.max(...limits) : Math.min(...limits);
  return Math.min(current, Math.max(0, limit));
}

/** How many there were when the policy's period began, by our own changes since (`getReplicasChangePerPeriod`). */
const replicasBefore = (current: number, { period }: RatePolicy, { changes }: Track, now: Instant): number =>
  changes.reduce((count, { at, by }) => (at > now - period ? count - by : count), current);
