import type { AlertBook } from '../domain/alert.ts';
import { type ErrorBook, NO_ERRORS } from '../domain/error-book.ts';
import type { CONTAINER_KINDS } from '../domain/incident.ts';
import { nameOf, type ServiceRef } from '../domain/service.ts';
import type { Stack } from '../domain/stack.ts';
import type { Instant } from '../domain/time.ts';
import { isWell, wellSince } from '../domain/wellness.ts';
import { firesFor } from './alerted.ts';
import { erred, stillCounting } from './erred.ts';
import { isToGive } from './memory-low.ts';
import { ailing, lookedAt, withoutIllness } from './own-eyes.ts';
import { withinAllowanceSince } from './starved.ts';

export interface Over {
  readonly since: Instant;
  readonly because: string;
}

/**
 * Since when a service has no trouble of this kind, whatever else it has; undefined while it has, or while nobody can tell. An
 * alert's end is not dated: its rule's range and waits have delayed it by more than a settle time already.
 * @param byLog the trouble was told by a log: it is not over while a container that it may have made ill is not well
 */
export function troubleOver(
  kind: (typeof CONTAINER_KINDS)[number],
  ref: ServiceRef,
  stack: Stack,
  alerts: Pick<AlertBook, 'firing'>,
  at: Instant,
  errors: ErrorBook = NO_ERRORS,
  byLog = false,
): Over | undefined {
  const service = stack.service(ref);
  if (service === undefined) return { since: 0, because: `${nameOf(ref)} has no containers any more` };
  if (kind === 'ailing') {
    const judged = lookedAt(service, stack, at);
    const { because, wellSince: since } = withoutIllness(judged, service);
    return since === undefined || ailing(judged, service, undefined) !== undefined ? undefined : { since, because };
  }
  if (firesFor(kind, service, alerts.firing(ref))) return undefined;
  if (kind === 'erring') {
    if (byLog && !service.replicas.every(isWell)) return undefined;
    if (erred(service, service.replicas, stillCounting(service, errors.standing(ref), at)) !== undefined)
      return undefined;
    const because = byLog
      ? `the log of ${nameOf(ref)} tells of no error any more`
      : `no alert about ${nameOf(ref)} fires any more`;
    return { since: Math.max(...service.replicas.map(wellSince)), because };
  }
  if (service.replicas.some(replica => isToGive(replica, stack.memory()))) return undefined;
  const since = withinAllowanceSince(service.replicas);
  return since === undefined ? undefined : { since, because: `${nameOf(ref)} uses no more than it may` };
}
