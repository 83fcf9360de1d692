import { exec, pidOf } from '../engine.ts';
import type { Patient } from '../patients.ts';

/** A way to break a service, and the event by which the engine tells. */
export interface Fault {
  readonly name: 'unhealthy' | 'hung' | 'killed';
  readonly event: 'health_status: unhealthy' | 'die';
  strike(patient: Patient): Promise<void>;
}

/** Its health check fails. */
export const unhealthy: Fault = {
  name: 'unhealthy',
  event: 'health_status: unhealthy',
  strike: ({ id }) => exec(id, ['patient', 'sick']),
};

/** Its health check gets no answer; strikes one that ignores SIGTERM as well. */
export const hung: Fault = {
  name: 'hung',
  event: 'health_status: unhealthy',
  strike: ({ id }) => exec(id, ['patient', 'hang']),
};

/** SIGKILL from outside the engine, as by the kernel. Takes root on the engine's machine. */
export const killed: Fault = {
  name: 'killed',
  event: 'die',
  strike: async ({ id }) => {
    process.kill(await pidOf(id), 'SIGKILL');
  },
};
