import type { Replica, Service } from './service.ts';
import { type Duration, type Instant, minutes, seconds } from './time.ts';
import { isStopping } from './wellness.ts';

/** What the size of one service follows, and within which limits. */
export interface Scaling {
  /** 0 only where a total (a queue, a query of a total) can tell when the first replica is needed. */
  readonly min: number;
  readonly max: number;
  /** At least one; where there are several, the largest answer counts. */
  readonly metrics: readonly ScalingMetric[];
  readonly up: Pace;
  readonly down: Pace;
  readonly fallback: Fallback | undefined;
  /** What a replica is told before it is stopped for good; nothing where it is missing. */
  readonly drain?: Drain;
  /** The owner says that replicas of this database may write to the same storage (`preflight.ts`). */
  readonly sharedStorage: boolean;
}

export const METRIC_KINDS = ['cpu', 'memory', 'queue', 'prometheus'] as const;

export type MetricKind = (typeof METRIC_KINDS)[number];

/** Where the number comes from. */
export type MetricSource =
  /** Share of a replica's own limit, else of the host: 1 is all of it. */
  | { readonly kind: 'cpu' }
  | { readonly kind: 'memory' }
  /** Length of a Redis list, `redis://cache:6379/0#celery`. May hold a password: for people there is `metricName`. */
  | { readonly kind: 'queue'; readonly queue: string }
  /** PromQL that returns one number. */
  | { readonly kind: 'prometheus'; readonly query: string };

/** What the number should be. */
export type Aim =
  /** The number is what each replica has, and this is what it should have. */
  | { readonly kind: 'target'; readonly target: number }
  /** The number is what each replica has; nothing happens between the two, and beyond them `up` is the target. */
  | { readonly kind: 'thresholds'; readonly up: number; readonly down: number }
  /** The number is a total, of which each replica should have so much. */
  | { readonly kind: 'per-replica'; readonly target: number };

export interface ScalingMetric {
  readonly source: MetricSource;
  readonly aim: Aim;
}

/** How a replica is brought to finish its work before it is stopped. */
export type Drain = (
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  /** `SIGUSR1`: then it ends by itself. */
  | { readonly kind: 'signal'; readonly signal: string }
) & {
  /** So long it may take. */
  readonly within: Duration;
};

/** How fast one direction may go. */
export interface Pace {
  /** The stabilization window: the most cautious recommendation inside it counts. */
  readonly window: Duration;
  /** At least one. */
  readonly policies: readonly RatePolicy[];
  /** Which policy counts where they differ: the one that allows most, the one that allows least; `disabled`: never. */
  readonly select: 'max' | 'min' | 'disabled';
  /** Growing waits this long after it last grew; shrinking this long after any change. */
  readonly cooldown: Duration;
}

/** So much change within one period. */
export interface RatePolicy {
  readonly unit: 'percent' | 'replicas';
  readonly allow: number;
  readonly period: Duration;
}

/** What a metric that cannot be read is taken to ask for (KEDA, ScaledObject `fallback`, behaviour `static`). */
export interface Fallback {
  readonly replicas: number;
  /** It has to fail more often than this in a row (KEDA's `failureThreshold`, pkg/fallback/fallback.go). */
  readonly after: number;
}

/**
 * The defaults of HorizontalPodAutoscaler v2: up at once, by the larger of 100 % and 4 replicas in 15 s (k8s.io/api
 * autoscaling/v2, HPAScalingRules; pkg/apis/autoscaling/v2/defaults.go, `GenerateHPAScaleUpRules`).
 */
export const DEFAULT_UP: Pace = {
  window: 0,
  policies: [
    { unit: 'percent', allow: 100, period: seconds(15) },
    { unit: 'replicas', allow: 4, period: seconds(15) },
  ],
  select: 'max',
  cooldown: 0,
};

/** Down only to the highest recommendation of five minutes, then all the way (`GenerateHPAScaleDownRules`, same place). */
export const DEFAULT_DOWN: Pace = {
  window: minutes(5),
  policies: [{ unit: 'percent', allow: 100, period: seconds(15) }],
  select: 'max',
  cooldown: 0,
};

/** What was read of one metric, or that it could not be. */
export type Reading =
  /** One share for each replica that is meant to work; those that are stopping, failed or removed are not in the list. */
  | { readonly kind: 'shares'; readonly replicas: readonly ReplicaShare[] }
  /** One number for the whole service: a total or what each replica has, as the metric's aim says. */
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'failed'; readonly because: string; readonly inARow: number };

