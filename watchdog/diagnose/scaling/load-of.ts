import { type Load, type Reading, type ReplicaShare, type Scaling, workersOf } from '../../domain/scaling.ts';
import type { Replica, Service } from '../../domain/service.ts';
import type { Duration, Instant } from '../../domain/time.ts';
import { isWell, wellSince } from '../../domain/wellness.ts';
import { shareOf } from './share-of.ts';

/**
 * The load of a service: what its containers use, from the stack, beside what was read elsewhere.
 *
 * Who crashed counts as meant to be and has no share meanwhile (kubernetes
 * pkg/controller/podautoscaler/replica_calculator.go, `groupPods`, leaves failed pods out likewise).
 *
 * @param elsewhere one reading for each metric that is not of the containers, in the metrics' order
 * @param sampledEvery how often containers are measured
 */
export function loadOf(
  service: Service | undefined,
  { metrics }: Scaling,
  elsewhere: readonly (Reading | undefined)[],
  sampledEvery: Duration,
  now: Instant,
): Load {
  const staying = service === undefined ? [] : workersOf(service, now);
  const working = staying.filter(({ state }) => state !== 'exited' && state !== 'dead');
  return {
    current: staying.length,
    ready: working.filter(isWell).length,
    signals: metrics.map((metric, at) => {
      const { kind } = metric.source;
      const ofContainers = kind === 'cpu' || kind === 'memory';
      const share = (replica: Replica): ReplicaShare =>
        shareOf(ofContainers ? kind : 'cpu', measured(replica), sampledEvery, now);
      return {
        metric,
        reading: ofContainers ? { kind: 'shares', replicas: working.map(share) } : (elsewhere[at] ?? NOBODY_ASKED),
      };
    }),
  };
}

const NOBODY_ASKED: Reading = { kind: 'failed', because: 'it was not read yet', inARow: 1 };

const measured = (replica: Replica) => ({
  ready: isWell(replica),
  readySince: isWell(replica) ? wellSince(replica) : undefined,
  samples: replica.samples,
});
