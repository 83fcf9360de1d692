import {
  type Aim,
  DEFAULT_DOWN,
  DEFAULT_UP,
  isTotal,
  type MetricKind,
  type MetricSource,
  type Pace,
  type Scaling,
  type ScalingMetric,
} from '../domain/scaling.ts';
import { type Duration, minutes } from '../domain/time.ts';
import { type FlatMetric, type MetricField, type PreStop, SCALING_KEYS } from './scaling-keys.ts';
import type { ScalingSection } from './scaling-schema.ts';

/** The scaling of one service as it is written, put together from all places that say something about it. */
export interface FlatScaling extends FlatMetric {
  readonly enabled?: boolean;
  readonly min: number;
  readonly max: number;
  /** They hold for every service; nobody said them of this one. */
  readonly minForAll: boolean;
  readonly maxForAll: boolean;
  readonly metrics?: readonly FlatMetric[];
  readonly preStop?: PreStop;
  readonly preStopTimeout?: Duration;
  readonly cooldown?: number;
  readonly behaviour?: NonNullable<ScalingSection['behaviour']> | undefined;
  readonly fallback?: Scaling['fallback'];
  readonly sharedStorage?: boolean;
}

/** What does not fit together. */
export interface Misfit {
  readonly field: 'min' | 'max' | MetricField;
  /** Where it stands in `metrics`; undefined where the metric's keys stand in the section itself. */
  readonly index: number | undefined;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
}

/** Items of a queue that one replica is trusted with, where nobody says otherwise. */
const ITEMS = 100;
/** How long a replica may take to finish its work, where nobody says otherwise. */
const PRE_STOP_TIMEOUT: Duration = minutes(1);
/** Shares of the limit, where nobody says otherwise. */
const THRESHOLDS = { up: 0.8, down: 0.2 };

/** Checks what fits together, and fills in the defaults. With misfits there is no scaling. */
export function scalingFrom(flat: FlatScaling): { scaling: Scaling | undefined; misfits: readonly Misfit[] } {
  const given: readonly FlatMetric[] = flat.metrics ?? [flat];
  const misfits = given.flatMap((metric, at) => misfitsOf(metric, flat.metrics === undefined ? undefined : at));
  if (flat.min > flat.max) misfits.push(tooMany(flat));
  if (misfits.length > 0) return { scaling: undefined, misfits };

  const metrics = given.map(metricFrom);
  // Nobody but a total can tell when the first replica is needed.
  const fromZero = metrics.some(isTotal);
  if (flat.min === 0 && !fromZero && !flat.minForAll) return { scaling: undefined, misfits: [NEVER_STARTS] };
  const { behaviour, cooldown = 0 } = flat;
  return {
    misfits: [],
    scaling: {
      min: fromZero ? flat.min : Math.max(1, flat.min),
      max: flat.max,
      metrics,
      up: paceFrom(behaviour?.scale_up, { ...DEFAULT_UP, cooldown }),
      down: paceFrom(behaviour?.scale_down, { ...DEFAULT_DOWN, cooldown }),
      fallback: flat.fallback,
      sharedStorage: flat.sharedStorage ?? false,
      ...(flat.preStop === undefined
        ? {}
        : { drain: { ...flat.preStop, within: flat.preStopTimeout ?? PRE_STOP_TIMEOUT } }),
    },
  };
}

const NEVER_STARTS: Misfit = {
  field: 'min',
  index: undefined,
  found: '0',
  expected: 'at least 1 where no metric is a total: of what does not run nobody can measure the load',
  remedy: 'Raise it, or follow a queue or a query with target_per_replica.',
};

/** Who said something of this one service is wrong, not who spoke for all. */
const tooMany = ({ min, max, minForAll, maxForAll }: FlatScaling): Misfit =>
  minForAll && !maxForAll
    ? {
        field: 'max',
        index: undefined,
        found: String(max),
        expected: `at least the min, which is ${min}`,
        remedy: 'Raise it, or lower min_replicas (auto_scale.min, MIN_REPLICAS).',
      }
    : {
        field: 'min',
        index: undefined,
        found: String(min),
        expected: `at most the max, which is ${max}`,
        remedy: 'Lower it, or raise max_replicas (auto_scale.max, MAX_REPLICAS).',
      };

/** The key in which a metric says what it reads, where it needs one, and how it may say what it aims at. */
const KINDS: Readonly<
  Record<MetricKind, { readonly needs?: 'queue' | 'query'; readonly aims: readonly MetricField[] }>
