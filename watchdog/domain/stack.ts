import type { DiskReading } from './disk.ts';
import type { Resize } from './headcount.ts';
import type { MemoryReading } from './memory.ts';
import type { Replica, Service, ServiceRef } from './service.ts';
import { type Duration, type Instant, seconds } from './time.ts';

/** So long after the last container was made or removed, a deploy counts as still under way. */
export const DEPLOY_QUIET: Duration = seconds(10);

/** All services as they stand now. Read only; kept by `observe/stack-keeper.ts`. */
export interface Stack {
  service(ref: ServiceRef): Service | undefined;
  services(project?: string): Iterable<Service>;
  /** By full id, or by name. */
  replica(idOrName: string): Replica | undefined;
  /** Which service a container that is gone belonged to, as long as that is remembered. */
  ownerOf(id: string): ServiceRef | undefined;
  /** When somebody other than the watchdog last created or removed a container of the project. */
  lastDeployAt(project: string): Instant | undefined;
  /** When somebody other than the watchdog last made or removed containers of the service, and how many there were before. */
  resizedByHand(ref: ServiceRef): Resize | undefined;
  /** The host's disk under a watched path, as last read. */
  disk(path: string): DiskReading | undefined;
  /** The host's memory, as last read; undefined while it cannot be. */
  memory(): MemoryReading | undefined;
  /** How often a running container is measured. How much its samples prove depends on it. */
  readonly sampledEvery: Duration;
}
