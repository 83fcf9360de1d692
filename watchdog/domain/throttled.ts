import type { ServiceRef } from './service.ts';
import type { Instant } from './time.ts';

/** Some of what a container may use, in the Engine API's units (`Resources` of the adapter). */
export type Allotment = Readonly<Partial<Record<'cpuShares' | 'nanoCpus' | 'cpuQuota', number>>>;

/** A container that we gave less for a while. */
export interface Throttled extends ServiceRef {
  readonly containerId: string;
  /** Compose's container number: who replaces it has the same, and was made with its limits. */
  readonly number: number;
  /** What it gets back. */
  readonly before: Allotment;
  readonly after: Allotment;
  readonly until: Instant;
}

/** Remembers across restarts of the watchdog who is throttled. */
export interface ThrottleMemory {
  /** At most one entry a container: a later one replaces it. */
  rememberThrottle(throttled: Throttled): void;
  forgetThrottle(containerId: string): void;
  throttles(): readonly Throttled[];
}
