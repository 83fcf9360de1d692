import type { Gate } from '../../domain/decision.ts';

/** A person or a maintenance window said: not now. A paused container never gets here as ill, except by a person's order. */
export const paused: Gate = {
  code: 'paused',
  evenWhenAsked: true,
  objection: ({ pause, service, incident }) => {
    if (pause !== undefined) {
      const who = pause.by === 'person' ? 'paused by a person' : 'maintenance window';
      return { code: 'paused', because: `${who}: ${pause.reason}`, until: pause.until, tell: false };
    }
    const ids = new Set(incident.patients.map(patient => patient.id));
    const container = service?.replicas.find(replica => ids.has(replica.id) && replica.state === 'paused');
    if (container === undefined) return undefined;
    return {
      code: 'paused',
      because: `${container.name} is paused; unpause it first (docker unpause ${container.name})`,
      until: undefined,
      tell: false,
    };
  },
};
