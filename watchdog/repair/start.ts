import type { Docker } from '../adapters/docker/docker.ts';
import type { Strategy } from '../domain/repair.ts';

/** One engine call. For what stands still and should run. */
export const startContainer = (docker: Pick<Docker, 'start'>): Strategy => ({
  name: 'start',
  danger: 'service',
  summary: 'starts the container',
  apply: async ({ target, signal }) => {
    await docker.start(target.id, signal);
    return undefined;
  },
});
