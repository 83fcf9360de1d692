import type { Policy } from '../domain/policy.ts';
import { minutes, seconds } from '../domain/time.ts';
import { decimal, duration, type Kind, names, oneOf, pastDuration, wholeNumber, yesNo } from './kinds.ts';

/** One value of the policy and the places where it can be set. */
export interface PolicyKey<T> {
  readonly kind: Kind<T>;
  /** Key under `policy` and `services.<name>` of the configuration file. */
  readonly file: string;
  readonly env?: string;
  /** The environment's own way of saying it, where that differs. */
  readonly envKind?: Kind<T>;
  readonly label?: string;
  /** One sentence for the JSON Schema. */
  readonly meaning: string;
}

const key = <T>(kind: Kind<T>, places: Omit<PolicyKey<T>, 'kind'>): PolicyKey<T> => ({ kind, ...places });

/** `WATCHDOG_RESPECT_STOP` asks yes or no; the label and the file name the behaviour. */
const respectStop: Kind<'repair' | 'respect'> = {
  expected: yesNo.expected,
  jsonSchema: yesNo.jsonSchema,
  read: text => {
    const respect = yesNo.read(text);
    return respect === undefined ? undefined : respect ? 'respect' : 'repair';
  },
};

/** The policy, flat, as people write it: the one list behind environment, file, labels, schema and `check`. */
export const POLICY_KEYS = {
  enabled: key(yesNo, {
    file: 'enabled',
    label: 'auto_repair',
    meaning: 'false takes the service out: it is watched and shown, and never touched.',
  }),
  mode: key(oneOf('repair', 'observe'), {
    file: 'mode',
    env: 'WATCHDOG_MODE',
    label: 'auto_repair.mode',
    meaning: 'observe decides and records, and touches nothing.',
  }),
  maxAttempts: key(wholeNumber(1, 1_000), {
    file: 'max_attempts',
    env: 'MAX_RESTART_ATTEMPTS',
    label: 'auto_repair.max_attempts',
    meaning: 'Attempts in the window before people are told and we stop.',
  }),
  cooldown: key(pastDuration(), {
    file: 'cooldown',
    env: 'RESTART_COOLDOWN',
    label: 'auto_repair.cooldown',
    meaning: 'Quiet time after a repair that worked.',
  }),
  window: key(pastDuration(seconds(1)), {
    file: 'window',
    env: 'WATCHDOG_ATTEMPT_WINDOW',
    label: 'auto_repair.window',
    meaning: 'The sliding window for the attempt cap.',
  }),
  'backoff.initial': key(duration(), {
    file: 'backoff_initial',
    env: 'WATCHDOG_BACKOFF_INITIAL',
    meaning: 'Delay after the first repair that failed.',
  }),
  'backoff.factor': key(decimal(1, 100), {
    file: 'backoff_factor',
    env: 'WATCHDOG_BACKOFF_FACTOR',
    meaning: 'What the delay is multiplied by after every further failure.',
  }),
  'backoff.max': key(pastDuration(), {
    file: 'backoff_max',
    env: 'WATCHDOG_BACKOFF_MAX',
    meaning: 'The longest delay after a repair that failed.',
  }),
  onStop: key(oneOf('repair', 'respect'), {
    file: 'on_stop',
    env: 'WATCHDOG_RESPECT_STOP',
    envKind: respectStop,
    label: 'auto_repair.on_stop',
    meaning: 'repair starts again what a person stopped; respect never does.',
  }),
  stopGrace: key(duration(), {
    file: 'stop_grace',
    env: 'WATCHDOG_STOP_GRACE',
    meaning: 'How long a hand-stopped service is left before it is started again.',
  }),
  settle: key(duration(), {
    file: 'settle',
    env: 'WATCHDOG_SETTLE',
    meaning: 'How long a repaired service must stay well before the repair counts as one that worked.',
  }),
  dependsOn: key(names, {
    file: 'depends_on',
    label: 'auto_repair.depends_on',
    meaning: 'Services this one depends on besides what Compose says.',
  }),
  followLogs: key(yesNo, {
    file: 'follow_logs',
    env: 'WATCHDOG_FOLLOW_LOGS',
    label: 'auto_repair.follow_logs',
    meaning: 'Whether its logs are read, and what they tell of is taken for a sign of trouble.',
  }),
  freeMemory: key(yesNo, {
    file: 'free_memory',
    label: 'auto_repair.free_memory',
    meaning: 'true lets it be restarted when the host has no memory left and it uses the most; never what is critical.',
  }),
  critical: key(yesNo, {
    file: 'critical',
    label: 'auto_repair.critical',
    meaning: 'true pages people instead of sending a message.',
  }),
  alternativePort: key(yesNo, {
    file: 'alternative_port',
    label: 'auto_repair.alternative_port',
    meaning: 'true: where a port of the host is taken, it may be published on another one, out of `ports`.',
  }),
  stopTimeout: key(duration(), {
    file: 'stop_timeout',
    label: 'autoheal.stop.timeout',
    meaning: "Stop timeout for our stops and restarts; without it the service's own stop_grace_period holds.",
  }),
} as const;

export type PolicyField = keyof typeof POLICY_KEYS;

/** The policy as it is written: one value per key; `playbooks` has its own shape and is set beside it. */
export type FlatPolicy = {
  -readonly [Field in PolicyField]: (typeof POLICY_KEYS)[Field] extends PolicyKey<infer T> ? T | undefined : never;
};

export const POLICY_FIELDS = Object.keys(POLICY_KEYS) as readonly PolicyField[];

/** Sets one value, read as its kind demands. @returns false when the text is not of that kind. */
export function setField(flat: Partial<FlatPolicy>, field: PolicyField, kind: Kind<unknown>, text: string): boolean {
  const value = kind.read(text);
  if (value === undefined) return false;
  Object.assign(flat, { [field]: value });
  return true;
}

/** From the flat writing to the domain's policy; what `flat` leaves open is taken from `base`. */
export function foldPolicy(base: Policy, flat: Partial<FlatPolicy>): Policy {
  const { 'backoff.initial': initial, 'backoff.factor': factor, 'backoff.max': max, ...plain } = flat;
  return { ...base, ...definedOnly(plain), backoff: { ...base.backoff, ...definedOnly({ initial, factor, max }) } };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const definedOnly = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;

/** The defaults of INTERFACE's table. */
export const DEFAULT_POLICY: Policy = {
  enabled: true,
  mode: 'repair',
  maxAttempts: 3,
  cooldown: minutes(5),
  window: minutes(60),
  backoff: { initial: seconds(10), factor: 2, max: minutes(5) },
  onStop: 'repair',
  stopGrace: seconds(30),
  settle: seconds(10),
  dependsOn: [],
  followLogs: true,
  freeMemory: false,
  critical: false,
  alternativePort: false,
  playbooks: {},
  stopTimeout: undefined,
  problems: [],
};
