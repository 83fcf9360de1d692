import type { Diagnosis, Incident } from '../domain/incident.ts';
import { type Recommendation, replicasInWords, type Scaling } from '../domain/scaling.ts';
import { nameOf, type Service } from '../domain/service.ts';
import type { Scaled } from '../domain/size.ts';
import { type Duration, type Instant, inWords } from '../domain/time.ts';
import { loadOf } from './scaling/load-of.ts';
import { recommend } from './scaling/recommend.ts';

export interface AskedFor {
  /** How many replicas there are meant to be now. */
  readonly current: number;
  readonly recommendation: Recommendation;
}

/**
 * How many replicas a service should have, by what was read of its load. Who lost some to somebody's `docker compose up` a
 * moment ago should have them again: that command knows nothing of the load, and the load of the few that are left shows only later.
 */
export function askedFor(service: Service, scaled: Scaled, sampledEvery: Duration, at: Instant): AskedFor {
  const { scaling, elsewhere, record } = scaled;
  const load = loadOf(service, scaling, elsewhere, sampledEvery, at);
  const recommendation = recommend(load, scaling.fallback);
  const { current } = load;
  const { drift } = record;
  const lost = drift !== undefined && at < drift.at + scaling.down.window && current < drift.from;
  if (!lost || recommendation.replicas >= drift.from) return { current, recommendation };
  const because =
    `somebody's docker compose up took it from ${drift.from} to ${replicasInWords(drift.to)} ${inWords(at - drift.at)} ago, ` +
    'which is made up for';
  return { current, recommendation: { ...recommendation, replicas: drift.from, because, limits: [] } };
}

/** Whether a number is what the load asks for, or as few as there may be. Who has as many as may be and should have more is pinned. */
export const fits = (current: number, { replicas }: Recommendation, { min, max }: Scaling): boolean =>
  current >= min && current <= max && Math.max(replicas, min) === current;

/** What a finding about the load of a service means. The tolerance is in the recommendation: what is near enough asks for nothing. */
export function diagnoseSize(service: Service, scaled: Scaled, sampledEvery: Duration, at: Instant): Diagnosis {
  const { current, recommendation } = askedFor(service, scaled, sampledEvery, at);
  const { min, max } = scaled.scaling;
  const { replicas, because, known } = recommendation;
  const inside = current >= min && current <= max;
  if (fits(current, recommendation, scaled.scaling))
    return known
      ? { verdict: 'well', because: `${nameOf(service)} has ${replicasInWords(current)}: ${because}`, wellSince: 0 }
      : { verdict: 'nothing-wrong', because };
  const incident: Incident = {
    project: service.project,
    service: service.service,
    kind: 'mis-sized',
    condition: 'mis-sized',
    because: inside
      ? because
      : `it has ${replicasInWords(current)}, outside its limits of ${min} and ${max}; ${because}`,
    patients: [],
    evidence: { replicas: current, recommended: replicas },
    since: at,
    stoppedByHandAt: undefined,
  };
  return { verdict: 'incident', incident };
}
