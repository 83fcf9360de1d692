import type { Instant } from './time.ts';

/** One measurement of one running container, from the engine's one-shot stats. */
export interface Sample {
  readonly at: Instant;
  /** CPU time used since the sample before, as a share of its own limit, else of the host's cores: 1 is all of it. Undefined for the first. */
  readonly cpu: number | undefined;
  /** Without page cache, as `docker stats` shows it. Bytes. */
  readonly memoryBytes: number;
  /** `memoryBytes` as a share of its limit; of the host's memory where it has none. */
  readonly memory: number;
  /** Whether the memory limit is its own, not the host's. */
  readonly memoryLimited: boolean;
  /** Receive and transmit errors and drops a second since the sample before. Undefined for the first, and without a network of its own. */
  readonly networkErrors: number | undefined;
  /** The same counted since the container started. */
  readonly networkErrorsTotal: number;
}
