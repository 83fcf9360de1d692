import type { Replica } from '../../domain/service.ts';
import type { Stack } from '../../domain/stack.ts';
import type { Judge } from '../ailment.ts';

/**
 * Created and not running because its start failed, or because an `up` was broken off before its turn: then another service
 * of the project was started after it was created. A container that somebody only created is left alone.
 */
export const neverStarted: Judge = ({ replica, stack }) => {
  if (replica.state !== 'created') return undefined;
  const error = replica.inspected?.error ?? '';
  if (error === '' && !upWasBrokenOff(replica, stack))
    return { excuse: `${replica.name} was created and not started on purpose` };
  return {
    condition: 'never-started',
    because:
      error === '' ? `${replica.name} was created but never started` : `${replica.name} could not be started: ${error}`,
    evidence: error === '' ? {} : { error },
    since: replica.createdAt,
  };
};

const upWasBrokenOff = (replica: Replica, stack: Stack): boolean =>
  [...stack.services(replica.project)].some(service =>
    service.replicas.some(other => (other.inspected?.startedAt ?? 0) > replica.createdAt && other.state === 'running'),
  );
