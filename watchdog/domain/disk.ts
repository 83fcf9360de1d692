import { HOST } from './finding.ts';
import type { ServiceRef } from './service.ts';
import type { Instant } from './time.ts';

/** The host's disk under one watched path, as last read. */
export interface DiskReading {
  /** As the operator named it. */
  readonly path: string;
  readonly at: Instant;
  /** What an unprivileged process may still fill, as a share of the whole, 0 to 1. */
  readonly free: number;
  readonly freeBytes: number;
  /** The share below which it counts as low. */
  readonly threshold: number;
  /** Since when every reading was below the threshold; undefined where the last one was not. */
  readonly lowSince: Instant | undefined;
}

const PREFIX = 'disk:';

/** What findings and incidents about the disk under this path are about: `host/disk:/var/lib/docker`. */
export const diskRef = (path: string): ServiceRef => ({ project: HOST, service: `${PREFIX}${path}` });

/** The watched path that such a reference names; undefined for any other. */
export const diskPathOf = ({ project, service }: ServiceRef): string | undefined =>
  project === HOST && service.startsWith(PREFIX) ? service.slice(PREFIX.length) : undefined;
