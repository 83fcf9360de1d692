import {
  metricName,
  type Opinion,
  type ReplicaShare,
  replicasInWords,
  type ScalingMetric,
} from '../../domain/scaling.ts';
import { type Direction, directionOf, roundedUp, targetOf, withoutNoise } from './band.ts';

/** What everybody who has an opinion is asked. */
interface Question {
  readonly metric: ScalingMetric;
  readonly current: number;
  readonly ready: number;
}

/**
 * From one share for each replica: `ceil(ready * average / target)`.
 *
 * Replicas that are still starting, and ready ones that were not measured, count against the change that the others ask for:
 * with the whole target when shrinking, with nothing when growing; they can make it smaller, never turn it
 * (kubernetes pkg/controller/podautoscaler/replica_calculator.go, `calcPlainMetricReplicas`). Two differences. On the side of
 * caution: the original leaves those that start out of the count when shrinking; here they have the whole target then, too. And one
 * whose newest sample got lost is not taken for idle when growing, for there the sample before counts; when shrinking, see `silent`.
 */
export function fromShares(question: Question, replicas: readonly ReplicaShare[]): Opinion {
  const { metric, current } = question;
  const measured = replicas.flatMap(({ ready, share }) => (ready && share !== undefined ? [share] : []));
  if (measured.length === 0)
    return undecided(
      metric,
      current === 0 ? 'nothing runs that could be measured' : 'no ready replica was measured yet',
    );
  const average = sum(measured) / measured.length;
  const direction = directionOf(average, metric.aim);
  if (direction === undefined) return onTarget(question, average);

  const target = targetOf(metric.aim);
  const { sure, others, assumed } = counted(replicas, direction, target);
  const cautious = (sum(sure) + assumed) / replicas.length;
  const known = sure.length === 0 ? 0 : sure.length * withoutNoise(sum(sure) / sure.length, metric.aim);
  const wanted = roundedUp(known + assumed / target);
  if (directionOf(cautious, metric.aim) !== direction || turns(direction, wanted, current))
    return inDoubt(question, average, direction, others);
  return asksFor(question, average, wanted);
}

/**
 * What a replica that was measured before and does not answer any more is taken to have, at least, when shrinking: nobody knows
 * whether it is its load that keeps it from answering. The documentation of the original says the target, its code takes the whole
 * request (`Max(100, targetUtilization)`); half way between the two is better than either (docs/performance.md, "Scaling").
 */
const silent = (target: number): number => (target + Math.max(1, target)) / 2;

/** The shares that count as they are; how many replicas are left, and what those are taken to use together. */
function counted(replicas: readonly ReplicaShare[], direction: Direction, target: number) {
  const isSure = ({ ready, share, late }: ReplicaShare) =>
    ready && share !== undefined && (direction === 'up' || late !== true);
  const others = replicas.filter(replica => !isSure(replica));
  const atLeast = ({ ready, late, share = 0 }: ReplicaShare) =>
    ready && late ? Math.max(silent(target), share) : target;
  return {
    sure: replicas.filter(isSure).map(({ share = 0 }) => share),
    others: others.length,
    assumed: direction === 'up' ? 0 : sum(others.map(atLeast)),
  };
}

/**
 * From one number that is what each replica has: `ceil(ready * value / target)` (replica_calculator.go,
 * `GetExternalMetricReplicas`). The original may shrink here although the number is too high, when few are ready; this does not.
 */
export function fromAverage(question: Question, value: number): Opinion {
  const { metric, current, ready } = question;
  if (ready === 0 && current > 0) return undecided(metric, 'no replica is ready');
  const direction = directionOf(value, metric.aim);
  if (direction === undefined) return onTarget(question, value);
  const wanted = roundedUp((Math.max(1, ready) * value) / targetOf(metric.aim));
  if (turns(direction, wanted, current)) return inDoubt(question, value, direction, current - ready);
  return asksFor(question, value, wanted);
}

/**
 * From a total: `ceil(value / target)`, by however many there are, ready or not (replica_calculator.go,
 * `GetExternalPerPodMetricReplicas`). With none running any amount asks for the first.
 */
export function fromTotal(question: Question, value: number): Opinion {
  const { metric, current } = question;
  const wanted = roundedUp(value / targetOf(metric.aim));
  // The last item must not be lost to rounding, nor to the tolerance around nothing at all.
  const needed = value > 0 ? Math.max(1, wanted) : 0;
  if (current === 0) return needed === 0 ? onTarget(question, value) : asksFor(question, value, needed);
  if (directionOf(value / current, metric.aim) === undefined) return onTarget(question, value);
  return asksFor(question, value, needed);
}

/** Without an answer, and without a fault of anybody's. */
export const undecided = (metric: ScalingMetric, why: string): Opinion => ({
  name: metricName(metric.source),
  value: undefined,
  replicas: undefined,
  limit: undefined,
  because: `${metricName(metric.source)}: ${why}`,
});

/** Would this answer go the other way than the number that led to it, or nowhere? */
const turns = (direction: Direction, wanted: number, current: number): boolean =>
  direction === 'up' ? wanted < current : wanted > current;

function onTarget({ metric, current }: Question, value: number): Opinion {
  const because = `${reading(metric, value)}, which is as it should be`;
  return { ...answer(metric, value, current, because), limit: { code: 'on-target', because } };
}

function inDoubt({ metric, current }: Question, value: number, direction: Direction, silent: number): Opinion {
  const more = direction === 'up' ? 'more' : 'fewer';
  const doubt = `${replicasInWords(silent)} not ready or not measured could make up for it`;
  const because = `${reading(metric, value)}, which asks for ${more}, but ${doubt}`;
  return { ...answer(metric, value, current, because), limit: { code: 'in-doubt', because: doubt } };
}

const asksFor = ({ metric }: Question, value: number, wanted: number): Opinion =>
  answer(metric, value, wanted, `${reading(metric, value)}, which asks for ${replicasInWords(wanted)}`);

const answer = (metric: ScalingMetric, value: number, replicas: number, because: string): Opinion => ({
  name: metricName(metric.source),
  value,
  replicas,
  limit: undefined,
  because,
});

/** `cpu is at 0.92, target 0.6`. */
function reading({ source, aim }: ScalingMetric, value: number): string {
  const is = `${metricName(source)} is at ${short(value)}`;
  if (aim.kind === 'thresholds') return `${is}, thresholds ${short(aim.down)} and ${short(aim.up)}`;
  return `${is}, target ${short(aim.target)}${aim.kind === 'per-replica' ? ' for each replica' : ''}`;
}

/** Three digits are enough for a sentence. */
const short = (value: number): string => String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
