import type { Docker } from '../adapters/docker/docker.ts';
import type { Strategy } from '../domain/repair.ts';

/** One engine call: the engine stops with the service's own grace and starts again by itself, even if we die meanwhile. */
export const restartContainer = (docker: Pick<Docker, 'restart'>): Strategy => ({
  name: 'restart',
  danger: 'service',
  summary: 'restarts the container',
  apply: async ({ order, target, signal }) => {
    await docker.restart(target.id, order.stopTimeout, signal);
    return undefined;
  },
});
