import { size } from '../../watchdog/decide/scaling/size.ts';
import { beginTrack, pruned, withChange, withRecommendation } from '../../watchdog/decide/scaling/track.ts';
import { recommend } from '../../watchdog/diagnose/scaling/recommend.ts';
import { shareOf } from '../../watchdog/diagnose/scaling/share-of.ts';
import type { Sample } from '../../watchdog/domain/sample.ts';
import { isTotal, type Reading, type ScalingMetric } from '../../watchdog/domain/scaling.ts';
import type { Make, Observation } from './scaler.ts';

/** The watchdog's own decision, with its track kept as the ledger would keep it. */
export const ours: Make = (scaling, begin) => {
  let track = beginTrack(begin.current, begin.now);
  let failures = 0;
  const samples = new Map<number, readonly Sample[]>();
  keep(samples, begin);
  return {
    decide: observation => {
      const { now, current, replicas } = observation;
      keep(samples, observation);
      failures = isLost(observation, scaling.metrics) ? failures + 1 : 0;
      const signals = scaling.metrics.map(metric => ({
        metric,
        reading: readingOf(metric, observation, samples, failures),
      }));
      const ready = replicas.filter(replica => replica.ready).length;
      const recommendation = recommend({ current, ready, signals }, scaling.fallback);
      const { wanted } = size({ recommendation, current, scaling, track, now });
      track = pruned(withChange(withRecommendation(track, recommendation, now), wanted - current, now), scaling, now);
      return wanted;
    },
  };
};

const isLost = ({ total }: Observation, metrics: readonly ScalingMetric[]): boolean =>
  metrics.some(isTotal) && total === undefined;

/** As the watchdog keeps the samples of each replica while it is there. */
function keep(samples: Map<number, readonly Sample[]>, { replicas, now }: Observation): void {
  for (const id of samples.keys()) if (!replicas.some(replica => replica.id === id)) samples.delete(id);
  for (const { id, share } of replicas) {
    if (share !== undefined) samples.set(id, [...(samples.get(id) ?? []).slice(-5), sampleOf(share, now)]);
  }
}

const sampleOf = (cpu: number, at: number): Sample => ({
  at,
  cpu,
  memory: 0,
  memoryBytes: 0,
  memoryLimited: false,
  networkErrors: undefined,
  networkErrorsTotal: 0,
});

function readingOf(
  metric: ScalingMetric,
  { replicas, total, interval, now }: Observation,
  samples: ReadonlyMap<number, readonly Sample[]>,
  inARow: number,
): Reading {
  if (!isTotal(metric))
    return {
      kind: 'shares',
      replicas: replicas.map(replica =>
        // A size is decided at any moment between two samples, on average in the middle: by then a sample that is missing is late.
        shareOf('cpu', { ...replica, samples: samples.get(replica.id) ?? [] }, interval, now + interval / 2),
      ),
    };
  if (total === undefined) return { kind: 'failed', because: 'no answer', inARow };
  return { kind: 'number', value: total };
}
