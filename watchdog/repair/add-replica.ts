import type { Docker } from '../adapters/docker/docker.ts';
import type { JournalStep, Move } from '../domain/repair.ts';
import { isMadeByUs } from '../domain/scaling.ts';
import type { Replica } from '../domain/service.ts';
import { textIn } from './journal.ts';
import type { Identity } from './scaling-plan.ts';

type Engine = Pick<Docker, 'inspect' | 'replicaBlueprint' | 'create' | 'start' | 'stop' | 'remove'>;

/** Makes another replica beside the one it is made from, and starts it. It counts once it is well. */
export const addReplica = (docker: Engine, from: Replica, { name, number }: Identity): Move => ({
  container: name,
  takes: 0,
  apply: async ({ journal, signal }) => {
    journal('add', { name });
    const blueprint = await docker.replicaBlueprint(from.id, { name, number, made: 'replica' }, signal);
    const containerId = await docker.create(blueprint, name, signal);
    journal('start', { containerId });
    await docker.start(containerId, signal);
    return { toProve: containerId };
  },
});

/** It never became well, or was never started: nobody needs it. */
export async function takeBack(docker: Engine, steps: readonly JournalStep[], signal: AbortSignal): Promise<string> {
  const name = nameIn(steps);
  const made = await madeBy(docker, steps, signal);
  if (made === undefined) return `${name} was not made`;
  // Not killed at once: it may have begun to write.
  await docker.stop(made.id, undefined, signal);
  await docker.remove(made.id, signal, { withVolumes: true });
  return `${name} is removed again`;
}

/** Still `starting` is good enough: should it fall ill, the watch goes on. */
export async function finishAdding(
  docker: Engine,
  steps: readonly JournalStep[],
  signal: AbortSignal,
): Promise<string> {
  const made = await madeBy(docker, steps, signal);
  if (made?.state === 'running' && made.health !== 'unhealthy') return `${nameIn(steps)} runs`;
  return await takeBack(docker, steps, signal);
}

const nameIn = (steps: readonly JournalStep[]): string => textIn(steps, 'add', 'name') ?? 'it';

/** By the id that was journaled; else one of that name, which can only be ours while it was never started. */
async function madeBy(
  docker: Engine,
  steps: readonly JournalStep[],
  signal: AbortSignal,
): Promise<Replica | undefined> {
  const id = textIn(steps, 'start', 'containerId');
  if (id !== undefined) return await docker.inspect(id, signal);
  const found = await docker.inspect(nameIn(steps), signal);
  return found !== undefined && isMadeByUs(found) && found.state === 'created' ? found : undefined;
}
