import type { EngineEvent } from '../adapters/docker/docker.ts';
import type { Finding } from '../domain/finding.ts';
import type { Replica, ServiceRef } from '../domain/service.ts';
import type { Instant } from '../domain/time.ts';

/** Actions after which a service is worth a look. `kill` and `stop` only prepare or follow a `die`; `restart` follows a `start`. */
const WORTH_A_LOOK = new Set<EngineEvent['action']>(['die', 'start', 'oom', 'health', 'unpause', 'stop', 'destroy']);

/** An event carries no truth, it triggers a fresh look. Undefined for what needs none. */
export function findingFrom(event: EngineEvent, now: Instant): Finding | undefined {
  if (event.oneOff || !WORTH_A_LOOK.has(event.action)) return undefined;
  return {
    kind: 'changed',
    target: { project: event.project, service: event.service, containerId: event.containerId },
    source: 'events',
    at: event.at,
    seenAt: now,
    evidence: {
      event: event.action,
      ...(event.exitCode === undefined ? {} : { exitCode: event.exitCode }),
      ...(event.health === undefined ? {} : { health: event.health }),
    },
  };
}

/** A container whose network parent went away or came back needs a look of its own: the engine says nothing about it. */
export function findingForChild(child: Replica, event: EngineEvent, now: Instant): Finding {
  return {
    kind: 'parent-restarted',
    target: { project: child.project, service: child.service, containerId: child.id },
    source: 'events',
    at: event.at,
    seenAt: now,
    evidence: { parent: event.name },
  };
}

/** A round found the container in a state that should not last. */
export function findingFromRound(replica: Replica, source: 'rounds' | 'start', now: Instant): Finding {
  return {
    kind: 'stands-wrong',
    target: { project: replica.project, service: replica.service, containerId: replica.id },
    source,
    at: now,
    seenAt: now,
    evidence: { state: replica.state, health: replica.health },
  };
}

/** Its incident may be over without an event for it, or even the service with all its containers gone. */
export function findingOfOpenIncident(ref: ServiceRef, source: 'rounds' | 'start', now: Instant): Finding {
  return {
    kind: 'stands-wrong',
    target: { project: ref.project, service: ref.service },
    source,
    at: now,
    seenAt: now,
    evidence: {},
  };
}
