import type { ErrorType, RecognisedError, Severity } from './log-error.ts';
import type { ServiceRef } from './service.ts';
import { type Duration, type Instant, minutes } from './time.ts';

/** An error that is not written any more for so long is over, as far as a log can tell. */
export const QUIET_AFTER: Duration = minutes(10);

/** An error that a container's log told of. Secrets are masked, in its captures too. */
export interface StandingError {
  readonly containerId: string;
  readonly error: RecognisedError;
  /** By the engine's clock, as the lines are dated. */
  readonly firstAt: Instant;
  readonly lastAt: Instant;
  /** How many records told of it since `firstAt`. */
  readonly count: number;
  /** The first of them that the pattern recognised, cut. */
  readonly sample: string;
  readonly remedy: Remedy;
}

/**
 * What its playbook may do about it: repair what is ill, or repair for the word of the log alone. `patience`: it leaves what runs
 * alone for a while; `people`: it says that nobody but they may; `none`: there is no playbook.
 */
export type Remedy = 'none' | 'patience' | 'people' | 'if-ill' | 'even-if-well';

/** Which errors the logs of a service tell of, that were not repaired, resolved by a person, or forgotten since. */
export interface ErrorBook {
  standing(ref: ServiceRef): readonly StandingError[];
}

/** So many records of one type make an error that people hear of, though nothing else is wrong with the container. */
export const SEVERAL = 3;

/** All records of one pattern in one service, as one. Secrets are masked. */
export interface ErrorFold extends ServiceRef {
  readonly error: RecognisedError;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
  readonly count: number;
  /** How often each form of the message came, the commonest first. Those beyond the bound are counted under `…`. */
  readonly variants: readonly Variant[];
  /** The newest record, cut. */
  readonly sample: string;
  /** When the service's errors were last found to be far above its own past. */
  readonly burstAt: Instant | undefined;
}

export interface Variant {
  readonly template: string;
  readonly count: number;
}

/** Errors of one type and severity that the logs of a service told of, and that nobody has resolved. */
export interface ErrorSeen extends ServiceRef {
  readonly type: ErrorType;
  readonly severity: Severity;
  readonly lastAt: Instant;
}

/** Where nobody reads logs. */
export const NO_ERRORS: ErrorBook = { standing: () => [] };
