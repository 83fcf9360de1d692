import type { Scaling } from '../../watchdog/domain/scaling.ts';
import type { Duration, Instant } from '../../watchdog/domain/time.ts';

/** What every contender is told at each interval; the same for all. */
export interface Observation {
  readonly now: Instant;
  /** Between two observations, in milliseconds. */
  readonly interval: Duration;
  /** How many replicas there are meant to be. */
  readonly current: number;
  readonly replicas: readonly Observed[];
  /** Items in the queue; undefined where the service follows its processors, and while it cannot be read. */
  readonly total: number | undefined;
}

export interface Observed {
  readonly id: number;
  readonly ready: boolean;
  /** Undefined while it is not ready. */
  readonly readySince: Instant | undefined;
  /** CPU as a share of its limit since the last interval; undefined when the sample is missing. */
  readonly share: number | undefined;
  /** It was ready all through the sample: what a HorizontalPodAutoscaler asks of CPU samples of young pods. */
  readonly settled: boolean;
}

/** One contender, with the memory it keeps. */
export interface Scaler {
  decide(observation: Observation): number;
}

/** Makes a contender for one service. */
export type Make = (scaling: Scaling, begin: Observation) => Scaler;
