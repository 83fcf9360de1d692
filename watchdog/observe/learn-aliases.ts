import type { Docker } from '../adapters/docker/docker.ts';
import { lookAt } from './look.ts';
import type { StackKeeper } from './stack-keeper.ts';

/** The others are asked when somebody unknown is named again. */
const AT_ONCE = 200;

/**
 * The engine's list does not tell the names by which networks know a container, so those are looked at whom nobody has looked
 * at yet. @returns whether there was anything to learn.
 */
export async function learnAliases(stack: StackKeeper, docker: Pick<Docker, 'inspect'>): Promise<boolean> {
  const strangers = [...stack.services()]
    .flatMap(({ replicas }) =>
      replicas.filter(({ inspected, state }) => inspected === undefined && state === 'running'),
    )
    .slice(0, AT_ONCE);
  await Promise.all(strangers.map(({ id }) => lookAt(id, stack, docker)));
  return strangers.length > 0;
}