> = {
  cpu: { aims: ['target', 'up', 'down'] },
  memory: { aims: ['target', 'up', 'down'] },
  queue: { needs: 'queue', aims: ['perReplica'] },
  prometheus: { needs: 'query', aims: ['perReplica', 'target', 'up', 'down'] },
};

function misfitsOf(metric: FlatMetric, index: number | undefined): Misfit[] {
  const kind = metric.metric ?? 'cpu';
  const { needs, aims } = KINDS[kind];
  const misfit = (field: MetricField, found: string, expected: string, remedy: string): Misfit[] => [
    { field, index, found, expected, remedy },
  ];

  if (needs !== undefined && metric[needs] === undefined)
    return misfit(
      'metric',
      `${kind} and no ${needs}`,
      `${needs} beside it: ${SCALING_KEYS[needs].kind.expected}`,
      `Say which ${needs}.`,
    );
  const stranger = (['queue', 'query', 'perReplica', 'target', 'up', 'down'] as const).find(
    field => metric[field] !== undefined && field !== needs && !aims.includes(field),
  );
  if (stranger !== undefined)
    return misfit(
      stranger,
      `a key that the metric ${kind} does not have`,
      ownKeys(kind),
      'Remove it, or correct the metric.',
    );
  return misfitsOfAim(metric, kind, misfit);
}

function misfitsOfAim(
  metric: FlatMetric,
  kind: MetricKind,
  misfit: (field: MetricField, found: string, expected: string, remedy: string) => Misfit[],
): Misfit[] {
  const { perReplica, target, up, down } = metric;
  const ways = [perReplica, target, up ?? down].filter(value => value !== undefined).length;
  if (ways > 1) {
    const extra = perReplica !== undefined && target !== undefined ? 'target' : up === undefined ? 'down' : 'up';
    return misfit(extra, 'a second aim', 'one of target_per_replica, target, or the two thresholds', 'Remove one.');
  }
  if (
    kind === 'prometheus' &&
    perReplica === undefined &&
    target === undefined &&
    (up === undefined || down === undefined)
  )
    return misfit(
      'metric',
      'prometheus and no aim',
      'target_per_replica, target, or both thresholds',
      'Say what is wanted.',
    );
  const band = { up: up ?? THRESHOLDS.up, down: down ?? THRESHOLDS.down };
  if ((up ?? down) !== undefined && band.down >= band.up)
    return misfit(
      down === undefined ? 'up' : 'down',
      down === undefined ? String(band.up) : String(band.down),
      down === undefined ? `more than the lower threshold, ${band.down}` : `less than the upper threshold, ${band.up}`,
      'Leave room between the two.',
    );
  return [];
}

const ownKeys = (kind: MetricKind): string => {
  const { needs, aims } = KINDS[kind];
  return [...(needs === undefined ? [] : [needs]), ...aims].map(field => SCALING_KEYS[field].file).join(', ');
};

const metricFrom = (flat: FlatMetric): ScalingMetric => ({ source: sourceFrom(flat), aim: aimFrom(flat) });

function sourceFrom({ metric = 'cpu', queue = '', query = '' }: FlatMetric): MetricSource {
  if (metric === 'queue') return { kind: metric, queue };
  return metric === 'prometheus' ? { kind: metric, query } : { kind: metric };
}

function aimFrom({ metric, perReplica, target, up, down }: FlatMetric): Aim {
  if (perReplica !== undefined || metric === 'queue') return { kind: 'per-replica', target: perReplica ?? ITEMS };
  if (target !== undefined) return { kind: 'target', target };
  return { kind: 'thresholds', up: up ?? THRESHOLDS.up, down: down ?? THRESHOLDS.down };
}

type PaceSection = NonNullable<NonNullable<ScalingSection['behaviour']>['scale_up']>;

const paceFrom = (section: PaceSection | undefined, usual: Pace): Pace => ({
  window: section?.stabilization_window ?? usual.window,
  policies:
    section?.policies?.map(({ percent, replicas, period }) =>
      percent === undefined
        ? { unit: 'replicas', allow: replicas ?? 0, period }
        : { unit: 'percent', allow: percent, period },
    ) ?? usual.policies,
  select: section?.select ?? usual.select,
  cooldown: section?.cooldown ?? usual.cooldown,
});
