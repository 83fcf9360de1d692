import type { Docker } from '../adapters/docker/docker.ts';
import type { Move } from '../domain/repair.ts';
import type { Replica } from '../domain/service.ts';

/** Starts what a service was kept as while nothing of it was wanted. One engine call. */
export const wakeSeed = (docker: Pick<Docker, 'start'>, { id, name }: Replica): Move => ({
  container: id,
  takes: 0,
  apply: async ({ journal, signal }) => {
    journal('wake', { name });
    await docker.start(id, signal);
    return { toProve: id };
  },
});
