import { isOneMore } from './scaling.ts';
import type { Service } from './service.ts';
import type { Instant } from './time.ts';

/** How many containers a service has: all of them, and those among them that Compose made. A seed stands for the last of these. */
export interface Headcount {
  readonly all: number;
  readonly composes: number;
}

/** A burst of containers that others made or removed: when the last one was, and how many there were before the first. */
export interface Resize {
  readonly at: Instant;
  readonly before: Headcount;
}

export function headcountOf(service: Service | undefined): Headcount {
  const replicas = service?.replicas ?? [];
  return { all: replicas.length, composes: replicas.filter(replica => !isOneMore(replica)).length };
}

/**
 * Whether somebody chose this number (`up --scale`, `docker rm`), or only put the service back to the number in its file, as a
 * plain `up` does: that one takes away all that we added and leaves as many of Compose's own as there were. A service that was
 * not there before was deployed, not resized. `up --scale` to the number in the file looks like a plain `up`.
 */
export function isChosen(before: Headcount, now: Headcount): boolean {
  if (before.all === 0) return false;
  return now.composes !== before.composes || (now.all !== now.composes && now.all !== before.all);
}
