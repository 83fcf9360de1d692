/** What a record of a log can be found to say: a closed list. What each means is in `docs/log-errors.md`. */
export const ERROR_TYPES = [
  'PORT_CONFLICT',
  'CONTAINER_NAME_CONFLICT',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'OUT_OF_MEMORY',
  'MEMORY_LEAK',
  'CPU_SPIKE',
  'HEALTH_CHECK_FAILED',
  'VOLUME_MOUNT_ERROR',
  'NETWORK_ERROR',
  'NETWORK_TIMEOUT',
  'DATABASE_CONNECTION',
  'DATABASE_SCHEMA_ERROR',
  'DATABASE_VERSION_INCOMPATIBLE',
  'DATA_CORRUPTION',
  'REDIS_AOF_CORRUPTION',
  'REDIS_RDB_CORRUPTION',
  'REDIS_RDB_VERSION_INCOMPATIBLE',
  'POSTGRES_STALE_LOCK',
  'DJANGO_DATABASE_CONFIG_ERROR',
  'DJANGO_PLUGIN_MISSING_ERROR',
  'DEPENDENCY_FAILURE',
  'CONFIGURATION_ERROR',
  'DEPLOYMENT_FAILURE',
  'DOCKER_DAEMON_ERROR',
  'API_FAILURE',
] as const;

export type ErrorType = (typeof ERROR_TYPES)[number];

/** `NONE`: a pattern of this type says that a record is harmless. */
export const PATTERN_TYPES = ['NONE', ...ERROR_TYPES] as const;

export type PatternType = (typeof PATTERN_TYPES)[number];

/** Mildest first. */
export const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** From what nothing else can mean to what it usually means. */
export const TIERS = ['certain', 'likely'] as const;

export type Tier = (typeof TIERS)[number];

/** How one kind of trouble shows itself in a log: data, from `rules/log-patterns/*.yml`. */
export interface LogPattern {
  readonly name: string;
  readonly type: PatternType;
  readonly severity: Severity;
  readonly tier: Tier;
  /** Whether a record that its writer marked as information only is not meant, however certain the words are. */
  readonly heedsLevel: boolean;
  /** Whether a record that it is certain of tells of an attack: people at once, and no repair until they have looked. */
  readonly alarm: boolean;
  /** Words in the name of a service or its image where a `likely` pattern counts as `certain`. Empty: nowhere. */
  readonly services: readonly string[];
  /** Any of them says it. Named groups are kept. In the language of `diagnose/log-errors/expression.ts`. */
  readonly expressions: readonly string[];
  /** One of them must be found as well; empty: nothing more is asked. */
  readonly with: readonly string[];
  /** None of them may be found. */
  readonly unless: readonly string[];
  /** Lines that it recognises. */
  readonly matches: readonly string[];
  /** Lines that it does not, though they look like it. */
  readonly misses: readonly string[];
  /** The file it comes from. */
  readonly source: string;
}

/** What a record says is wrong. */
export interface RecognisedError {
  readonly type: ErrorType;
  readonly severity: Severity;
  readonly tier: Tier;
  /** The pattern's name. */
  readonly pattern: string;
  /** The pattern's named groups that took part: `port`, `path`, `database`. Text of the log: not masked. */
  readonly captures: Readonly<Record<string, string>>;
  /** It tells of an attack. */
  readonly alarm?: true;
}

/** Where an expression is wrong: a character's index, what stands there, what could. */
export interface ExpressionFault {
  readonly at: number;
  readonly found: string;
  readonly expected: string;
}

/** Why a pattern cannot be used as it is. */
export interface PatternFault {
  /** In the pattern: `['expressions', 2]`. */
  readonly path: readonly (string | number)[];
  readonly found: string;
  readonly expected: string;
}
