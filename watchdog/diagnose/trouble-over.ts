import type { AlertBook } from '../domain/alert.ts';
import type { CONTAINER_KINDS } from '../domain/incident.ts';
import { nameOf, type ServiceRef } from '../domain/service.ts';
import type { Stack } from '../domain/stack.ts';
import type { Instant } from '../domain/time.ts';
import { wellSince } from '../domain/wellness.ts';
import { firesFor } from './alerted.ts';
import { ailing, lookedAt, withoutIllness } from './own-eyes.ts';
import { withinAllowanceSince } from './starved.ts';

export interface Over {
  readonly since: Instant;
  readonly because: string;
}

/**
 * Since when a service has no trouble of this kind, whatever else it has; undefined while it has, or while nobody can tell. An
 * alert's end is not dated: its rule's range and waits have delayed it by more than a settle time already.
 */
export function troubleOver(
  kind: (typeof CONTAINER_KINDS)[number],
  ref: ServiceRef,
  stack: Stack,
  alerts: Pick<AlertBook, 'firing'>,
  at: Instant,
): Over | undefined {
  const service = stack.service(ref);
  if (service === undefined) return { since: 0, because: `${nameOf(ref)} has no containers any more` };
  if (kind === 'ailing') {
    const judged = lookedAt(service, stack, at);
    const { because, wellSince: since } = withoutIllness(judged, service);
    return since === undefined || ailing(judged, service, undefined) !== undefined ? undefined : { since, because };
  }
  if (firesFor(kind, service, alerts.firing(ref))) return undefined;
  if (kind === 'erring')
    return {
      since: Math.max(...service.replicas.map(wellSince)),
      because: `no alert about ${nameOf(ref)} fires any more`,
    };
  const since = withinAllowanceSince(service.replicas);
  return since === undefined ? undefined : { since, because: `${nameOf(ref)} uses no more than it may` };
}
