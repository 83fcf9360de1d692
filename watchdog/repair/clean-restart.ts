import type { Docker } from '../adapters/docker/docker.ts';
import type { Strategy } from '../domain/repair.ts';
import { textIn } from './journal.ts';

const STARTED_AGAIN = 'it had been stopped and is started again';

/**
 * Stop, then start. Where the engine's own restart policy keeps starting a container that keeps falling, a stop through the
 * API takes the policy out (the engine remembers a manual stop until the next start) and clears its growing delay.
 */
export const cleanRestart = (docker: Pick<Docker, 'inspect' | 'stop' | 'start'>): Strategy => ({
  name: 'clean-restart',
  danger: 'service',
  summary: "stops the container, which ends the engine's own attempts, then starts it",
  apply: async ({ order, target, signal, journal }) => {
    journal('stop', { containerId: target.id });
    await docker.stop(target.id, order.stopTimeout, signal);
    journal('start', {});
    await docker.start(target.id, signal);
    return undefined;
  },
  // A start that was tried is not tried again here: that is for the next attempt, through the gates.
  undo: async (steps, signal) => {
    const containerId = textIn(steps, 'stop', 'containerId');
    if (containerId === undefined || steps.some(({ step }) => step === 'start')) return undefined;
    await docker.start(containerId, signal);
    return STARTED_AGAIN;
  },
  // Whether the start was under way or not: starting what runs already is nothing to the engine. The stop is asked for again:
  // the engine goes on stopping for one who died, and would end what was started in the midst of that. Once only, whoever dies.
  recover: async (steps, signal, journal) => {
    const containerId = textIn(steps, 'stop', 'containerId');
    if (containerId === undefined) return 'nothing had been done yet';
    if ((await docker.inspect(containerId, signal)) === undefined) return 'the container is gone';
    if (!steps.some(({ step }) => step === 'start')) {
      await docker.stop(containerId, undefined, signal);
      journal('start', {});
    }
    await docker.start(containerId, signal);
    return STARTED_AGAIN;
  },
});
