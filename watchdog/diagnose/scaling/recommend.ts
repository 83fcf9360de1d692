import {
  type Fallback,
  isTotal,
  type Load,
  metricName,
  type Opinion,
  type Recommendation,
  replicasInWords,
  type ScalingLimit,
  type Signal,
} from '../../domain/scaling.ts';
import { directionOf } from './band.ts';
import { fromAverage, fromShares, fromTotal, undecided } from './opinions.ts';

/**
 * How many replicas the load asks for: the largest answer of all signals. While one of them cannot be read the others may
 * still ask for more, never for fewer (kubernetes pkg/controller/podautoscaler/horizontal.go, `computeReplicasForMetrics`).
 * With nothing to go by it is the present number. Knows no limits, no past and no time: those are for `decide/scaling`.
 */
export function recommend(load: Load, fallback: Fallback | undefined): Recommendation {
  const heard = load.signals.map(signal => ({ signal, opinion: opinionOf(signal, load, fallback) }));
  const opinions = heard.map(({ opinion }) => opinion);
  const said = heard.filter(({ opinion }) => opinion.replicas !== undefined);
  const lost = opinions.filter(({ limit }) => limit?.code === 'signals-lost');
  if (said.length === 0) return nothingToGoBy(load, opinions, lost);

  const leading = said.reduce((most, next) => (needs(next, said) > needs(most, said) ? next : most));
  const replicas = needs(leading, said);
  if (lost.length > 0 && replicas < load.current) return unsure(load, opinions, lost);
  const { limit, because } = leading.opinion;
  return { replicas, because, limits: limit === undefined ? [] : [limit], known: true, opinions };
}

interface Heard {
  readonly signal: Signal;
  readonly opinion: Opinion;
}

/**
 * A share cannot tell whether the very last replica is needed: an idle one still asks for one. A total can, and where there
 * is one, it does.
 */
function needs({ signal, opinion }: Heard, all: readonly Heard[]): number {
  const replicas = opinion.replicas ?? 0;
  if (replicas > 1 || isTotal(signal.metric) || !all.some(other => isTotal(other.signal.metric))) return replicas;
  const idle = opinion.value !== undefined && directionOf(opinion.value, signal.metric.aim) === 'down';
  return idle && opinion.limit === undefined ? 0 : replicas;
}

function opinionOf({ metric, reading }: Signal, { current, ready }: Load, fallback: Fallback | undefined): Opinion {
  if (reading.kind === 'failed') return withoutReading({ metric, reading }, reading, fallback);
  const question = { metric, current, ready };
  if (reading.kind === 'shares') return fromShares(question, reading.replicas);
  if (!Number.isFinite(reading.value) || reading.value < 0)
    return withoutReading({ metric, reading }, { because: `it is ${reading.value}`, inARow: 1 }, fallback);
  return isTotal(metric) ? fromTotal(question, reading.value) : fromAverage(question, reading.value);
}

function withoutReading(
  { metric }: Signal,
  { because, inARow }: { readonly because: string; readonly inARow: number },
  fallback: Fallback | undefined,
): Opinion {
  const lost = `${metricName(metric.source)} cannot be read (${because})`;
  if (fallback === undefined || inARow <= fallback.after)
    return { ...undecided(metric, because), because: lost, limit: { code: 'signals-lost', because: lost } };
  const instead = `${lost} for the ${ordinal(inARow)} time in a row; the fallback is ${replicasInWords(fallback.replicas)}`;
  return {
    ...undecided(metric, because),
    replicas: fallback.replicas,
    because: instead,
    limit: { code: 'fallback', because: instead },
  };
}

function nothingToGoBy({ current }: Load, opinions: readonly Opinion[], lost: readonly Opinion[]): Recommendation {
  const [first] = lost.length > 0 ? lost : opinions;
  const because = first?.because ?? 'no metric is configured';
  const limit: ScalingLimit = { code: lost.length > 0 ? 'signals-lost' : 'in-doubt', because };
  return { replicas: current, because, limits: [limit], known: false, opinions };
}

function unsure({ current }: Load, opinions: readonly Opinion[], lost: readonly Opinion[]): Recommendation {
  const because = `${lost[0]?.because}, so nothing is taken away`;
  return { replicas: current, because, limits: [{ code: 'some-signals-lost', because }], known: false, opinions };
}

/** `1st`, `2nd`, `11th`. */
function ordinal(n: number): string {
  const teens = n % 100 >= 11 && n % 100 <= 13;
  return `${n}${teens ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`;
}
