import type { Case } from '../domain/decision.ts';
import type { Rung } from '../domain/playbook.ts';
import type { Recommendation, Sizing } from '../domain/scaling.ts';
import type { SizeFacts } from '../domain/size.ts';
import { size } from './scaling/size.ts';

/** How many replicas the service of this case shall have now; undefined where it is not scaled. */
export function sizingOf(facts: Case): Sizing | undefined {
  const { size: known, now } = facts;
  if (known === undefined) return undefined;
  const { current, scaling, record } = known;
  return size({ recommendation: recommended(facts, known), current, scaling, track: record.track, now });
}

/** An alert that asks for `scale` wants one more than the signals do, however many there are. */
function recommended({ incident }: Case, { recommendation, current }: SizeFacts): Recommendation {
  const { alert } = incident;
  if (alert === undefined) return recommendation;
  const because = `the alert ${alert.name} asks for one more; ${recommendation.because}`;
  return { ...recommendation, replicas: Math.max(recommendation.replicas, current) + 1, because, limits: [] };
}

/**
 * What a rung that works on the service as a whole is told besides: how many replicas, from how many, and what led to it. Undefined
 * when the number is to stay as it is. A number that the rung itself names is an operator's, and stands.
 */
export function sizeWith(facts: Case, rung: Rung): Rung['with'] | undefined {
  const { incident, size: known } = facts;
  const sizing = sizingOf(facts);
  if (known === undefined || sizing === undefined || rung.with.replicas !== undefined) return rung.with;
  if (sizing.wanted === sizing.current) return undefined;
  const reason = incident.alert === undefined ? reasonFor(sizing, known) : 'alert';
  return { ...rung.with, replicas: sizing.wanted, from: sizing.current, reason };
}

/** Closed list, a metric label: the kind of the signal that led, or what else did. */
function reasonFor({ current, wanted }: Sizing, { scaling, recommendation, record }: SizeFacts): string {
  if (current > scaling.max) return 'maximum';
  if (current < scaling.min) return 'minimum';
  const leading = recommendation.opinions.findIndex(({ because }) => because === recommendation.because);
  if (leading < 0 && record.drift !== undefined && wanted > current) return 'drift';
  if (recommendation.limits.some(({ code }) => code === 'fallback')) return 'fallback';
  return scaling.metrics[leading]?.source.kind ?? 'signals';
}
