import type { Replica, Service, ServiceRef } from './service.ts';
import type { Stack } from './stack.ts';
import { type Duration, type Instant, minutes } from './time.ts';

/** Runs, and its health check (if it has one) agrees. */
export const isWell = (replica: Replica): boolean =>
  replica.state === 'running' && (replica.health === 'none' || replica.health === 'healthy');

/** When its present good state began, as far as anybody told: it was started, became healthy, or completed. */
export const wellSince = (replica: Replica): Instant =>
  replica.state === 'exited'
    ? (replica.inspected?.finishedAt ?? replica.createdAt)
    : Math.max(replica.inspected?.startedAt ?? replica.createdAt, replica.seen.healthyAt ?? 0);

/** Ended with 0 and nothing says that it should go on. */
export const hasCompleted = (replica: Replica): boolean => replica.state === 'exited' && replica.exitCode === 0;

/**
 * A one-shot that exited 0 has completed. One is known by somebody waiting for its completion, or by a restart policy that
 * lets exit 0 be and nothing that only servers have (a health check, a published port). `project`: all services of its own.
 */
export const isDone = (replica: Replica, project: Iterable<Service>): boolean =>
  hasCompleted(replica) && stoppedByHandAt(replica) === undefined && isMeantToFinish(replica, project);

/** Another service waits until it has finished. */
export const isAwaited = ({ service: name }: ServiceRef, project: Iterable<Service>): boolean =>
  awaitedIn(project).has(name);

/** The names of the services that others wait for until they have finished. */
export const awaitedIn = (project: Iterable<Service>): ReadonlySet<string> =>
  new Set(
    Iterator.from(project).flatMap(({ dependencies }) =>
      dependencies.flatMap(({ service, condition }) => (condition === 'completed' ? [service] : [])),
    ),
  );

function isMeantToFinish(replica: Replica, project: Iterable<Service>): boolean {
  if (isAwaited(replica, project)) return true;
  const policy = replica.inspected?.restartPolicy.name ?? 'no';
  const serves = replica.inspected?.healthcheck !== undefined || replica.publishesPorts;
  return !serves && (policy === 'no' || policy === 'on-failure');
}

/**
 * When a person stopped this container through the engine, or undefined. The events say so where we saw them. Where we did
 * not see it die, the engine's restart policy tells: what `always` and `unless-stopped` leave exited was stopped by hand,
 * unless its start failed (moby daemon/monitor.go, `HasBeenManuallyStopped`).
 */
export function stoppedByHandAt(replica: Replica): Instant | undefined {
  if (replica.state !== 'exited') return undefined;
  if (replica.seen.stoppedByHandAt !== undefined) return replica.seen.stoppedByHandAt;
  const inspected = replica.inspected;
  if (inspected === undefined || replica.seen.deaths.length > 0) return undefined;
  const engineWouldRestart =
    inspected.restartPolicy.name === 'always' || inspected.restartPolicy.name === 'unless-stopped';
  return engineWouldRestart && inspected.error === '' && !inspected.oomKilled ? inspected.finishedAt : undefined;
}

/** However long a service's stop grace is: who has not ended by then does not mean to. */
const STOPS_WITHIN: Duration = minutes(10);

/** Somebody told it to end, and it may still be at it. */
export function isStopping(replica: Replica, now: Instant): boolean {
  const { signalled } = replica.seen;
  if (!signalled?.toEnd) return false;
  return now < signalled.at + Math.max(STOPS_WITHIN, replica.inspected?.stopGrace ?? 0);
}

/**
 * Somebody took the whole project down: nothing of it runs any more, and what ended last was stopped by hand. What was not
 * meant to go on and the watchdog's own service do not count. A single stopped service beside a running watchdog is one
 * stopped service, not a project.
 */
export function wholeProjectStopped(stack: Stack, project: string, selfId: string | undefined): boolean {
  const livesHere = selfId !== undefined && stack.replica(selfId)?.project === project;
  const all = [...stack.services(project)];
  const others = all.filter(service => isLongRunning(service, all) && !isSelf(service, selfId));
  if (others.length < (livesHere ? 2 : 1)) return false;
  const replicas = others.flatMap(service => service.replicas);
  const lastStop = Math.max(...replicas.map(replica => stoppedByHandAt(replica) ?? Number.NEGATIVE_INFINITY));
  return replicas.every(replica => stoppedByHandAt(replica) !== undefined || wasDownAt(lastStop, replica));
}

const isSelf = (service: Service, selfId: string | undefined): boolean =>
  service.replicas.some(replica => replica.id === selfId);

/** A server that ended with 0, as many do that are told to end by an engine that goes down, is none that has finished. */
const isLongRunning = (service: Service, project: Iterable<Service>): boolean =>
  service.replicas.some(replica => replica.state !== 'created' && !isDone(replica, project));

function wasDownAt(moment: Instant, replica: Replica): boolean {
  if (replica.state === 'created') return replica.createdAt <= moment;
  const endedAt = replica.seen.deaths.at(-1) ?? replica.inspected?.finishedAt;
  return (replica.state === 'exited' || replica.state === 'dead') && endedAt !== undefined && endedAt <= moment;
}
