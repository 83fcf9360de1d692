import type { Headcount, Resize } from './headcount.ts';
import type { Making } from './making.ts';
import type { Reading, Recommendation, Scaling, Sizing, Track } from './scaling.ts';
import type { ServiceRef } from './service.ts';
import { type Duration, type Instant, minutes } from './time.ts';

/** So long a service may want more than its max before people hear of it. */
export const PINNED_FOR: Duration = minutes(10);

/** What was last read about a service that is scaled; the load sensor keeps it. */
export interface LoadReading {
  readonly at: Instant;
  readonly scaling: Scaling;
  /** One for each metric, in their order; undefined for those of the containers, which the stack has. */
  readonly elsewhere: readonly (Reading | undefined)[];
  /** How its first container was made; undefined while nobody could look. */
  readonly making: Making | undefined;
}

/** What is remembered of the size of a service. The ledger keeps it, so that a restart forgets nothing. */
export interface SizeRecord {
  /** When it was last looked at. */
  readonly at: Instant;
  readonly track: Track;
  /** Which containers stood there then: whoever changed that since was not us. Undefined while an order of ours is carried out. */
  readonly stood: Headcount | undefined;
  /** Somebody's `docker compose up` took away what we had made. */
  readonly drift: Drift | undefined;
  /** The last time that somebody else chose the number. */
  readonly chosen: Resize | undefined;
  /** Since when the load asks for more than its max. */
  readonly pinnedSince: Instant | undefined;
}

export interface Drift {
  readonly at: Instant;
  readonly from: number;
  readonly to: number;
}

/** Remembers sizes across restarts of the watchdog. */
export interface SizeMemory {
  sizeOf(ref: ServiceRef): SizeRecord | undefined;
  /** All in one write: a pass over hundreds of services must not cost as many. */
  rememberSizes(sizes: Iterable<readonly [ServiceRef, SizeRecord]>, now: Instant): void;
}

/** A service that is scaled, as far as it is known. */
export interface Scaled extends LoadReading {
  readonly record: SizeRecord;
}

/** Which services are scaled, and what is known of their load. */
export interface SizeBook {
  of(ref: ServiceRef): Scaled | undefined;
}

/** Where nothing is scaled. */
export const NOTHING_SCALED: SizeBook = { of: () => undefined };

/** All that the size of a service is decided by; part of its case. */
export interface SizeFacts {
  readonly recommendation: Recommendation;
  /** How many replicas there are meant to be now. */
  readonly current: number;
  readonly scaling: Scaling;
  readonly record: SizeRecord;
  /** Why it cannot be scaled, in one sentence; undefined where it can. */
  readonly obstacle: string | undefined;
}

/** The size of one service as people see it. */
export interface SizeNow extends SizeFacts, Scaled {
  readonly ref: ServiceRef;
  readonly sizing: Sizing;
  /** All that stands against scaling it, one sentence each. */
  readonly obstacles: readonly string[];
}
