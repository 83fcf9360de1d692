import type { Replica, Service } from '../domain/service.ts';

/** The values of the label `status` of `service_health_status`, worst first. */
export const STATUSES = [
  'dead',
  'exited',
  'restarting',
  'unhealthy',
  'paused',
  'starting',
  'running',
  'healthy',
] as const;

export type Status = (typeof STATUSES)[number];

/** The status of its worst replica; undefined while it has none. */
export function statusOf({ replicas }: Service): Status | undefined {
  const present = new Set(replicas.map(replicaStatus));
  return STATUSES.find(status => present.has(status));
}

/** What was created and not started, or is being removed, does not run: `exited`. */
function replicaStatus({ state, health }: Replica): Status {
  if (state === 'created' || state === 'removing') return 'exited';
  if (state !== 'running') return state;
  return health === 'none' ? 'running' : health;
}