export interface ReplicaShare {
  /** Healthy; running where it has no health check. Else it is still starting, or ill. */
  readonly ready: boolean;
  /** Undefined: not measured since it became ready. */
  readonly share: number | undefined;
  /** True: its newest sample got lost, so that the share is of one before, or there is none. What it uses by now nobody knows. */
  readonly late?: boolean;
}

export interface Signal {
  readonly metric: ScalingMetric;
  readonly reading: Reading;
}

/** All that a recommendation may know. */
export interface Load {
  /** How many replicas there are meant to be now. */
  readonly current: number;
  readonly ready: number;
  readonly signals: readonly Signal[];
}

/** Why the number is not simply what the signals ask for; each is a metric label and is shown by `watchdog scale`. */
export const SCALING_CODES = [
  'on-target',
  'in-doubt',
  'signals-lost',
  'some-signals-lost',
  'fallback',
  'switched-off',
  'disabled',
  'stabilizing',
  'cooling-down',
  'rate',
  'minimum',
  'maximum',
] as const;

export type ScalingCode = (typeof SCALING_CODES)[number];

export interface ScalingLimit {
  readonly code: ScalingCode;
  /** One clause for people, `grew 20s ago`. */
  readonly because: string;
}

/** What one metric says. */
export interface Opinion {
  /** `cpu`, `queue celery`: for people, without passwords. */
  readonly name: string;
  /** What was read; averaged over the ready replicas where there is one for each. Undefined when nothing was. */
  readonly value: number | undefined;
  /** Undefined when it has none. */
  readonly replicas: number | undefined;
  readonly limit: ScalingLimit | undefined;
  /** One clause for people. */
  readonly because: string;
}

/** How many replicas the load asks for, before anybody asks whether and how fast. */
export interface Recommendation {
  readonly replicas: number;
  /** One clause for people. */
  readonly because: string;
  readonly limits: readonly ScalingLimit[];
  /** False when nothing could be read: then it only repeats the present number, and no history is made of it. */
  readonly known: boolean;
  readonly opinions: readonly Opinion[];
}

/** What a size is decided by besides the load: recommendations and changes so far, oldest first. The ledger keeps it. */
export interface Track {
  readonly recommendations: readonly { readonly at: Instant; readonly replicas: number }[];
  /** Our own changes; `by` is negative for fewer. */
  readonly changes: readonly { readonly at: Instant; readonly by: number }[];
}

/** The decision: how many replicas there shall be now. */
export interface Sizing {
  readonly current: number;
  /** What the load asks for. */
  readonly raw: number;
  readonly wanted: number;
  /** What held it back, in the order in which it did; empty when the load has its way. */
  readonly limits: readonly ScalingLimit[];
  /** One sentence for people. */
  readonly because: string;
}

/** `cpu`, `queue celery`, `prometheus`: for people and logs, without addresses. */
export const metricName = (source: MetricSource): string =>
  source.kind === 'queue' ? `queue ${source.queue.split('#')[1] ?? ''}`.trim() : source.kind;

/** Does this metric know how much there is to do even while nothing runs? */
export const isTotal = (metric: ScalingMetric): boolean => metric.aim.kind === 'per-replica';

/** `1 replica`, `3 replicas`. */
export const replicasInWords = (count: number): string => `${count} replica${count === 1 ? '' : 's'}`;

/**
 * On every container that `scale` made. `replica`: it is one more than Compose's own. `seed`: it is kept, created and never
 * started, where a service was scaled to nothing: what the next replica is made from, because nothing else remembers how.
 */
export const MADE_LABEL = 'compose-watchdog.made';

/** A seed that has been started is a replica like any other. */
export const isSeed = ({ labels, state }: Replica): boolean => labels[MADE_LABEL] === 'seed' && state === 'created';

/** Beside Compose's own; a seed is in the place of one. */
export const isOneMore = ({ labels }: Pick<Replica, 'labels'>): boolean => labels[MADE_LABEL] === 'replica';

export const isMadeByUs = ({ labels }: Pick<Replica, 'labels'>): boolean => labels[MADE_LABEL] !== undefined;

/**
 * The replicas of a service that are meant to work; how many these are is its size. Who is being removed, or was told to stop,
 * does not count any more; who crashed does, because it is repaired. Ordered by container number.
 */
export const workersOf = ({ replicas }: Service, now: Instant): readonly Replica[] =>
  replicas.filter(
    replica =>
      !isSeed(replica) && replica.state !== 'removing' && !(replica.state === 'running' && isStopping(replica, now)),
  );
