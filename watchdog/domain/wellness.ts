import type { Replica, Service } from './service.ts';
import type { Stack } from './stack.ts';
import type { Instant } from './time.ts';

/** Runs, and its health check (if it has one) agrees. */
export const isWell = (replica: Replica): boolean =>
  replica.state === 'running' && (replica.health === 'none' || replica.health === 'healthy');

/** Ended with 0 and nothing says that it should go on. */
export const hasCompleted = (replica: Replica): boolean => replica.state === 'exited' && replica.exitCode === 0;

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

/**
 * Somebody took the whole project down: every service that is not meant to finish was stopped by hand. The watchdog's own
 * service does not count. A single stopped service beside a running watchdog is one stopped service, not a project.
 */
export function wholeProjectStopped(stack: Stack, project: string, selfId: string | undefined): boolean {
  const livesHere = selfId !== undefined && stack.replica(selfId)?.project === project;
  const others = [...stack.services(project)].filter(service => isLongRunning(service) && !isSelf(service, selfId));
  if (others.length < (livesHere ? 2 : 1)) return false;
  return others.every(service => service.replicas.every(replica => stoppedByHandAt(replica) !== undefined));
}

const isSelf = (service: Service, selfId: string | undefined): boolean =>
  service.replicas.some(replica => replica.id === selfId);

const isLongRunning = (service: Service): boolean =>
  service.replicas.some(
    replica => replica.state !== 'created' && (!hasCompleted(replica) || stoppedByHandAt(replica) !== undefined),
  );
