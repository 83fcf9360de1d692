// What many write themselves: above the target one more, below half of it one less, whatever there was before.
import { isTotal, type ScalingMetric } from '../../../watchdog/domain/scaling.ts';
import type { Make, Observation } from '../scaler.ts';

export const naive: Make = scaling => ({
  decide: seen => {
    const { current } = seen;
    const [metric] = scaling.metrics;
    if (metric === undefined) return current;
    const target = metric.aim.kind === 'thresholds' ? metric.aim.up : metric.aim.target;
    const value = average(metric, seen);
    if (value === undefined) return current;
    const wanted = value > target ? current + 1 : value < target / 2 ? current - 1 : current;
    return Math.min(scaling.max, Math.max(scaling.min, wanted));
  },
});

/** The average of what there is, of those that start, too. */
function average(metric: ScalingMetric, { total, current, replicas }: Observation): number | undefined {
  if (isTotal(metric)) return total === undefined ? undefined : total / Math.max(1, current);
  const shares = replicas.flatMap(({ share }) => (share === undefined ? [] : [share]));
  return shares.length === 0 ? undefined : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
