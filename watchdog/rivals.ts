import type { Logger } from './adapters/logger.ts';
import { isWatchdog, nameOf, type Service } from './domain/service.ts';

export interface RivalParts {
  readonly stack: { services(): Iterable<Service> };
  /** The watchdog's own container; undefined on a host. */
  readonly selfId: string | undefined;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * To be called after each round: warns of every other watchdog that runs among the services in scope, once. Two that repair
 * the same service restart it twice, and each takes the other's repair for a failure of its own.
 */
export function warnOfRivals({ stack, selfId, logger }: RivalParts): () => void {
  const told = new Set<string>();
  return () => {
    for (const service of stack.services())
      for (const replica of service.replicas) {
        if (!isWatchdog(replica) || replica.id === selfId || replica.state !== 'running' || told.has(replica.id))
          continue;
        told.add(replica.id);
        logger.warn('another watchdog runs among the services that this one watches', {
          service: nameOf(service),
          container: replica.name,
          remedy: 'stop one of them, or set WATCHDOG_PROJECTS so that no project is watched by both',
        });
      }
  };
}
