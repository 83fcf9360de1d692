import type { Replica } from '../../domain/service.ts';
import { isDone, stoppedByHandAt } from '../../domain/wellness.ts';
import type { Ailment, Judge } from '../ailment.ts';

/** Stopped and should run: crashed, killed, stopped by hand (a gate decides about that), or given up by the engine. */
export const exited: Judge = ({ replica, service, stack, at }) => {
  if (replica.state !== 'exited') return undefined;
  const byHand = stoppedByHandAt(replica);
  if (isDone(replica, stack.services(service.project)))
    return { excuse: `${replica.name} has completed (exit 0)`, completed: true };
  return {
    condition: 'exited',
    because: byHand === undefined ? crash(replica) : `${replica.name} was stopped by hand`,
    evidence: evidenceOf(replica),
    since: byHand ?? replica.inspected?.finishedAt ?? at,
    stoppedByHandAt: byHand,
  };
};

// 137 alone does not mean out of memory: any SIGKILL gives it. Only the engine's own word does.
const killedForMemory = (replica: Replica): boolean => replica.seen.oom || replica.inspected?.oomKilled === true;

function crash(replica: Replica): string {
  const error = replica.inspected?.error;
  if (error) return `${replica.name} could not be started: ${error}`;
  if (killedForMemory(replica)) return `${replica.name} was killed by the kernel for using more memory than it may`;
  const gaveUp = replica.inspected?.restartPolicy.name === 'on-failure' && replica.inspected.restartCount > 0;
  return `${replica.name} exited with ${replica.exitCode ?? 'an unknown code'}${gaveUp ? ' and the engine gave up restarting it' : ''}`;
}

function evidenceOf(replica: Replica): Ailment['evidence'] {
  return {
    ...(replica.exitCode === undefined ? {} : { exitCode: replica.exitCode }),
    ...(killedForMemory(replica) ? { oomKilled: true } : {}),
    ...(replica.inspected?.error ? { error: replica.inspected.error } : {}),
  };
}
