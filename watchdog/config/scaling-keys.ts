import { METRIC_KINDS } from '../domain/scaling.ts';
import { hours, seconds } from '../domain/time.ts';
import { decimal, duration, type Kind, oneOf, pastDuration, text, wholeNumber, yesNo } from './kinds.ts';

/** One value of a service's scaling and the places where it can be set. */
export interface ScalingKey<T> {
  readonly kind: Kind<T>;
  /** Key under `scaling.<service>` of the configuration file. */
  readonly file: string;
  readonly env?: 'MIN_REPLICAS' | 'MAX_REPLICAS';
  readonly label: string;
  /** One sentence for the JSON Schema. */
  readonly meaning: string;
}

const key = <T>(kind: Kind<T>, places: Omit<ScalingKey<T>, 'kind'>): ScalingKey<T> => ({ kind, ...places });

/** A list in Redis: `redis://[user:password@]host[:port][/database]#list`. */
export const redisList: Kind<string> = {
  expected: 'a Redis list such as redis://cache:6379/0#celery',
  jsonSchema: { type: 'string', pattern: '^redis://[^#]+#.+' },
  read: value => {
    if (text.read(value) === undefined || !URL.canParse(value)) return undefined;
    const { protocol, hostname, pathname, search, hash, username, password } = new URL(value);
    const whole = protocol === 'redis:' && hostname !== '' && search === '' && hash.length > 1;
    const words = [username, password, hash.slice(1)].every(isOneLine);
    return whole && words && /^(\/\d{0,4})?$/.test(pathname) ? value : undefined;
  },
};

/** What `%0d%0a` would spell is a second command for whoever reads lines and is no Redis. */
function isOneLine(encoded: string): boolean {
  try {
    return text.read(decodeURIComponent(encoded)) !== undefined;
  } catch {
    return false;
  }
}

/**
 * A command in words, or as a JSON list where a word holds a blank; or a signal, `SIGUSR1`. No shell reads it, so that what only
 * a shell would understand is refused.
 */
export const preStop: Kind<PreStop> = {
  expected:
    'a signal such as SIGUSR1, a command such as celery-drain --now (no shell reads it), or a JSON list of its words',
  jsonSchema: { type: 'string', minLength: 1 },
  read: value => {
    if (/^SIG[A-Z0-9+-]{2,10}$/.test(value)) return { kind: 'signal', signal: value };
    const argv = value.startsWith('[') ? wordsIn(value) : value.split(/\s+/).filter(word => word !== '');
    const plain = value.startsWith('[') || !/["'`$;|&<>]/.test(value);
    return plain && argv !== undefined && argv.length > 0 ? { kind: 'command', argv } : undefined;
  },
};

export type PreStop =
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  | { readonly kind: 'signal'; readonly signal: string };

function wordsIn(json: string): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(json);
    return Array.isArray(list) && list.every(word => typeof word === 'string' && word !== '') ? list : undefined;
  } catch {
    return undefined;
  }
}

/** A number above nought; Prometheus may count in billions. */
const positive: Kind<number> = { ...decimal(0.000001, 999_999_999), expected: 'a number above 0' };

/** What labels and the file can both say, the one list behind labels, file, schema and `check`. */
export const SCALING_KEYS = {
  enabled: key(yesNo, {
    file: 'enabled',
    label: 'auto_scale',
    meaning: 'false leaves the number of replicas alone.',
  }),
  min: key(wholeNumber(0, 10_000), {
    file: 'min_replicas',
    env: 'MIN_REPLICAS',
    label: 'auto_scale.min',
    meaning: 'Never fewer replicas; 0 for what follows a queue or a total.',
  }),
  max: key(wholeNumber(1, 10_000), {
    file: 'max_replicas',
    env: 'MAX_REPLICAS',
    label: 'auto_scale.max',
    meaning: 'Never more replicas.',
  }),
  metric: key(oneOf(...METRIC_KINDS), {
    file: 'metric',
    label: 'auto_scale.metric',
    meaning: 'What the number of replicas follows.',
  }),
  up: key(positive, {
    file: 'scale_up_threshold',
    label: 'auto_scale.scale_up_threshold',
    meaning: 'Above this replicas are added; a share of the limit for cpu and memory.',
  }),
  down: key(decimal(0, 999_999_999), {
    file: 'scale_down_threshold',
    label: 'auto_scale.scale_down_threshold',
    meaning: 'Below this replicas are taken away; a share of the limit for cpu and memory.',
  }),
  target: key(positive, {
    file: 'target',
    label: 'auto_scale.target',
    meaning: 'What each replica should have, instead of the two thresholds; a share of the limit for cpu and memory.',
  }),
  perReplica: key(positive, {
    file: 'target_per_replica',
    label: 'auto_scale.target_per_replica',
    meaning: 'How much of a total each replica should have: items of a queue, or of what a query returns.',
  }),
  query: key(text, {
    file: 'query',
    label: 'auto_scale.query',
    meaning: 'PromQL that returns one number.',
  }),
  queue: key(redisList, {
    file: 'queue',
    label: 'auto_scale.queue',
    meaning: 'The Redis list whose length counts, such as redis://cache:6379/0#celery.',
  }),
  preStop: key(preStop, {
    file: 'pre_stop',
    label: 'auto_scale.pre_stop',
    meaning: 'What a replica is told before it is stopped for good: a command to run in it, or a signal.',
  }),
  preStopTimeout: key(duration(seconds(1), hours(1)), {
    file: 'pre_stop_timeout',
    label: 'auto_scale.pre_stop_timeout',
    meaning: 'How long pre_stop may take; then the replica is stopped all the same.',
  }),
  cooldown: key(pastDuration(), {
    file: 'cooldown',
    label: 'auto_scale.cooldown',
    meaning: 'Quiet time before it grows after it grew, and before it shrinks after any change.',
  }),
} as const;

export type ScalingField = keyof typeof SCALING_KEYS;

export const SCALING_FIELDS = Object.keys(SCALING_KEYS) as readonly ScalingField[];

/** What belongs to one metric; a place that names a metric begins anew with all of them. */
export const METRIC_FIELDS = ['metric', 'up', 'down', 'target', 'perReplica', 'query', 'queue'] as const;

export type MetricField = (typeof METRIC_FIELDS)[number];

type ValueOf<Field extends ScalingField> = (typeof SCALING_KEYS)[Field] extends ScalingKey<infer T> ? T : never;

/** One metric as it is written. */
export type FlatMetric = { readonly [Field in MetricField]?: ValueOf<Field> };
