// A HorizontalPodAutoscaler (autoscaling/v2) of the same settings, written straight from what kubernetes
// pkg/controller/podautoscaler/{replica_calculator,horizontal}.go does; it shares no code and no shape with ours. With
// CPU it works like a `Resource` metric of type `Utilization` whose request is the limit, with a queue like an `External`
// metric of type `AverageValue`.
import type { RatePolicy, Scaling } from '../../../watchdog/domain/scaling.ts';
import type { Make, Observation } from '../scaler.ts';

const TOLERANCE = 0.1;

/** What it would do, or undefined for its error "unable to compute": then it does nothing and records nothing. */
type Proposal = number | undefined;

export const hpa: Make = (scaling, begin) => new Hpa(scaling, begin);

class Hpa {
  readonly #scaling: Scaling;
  readonly #recommendations: { value: number; at: number }[];
  readonly #ups: { by: number; at: number }[] = [];
  readonly #downs: { by: number; at: number }[] = [];

  constructor(scaling: Scaling, begin: Observation) {
    this.#scaling = scaling;
    this.#recommendations = [{ value: begin.current, at: begin.now }];
  }

  /** `reconcileAutoscaler`. */
  decide(seen: Observation): number {
    const { min, max } = this.#scaling;
    const { current } = seen;
    let desired: number;
    if (current === 0 && min > 0) return 0;
    if (current > max) desired = max;
    else if (current < min) desired = min;
    else {
      const proposal = this.#forMetrics(seen);
      if (proposal === undefined) return current;
      desired = this.#limited(current, this.#stabilized(current, proposal, seen.now), seen.now);
    }
    if (desired > current) this.#ups.push({ by: desired - current, at: seen.now });
    if (desired < current) this.#downs.push({ by: current - desired, at: seen.now });
    return desired;
  }

  /** `computeReplicasForMetrics`. */
  #forMetrics(seen: Observation): Proposal {
    let largest: Proposal;
    let invalid = 0;
    for (const { aim } of this.#scaling.metrics) {
      const proposal =
        aim.kind === 'per-replica'
          ? perPod(seen, aim.target)
          : utilization(seen, aim.kind === 'target' ? aim.target : aim.up);
      if (proposal === undefined) invalid++;
      else if (largest === undefined || proposal > largest) largest = proposal;
    }
    if (largest === undefined || (invalid > 0 && largest < seen.current)) return undefined;
    return largest;
  }

  /** `stabilizeRecommendationWithBehaviors`. */
  #stabilized(current: number, proposal: number, now: number): number {
    let least = proposal;
    let most = proposal;
    for (const { value, at } of this.#recommendations) {
      if (at > now - this.#scaling.up.window) least = Math.min(least, value);
      if (at > now - this.#scaling.down.window) most = Math.max(most, value);
    }
    this.#recommendations.push({ value: proposal, at: now });
    let stable = current;
    if (stable < least) stable = least;
    if (stable > most) stable = most;
    return stable;
  }

  /** `convertDesiredReplicasWithBehaviorRate`. */
  #limited(current: number, desired: number, now: number): number {
    const { min, max, up, down } = this.#scaling;
    if (desired > current) {
      let limit = current;
      if (up.select !== 'disabled') {
        const limits = up.policies.map(policy => {
          const start = this.#atStart(current, policy, now);
          return policy.unit === 'replicas' ? start + policy.allow : Math.ceil(start * (1 + policy.allow / 100));
        });
        limit = Math.max(current, up.select === 'min' ? Math.min(...limits) : Math.max(...limits));
      }
      return Math.min(desired, limit, max);
    }
    if (desired < current) {
      let limit = current;
      if (down.select !== 'disabled') {
        const limits = down.policies.map(policy => {
          const start = this.#atStart(current, policy, now);
          return policy.unit === 'replicas' ? start - policy.allow : Math.trunc(start * (1 - policy.allow / 100));
        });
        limit = Math.min(current, down.select === 'min' ? Math.max(...limits) : Math.min(...limits));
      }
      return Math.max(desired, limit, min);
    }
    return desired;
  }

  /** `getReplicasChangePerPeriod`, of both directions. */
  #atStart(current: number, { period }: RatePolicy, now: number): number {
    const within = (events: readonly { by: number; at: number }[]) =>
      events.filter(({ at }) => at > now - period).reduce((sum, { by }) => sum + by, 0);
    return current - within(this.#ups) + within(this.#downs);
  }
}

/** `GetResourceReplicas`; values in thousandths of a core, requests of a whole one. */
function utilization({ current, replicas }: Observation, target: number): Proposal {
  const targetPercent = Math.round(target * 100);
  const unready = replicas.filter(({ ready, settled, share }) => share !== undefined && !(ready && settled)).length;
  const missing = replicas.filter(({ share }) => share === undefined).length;
  const values = replicas
    .filter(({ ready, settled, share }) => ready && settled && share !== undefined)
    .map(({ share = 0 }) => Math.trunc(share * 1_000));
  if (values.length === 0) return undefined;

  const usage = ratioOf(values, targetPercent);
  const upWithUnready = unready > 0 && usage > 1;
  if (!upWithUnready && missing === 0) {
    if (isWithin(usage)) return current;
    return Math.ceil(usage * values.length);
  }
  const filled = [...values];
  if (usage < 1) for (let n = 0; n < missing; n++) filled.push((1_000 * Math.max(100, targetPercent)) / 100);
  if (usage > 1) for (let n = 0; n < missing; n++) filled.push(0);
  if (upWithUnready) for (let n = 0; n < unready; n++) filled.push(0);

  const again = ratioOf(filled, targetPercent);
  if (isWithin(again) || (usage < 1 && again > 1) || (usage > 1 && again < 1)) return current;
  const proposal = Math.ceil(again * filled.length);
  if ((again < 1 && proposal > current) || (again > 1 && proposal < current)) return current;
  return proposal;
}

/** `Tolerances.isWithin`, of 1.33; before that it was |1 - ratio| <= 0.1, for which 1.1 is more than a tenth off. */
const isWithin = (ratio: number): boolean => 1 - TOLERANCE <= ratio && ratio <= 1 + TOLERANCE;

/** `GetResourceUtilizationRatio` (metrics/utilization.go): whole percents, cut off. */
const ratioOf = (values: readonly number[], targetPercent: number): number =>
  Math.trunc((values.reduce((sum, value) => sum + value, 0) * 100) / (values.length * 1_000)) / targetPercent;

/** `GetExternalPerPodMetricReplicas`. */
function perPod({ current, total }: Observation, target: number): Proposal {
  if (total === undefined) return undefined;
  const usage = total / (target * current);
  if (!isWithin(usage)) return Math.ceil(total / target);
  return current;
}
