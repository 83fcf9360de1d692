import type { DiskReading } from './disk.ts';
import type { Replica, Service, ServiceRef } from './service.ts';
import type { Duration, Instant } from './time.ts';

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
  /** The host's disk under a watched path, as last read. */
  disk(path: string): DiskReading | undefined;
  /** How often a running container is measured. How much its samples prove depends on it. */
  readonly sampledEvery: Duration;
}
