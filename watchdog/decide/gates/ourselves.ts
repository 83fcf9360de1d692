import type { Gate } from '../../domain/decision.ts';
import { isWatchdog } from '../../domain/service.ts';

/** A watchdog that stops its own container would never start it again. */
export const ourselves: Gate = {
  code: 'ourselves',
  evenWhenAsked: true,
  objection: ({ incident, service, scope }) => {
    const own = incident.patients.some(patient => patient.id === scope.selfId);
    const labelled = service?.replicas.some(isWatchdog) ?? false;
    if (!own && !labelled) return undefined;
    return {
      code: 'ourselves',
      because: 'this is the watchdog itself; the engine restarts it by its restart policy',
      until: undefined,
      tell: false,
    };
  },
};
