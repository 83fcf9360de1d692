import type { Sample } from './sample.ts';
import type { Instant } from './time.ts';

/** The host's memory, as last read. */
export interface MemoryReading {
  readonly at: Instant;
  /** What new programs may have without swapping, as a share of all of it, 0 to 1. */
  readonly available: number;
  readonly availableBytes: number;
  /** Since when every reading was too low; undefined where the last one was not. */
  readonly lowSince: Instant | undefined;
  /** The container that is to give memory back; undefined while nobody has to, or may. */
  readonly giver: MemoryGiver | undefined;
}

/** The largest of those that may be restarted to free memory. */
export interface MemoryGiver {
  readonly containerId: string;
  readonly bytes: number;
  /** When it was chosen: whoever was started anew since then has given back what it had. */
  readonly chosenAt: Instant;
}

/** What the container uses by its newest sample, in bytes. */
export const memoryOf = (samples: readonly Sample[]): number => samples.at(-1)?.memoryBytes ?? 0;
