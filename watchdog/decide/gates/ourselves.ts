import type { Gate } from '../../domain/decision.ts';

/** The label that our image carries, for a watchdog that cannot find out its own container's id. */
const SELF_LABEL = 'compose-watchdog.self';

/** A watchdog that stops its own container would never start it again. */
export const ourselves: Gate = {
  code: 'ourselves',
  evenWhenAsked: true,
  objection: ({ incident, service, scope }) => {
    const own = incident.patients.some(patient => patient.id === scope.selfId);
    const labelled = service?.replicas.some(replica => replica.labels[SELF_LABEL] === 'true') ?? false;
    if (!own && !labelled) return undefined;
    return {
      code: 'ourselves',
      because: 'this is the watchdog itself; the engine restarts it by its restart policy',
      until: undefined,
      tell: false,
    };
  },
};
