import { patienceIn, WAIT } from '../domain/patience.ts';
import type { Strategy } from '../domain/repair.ts';

/**
 * Leaves it alone for a while (`for`, one minute, at most ten): what has to load, replay or reconnect comes right by itself. The
 * waiting is the verification's, so that no repair of another service waits for it, and what a person does meanwhile is a person's.
 */
export const wait = (): Strategy => ({
  name: WAIT,
  danger: 'none',
  summary: 'leaves the container alone for a while and looks whether it becomes well by itself',
  apply: async ({ order }) => {
    patienceIn(order);
    return undefined;
  },
});
