import type { RecognisedError } from './log-error.ts';
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
  /** The newest of them, cut. */
  readonly sample: string;
  readonly remedy: Remedy;
}

/** What its playbook may do about it: nothing, repair what is ill, or repair for the word of the log alone. */
export type Remedy = 'none' | 'if-ill' | 'even-if-well';

/** Which errors the logs of a service tell of, that were not repaired, resolved by a person, or forgotten since. */
export interface ErrorBook {
  standing(ref: ServiceRef): readonly StandingError[];
}

/** Where nobody reads logs. */
export const NO_ERRORS: ErrorBook = { standing: () => [] };
