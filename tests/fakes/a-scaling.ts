import { size } from '../../watchdog/decide/scaling/size.ts';
import { beginTrack, pruned, withChange, withRecommendation } from '../../watchdog/decide/scaling/track.ts';
import { recommend } from '../../watchdog/diagnose/scaling/recommend.ts';
import {
  type Aim,
  DEFAULT_DOWN,
  DEFAULT_UP,
  type Load,
  type Reading,
  type Recommendation,
  type Scaling,
  type ScalingMetric,
  type Signal,
  type Sizing,
  type Track,
} from '../../watchdog/domain/scaling.ts';
import type { SizeFacts, SizeRecord } from '../../watchdog/domain/size.ts';
import type { Instant } from '../../watchdog/domain/time.ts';
import { NOON } from './a-service.ts';

// Small builders for scaling: a test says what differs.

export const cpu = (target: number): ScalingMetric => ({ source: { kind: 'cpu' }, aim: { kind: 'target', target } });

export const thresholds = (down: number, up: number): ScalingMetric => ({
  source: { kind: 'cpu' },
  aim: { kind: 'thresholds', up, down },
});

export const queue = (target: number): ScalingMetric => ({
  source: { kind: 'queue', queue: 'redis://cache:6379/0#celery' },
  aim: { kind: 'per-replica', target },
});

export const query = (aim: Aim): ScalingMetric => ({ source: { kind: 'prometheus', query: 'up' }, aim });

/** `starting` and `unmeasured`: how many besides those whose shares are given; `late`: shares of others, each from a sample before. */
export function shares(
  measured: readonly number[],
  others: { readonly starting?: number; readonly unmeasured?: number; readonly late?: readonly number[] } = {},
): Reading {
  return {
    kind: 'shares',
    replicas: [
      ...measured.map(share => ({ ready: true, share })),
      ...(others.late ?? []).map(share => ({ ready: true, share, late: true })),
      // What is measured of a replica while it starts must not count.
      ...Array.from({ length: others.starting ?? 0 }, () => ({ ready: false, share: 99 })),
      ...Array.from({ length: others.unmeasured ?? 0 }, () => ({ ready: true, share: undefined })),
    ],
  };
}

export const number = (value: number): Reading => ({ kind: 'number', value });

export const failed = (inARow = 1): Reading => ({ kind: 'failed', because: 'connection refused', inARow });

/** One signal; `current` and `ready` follow from the shares where there are any. */
export function aLoad(metric: ScalingMetric, reading: Reading, differing: Partial<Load> = {}): Load {
  const replicas = reading.kind === 'shares' ? reading.replicas : [];
  return {
    current: replicas.length,
    ready: replicas.filter(({ ready }) => ready).length,
    signals: [{ metric, reading }],
    ...differing,
  };
}

export const aScaling = (differing: Partial<Scaling> = {}): Scaling => ({
  min: 1,
  max: 100,
  metrics: [cpu(0.5)],
  up: DEFAULT_UP,
  down: DEFAULT_DOWN,
  fallback: undefined,
  sharedStorage: false,
  ...differing,
});

/** One that was read without trouble. */
export const asking = (replicas: number): Recommendation => ({
  replicas,
  because: `cpu asks for ${replicas}`,
  limits: [],
  known: true,
  opinions: [],
});

/** Recommendations and changes by how long ago they were, oldest first. */
export const aTrack = (
  recommendations: readonly (readonly [ago: number, replicas: number])[] = [],
  changes: readonly (readonly [ago: number, by: number])[] = [],
): Track => ({
  recommendations: recommendations.map(([ago, replicas]) => ({ at: NOON - ago, replicas })),
  changes: changes.map(([ago, by]) => ({ at: NOON - ago, by })),
});

/** As many as there should be: three, by a target of cpu. */
export const aSize = (differing: Partial<SizeFacts> = {}): SizeFacts => ({
  recommendation: asking(3),
  current: 3,
  scaling: aScaling(),
  record: aRecord(),
  obstacle: undefined,
  ...differing,
});

export const aRecord = (differing: Partial<SizeRecord> = {}): SizeRecord => ({
  at: NOON,
  track: aTrack(),
  stood: undefined,
  drift: undefined,
  chosen: undefined,
  pinnedSince: undefined,
  ...differing,
});

/** A scaler that is asked again and again, and whose wishes come true at once. */
export class Loop {
  replicas: number;
  readonly sizings: Sizing[] = [];
  #track: Track;
  readonly #scaling: Scaling;

  constructor(scaling: Scaling, replicas: number, now: Instant) {
    this.#scaling = scaling;
    this.replicas = replicas;
    this.#track = beginTrack(replicas, now);
  }

  step(signals: readonly Signal[], now: Instant): Sizing {
    const current = this.replicas;
    const recommendation = recommend({ current, ready: current, signals }, this.#scaling.fallback);
    const sizing = size({ recommendation, current, scaling: this.#scaling, track: this.#track, now });
    const told = withRecommendation(this.#track, recommendation, now);
    this.#track = pruned(withChange(told, sizing.wanted - current, now), this.#scaling, now);
    this.replicas = sizing.wanted;
    this.sizings.push(sizing);
    return sizing;
  }
}
