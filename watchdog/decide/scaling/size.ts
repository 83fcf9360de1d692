import {
  type Recommendation,
  replicasInWords,
  type Scaling,
  type ScalingCode,
  type ScalingLimit,
  type Sizing,
  type Track,
} from '../../domain/scaling.ts';
import { type Instant, inWords } from '../../domain/time.ts';
import { fewestAllowed, mostAllowed } from './rate.ts';

/** All that a size may be decided by. */
export interface SizingCase {
  readonly recommendation: Recommendation;
  /** How many replicas there are meant to be now. */
  readonly current: number;
  readonly scaling: Scaling;
  /** The past without this recommendation. */
  readonly track: Track;
  readonly now: Instant;
}

/**
 * How many replicas there shall be now: the recommendation, held back by the stabilization window, the cooldown and the rate
 * policies of its direction, in this order, and last by min and max (kubernetes pkg/controller/podautoscaler/horizontal.go,
 * `reconcileAutoscaler` and `normalizeDesiredReplicasWithBehaviors`; the cooldown is ours).
 *
 * What stands outside min and max is brought back at once, whatever the load. A service of which nothing runs although its
 * min is above 0 was switched off by somebody and is left alone (`ScalingDisabled`, same place).
 */
export function size(facts: SizingCase): Sizing {
  const { recommendation, current, scaling } = facts;
  const { min, max } = scaling;
  const asked = recommendation.limits;
  if (current === 0 && min > 0)
    return decided(facts, 0, [
      ...asked,
      limit('switched-off', `nothing of it runs although its min is ${min}: somebody switched it off`),
    ]);
  if (current > max)
    return decided(facts, max, [...asked, limit('maximum', `${current} are more than its max of ${max}`)]);
  if (current < min)
    return decided(facts, min, [...asked, limit('minimum', `${current} are fewer than its min of ${min}`)]);

  const paced = isFirst(facts) ? theFirst(facts) : pacedBy(facts);
  const wanted = Math.min(max, Math.max(min, paced.replicas));
  const edge = atTheEdge(recommendation.replicas, wanted, scaling);
  return decided(facts, wanted, [...asked, ...paced.limits, ...(edge === undefined ? [] : [edge])]);
}

interface Paced {
  readonly replicas: number;
  readonly limits: readonly ScalingLimit[];
}

/** From nothing to one is a start, not a growth: windows and rates would have a first item wait for others to come. */
const isFirst = ({ current, recommendation, scaling }: SizingCase): boolean =>
  current === 0 && recommendation.replicas > 0 && scaling.up.select !== 'disabled';

/** At least one, at once (KEDA, pkg/scaling/executor/scale_scaledobjects.go: 0 to 1 goes past the HorizontalPodAutoscaler). */
function theFirst(facts: SizingCase): Paced {
  const paced = pacedBy(facts);
  return paced.replicas > 0 ? paced : { replicas: 1, limits: paced.limits };
}

function pacedBy(facts: SizingCase): Paced {
  const steady = stabilized(facts);
  if (steady.replicas === facts.current) return steady;
  const held = steady.replicas > facts.current ? growing(facts, steady.replicas) : shrinking(facts, steady.replicas);
  return { replicas: held.replicas, limits: [...steady.limits, ...held.limits] };
}

/**
 * Growing waits until all recommendations of its window ask for more, shrinking until all of its own ask for fewer
 * (`stabilizeRecommendationWithBehaviors`).
 */
function stabilized({ recommendation, current, scaling, track, now }: SizingCase): Paced {
  const raw = recommendation.replicas;
  const within = (window: number) =>
    track.recommendations.flatMap(({ at, replicas }) => (at > now - window ? [replicas] : []));
  const lowest = Math.min(raw, ...within(scaling.up.window));
  const highest = Math.max(raw, ...within(scaling.down.window));
  const replicas = Math.min(Math.max(current, lowest), highest);
  if (replicas === raw) return { replicas, limits: [] };
  const [which, window] = raw > current ? ['least', scaling.up.window] : ['most', scaling.down.window];
  const because = `the ${which} that was asked for within ${inWords(window)} is ${replicasInWords(replicas)}`;
  return { replicas, limits: [limit('stabilizing', because)] };
}

function growing({ current, scaling: { up, max }, track, now }: SizingCase, to: number): Paced {
  if (up.select === 'disabled') return held(current, 'disabled', 'growing is disabled');
  const last = track.changes.findLast(({ by }) => by > 0);
  if (last !== undefined && now < last.at + up.cooldown)
    return held(current, 'cooling-down', `it grew ${inWords(now - last.at)} ago`);
  const most = mostAllowed(current, up, track, now);
  if (Math.min(to, max) <= most) return { replicas: to, limits: [] };
  return held(most, 'rate', `the rate policies allow ${replicasInWords(most)} for now`);
}

function shrinking({ current, scaling: { down, min }, track, now }: SizingCase, to: number): Paced {
  if (down.select === 'disabled') return held(current, 'disabled', 'shrinking is disabled');
  const last = track.changes.at(-1);
  if (last !== undefined && now < last.at + down.cooldown)
    return held(current, 'cooling-down', `it changed ${inWords(now - last.at)} ago`);
  const fewest = fewestAllowed(current, down, track, now);
  if (Math.max(to, min) >= fewest) return { replicas: to, limits: [] };
  return held(fewest, 'rate', `the rate policies allow no fewer than ${replicasInWords(fewest)} for now`);
}

/** The load would have gone beyond. */
function atTheEdge(raw: number, wanted: number, { min, max }: Scaling): ScalingLimit | undefined {
  if (wanted === max && raw > max) return limit('maximum', `its max is ${max}`);
  if (wanted === min && raw < min) return limit('minimum', `its min is ${min}`);
  return undefined;
}

const held = (replicas: number, code: ScalingCode, because: string): Paced => ({
  replicas,
  limits: [limit(code, because)],
});

const limit = (code: ScalingCode, because: string): ScalingLimit => ({ code, because });

/** `cpu is at 0.9, target 0.6, which asks for 6 replicas; its max is 5: from 4 to 5.` */
function decided({ recommendation, current }: SizingCase, wanted: number, limits: readonly ScalingLimit[]): Sizing {
  const clauses = [recommendation.because, ...limits.map(({ because }) => because)];
  const said = clauses.filter((clause, at) => !clauses.slice(0, at).some(before => before.includes(clause)));
  const result = wanted === current ? `stays at ${current}` : `from ${current} to ${wanted}`;
  return { current, raw: recommendation.replicas, wanted, limits, because: `${said.join('; ')}: ${result}` };
}
