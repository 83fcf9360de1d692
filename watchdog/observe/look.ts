import type { Docker } from '../adapters/docker/docker.ts';
import { type Finding, HOST } from '../domain/finding.ts';
import type { Replica } from '../domain/service.ts';
import { isWell } from '../domain/wellness.ts';
import type { StackKeeper } from './stack-keeper.ts';

type Engine = Pick<Docker, 'inspect'>;

/**
 * Brings the stack up to date about what the finding names: one inspect of its container; more only for those that are not
 * well and nobody has looked at since, and for those whose start tells what is wrong with them.
 */
export async function look({ target, source }: Finding, stack: StackKeeper, docker: Engine): Promise<void> {
  if (target.project === HOST) return;
  const wanted = new Set<string>();
  for (const replica of stack.service(target)?.replicas ?? []) {
    const named = target.containerId === undefined || replica.id === target.containerId;
    // No list shows the start times that tell whether a network parent was restarted while no event came.
    const mayBeStranded = source === 'rounds' && named && replica.networkParent !== undefined;
    const known = (source === 'rounds' || source === 'load') && listedIsEnough(replica) && !mayBeStranded;
    if ((named && !known) || (!isWell(replica) && replica.inspected === undefined)) wanted.add(replica.id);
    for (const other of tellingStarts(replica, stack))
      if (other.inspected === undefined || mayBeStranded) wanted.add(other.id);
  }
  // A container made after the last round is known by its event only.
  const { containerId } = target;
  if (containerId !== undefined && stack.replica(containerId) === undefined) wanted.add(containerId);
  await Promise.all([...wanted].map(id => lookAt(id, stack, docker)));
}

/** One fresh look at one container. */
export async function lookAt(containerId: string, stack: StackKeeper, docker: Engine): Promise<void> {
  const stateNow = () => stack.replica(containerId)?.state;
  const before = stateNow();
  let replica = await docker.inspect(containerId);
  // Events may have moved it on meanwhile. In the middle of a restart by hand the answer would bring its death back, without
  // the memory that it was a person's doing.
  if (replica !== undefined && stateNow() !== before && stateNow() !== replica.state)
    replica = await docker.inspect(containerId);
  if (replica === undefined) stack.remove(containerId);
  else stack.put(replica);
}

/** The round's list is a look of its own, and what asks for a size has seen it, where nothing has changed since the last inspect; but it shows no failing streak. */
const listedIsEnough = (replica: Replica): boolean => replica.inspected !== undefined && replica.health !== 'unhealthy';

/** Whose start time matters: a network parent may have been restarted, and an `up` may have been broken off after others. */
function tellingStarts(replica: Replica, stack: StackKeeper): readonly Replica[] {
  const parent = replica.networkParent === undefined ? undefined : stack.replica(replica.networkParent);
  const others = replica.state === 'created' ? [...stack.services(replica.project)] : [];
  const running = others.flatMap(({ replicas }) => replicas.filter(({ state }) => state === 'running'));
  return parent === undefined ? running : [parent, ...running];
}
