import type { Aim } from '../../domain/scaling.ts';

/**
 * So far may a number be from its target without anything happening: `--horizontal-pod-autoscaler-tolerance`, 0.1 by default
 * (kubernetes pkg/controller/podautoscaler/config/v1alpha1/defaults.go).
 */
export const TOLERANCE = 0.1;

/** Up or down, or undefined where the number is good as it is. */
export type Direction = 'up' | 'down';

/** The number that a replica should have. */
export const targetOf = (aim: Aim): number => (aim.kind === 'thresholds' ? aim.up : aim.target);

/**
 * To which side a number per replica is off. Both ends of the band are inside it (replica_calculator.go, `isWithin`). The
 * pair of thresholds is a band by itself, so no tolerance is added to it.
 */
export function directionOf(perReplica: number, aim: Aim): Direction | undefined {
  if (aim.kind === 'thresholds') {
    if (perReplica > aim.up) return 'up';
    return perReplica < aim.down ? 'down' : undefined;
  }
  const ratio = perReplica / aim.target;
  if (ratio > 1 + TOLERANCE) return 'up';
  return ratio < 1 - TOLERANCE ? 'down' : undefined;
}

/** Rounded up, with room for what floating point adds to a whole number: 3 * 0.9 / 0.3 is 9, not 9.000000000000002. */
export const roundedUp = (replicas: number): number => Math.max(0, Math.ceil(replicas - 1e-9));

/**
 * How a share stands to its target, once the digits are cut off that are noise, which would otherwise be rounded up to one replica
 * more: in whole percents of the limit, as the original does it of the request (metrics/utilization.go,
 * `GetResourceUtilizationRatio`), and of a target below a half in fiftieths of the target, because one percent is much of a small
 * one. Beyond a threshold every bit counts, for there it has been waited long enough.
 */
export function withoutNoise(share: number, aim: Aim): number {
  const target = targetOf(aim);
  if (aim.kind === 'thresholds') return share / target;
  const step = Math.min(0.01, target / 50);
  return (Math.floor(share / step + 1e-9) * step) / target;
}
