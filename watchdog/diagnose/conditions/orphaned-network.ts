import type { Replica } from '../../domain/service.ts';
import { stoppedByHandAt } from '../../domain/wellness.ts';
import type { Ailment, Judge, Look } from '../ailment.ts';

/**
 * A container in another one's network namespace keeps the namespace of the parent's previous life: after the parent's restart
 * it runs without a network, and after its replacement it points to an id that is gone.
 */
export const orphanedNetwork: Judge = look => {
  const { replica, stack } = look;
  if (replica.networkParent === undefined || replica.state === 'created') return undefined;
  if (stoppedByHandAt(replica) !== undefined) return undefined;
  const parent = stack.replica(replica.networkParent);
  if (parent === undefined) return parentReplaced(look, replica.networkParent);
  if (parent.state !== 'running') return undefined;
  const parentStart = parent.inspected?.startedAt;
  const ownStart = replica.inspected?.startedAt;
  if (replica.state !== 'running' || parentStart === undefined || ownStart === undefined) return undefined;
  if (parentStart <= ownStart) return undefined;
  return ailment(look, `its network parent ${parent.name} was restarted`, { parent: 'restarted' }, parentStart);
};

function parentReplaced(look: Look, parentId: string): Ailment {
  const successor = successorOf(look, parentId);
  const evidence = successor === undefined ? { parent: 'gone' } : { parent: 'replaced', networkParent: successor.id };
  const what = successor === undefined ? 'is gone and has no successor' : `was replaced by ${successor.name}`;
  return ailment(
    look,
    `its network parent ${parentId.slice(0, 12)} ${what}`,
    evidence,
    successor?.createdAt ?? look.at,
  );
}

const ailment = ({ replica }: Look, why: string, evidence: Ailment['evidence'], since: number): Ailment => ({
  condition: 'orphaned-network',
  because: `${replica.name} lost its network: ${why}`,
  evidence,
  since,
});

/** The running container of the service the old parent belonged to; Compose lists that service among the dependencies. */
function successorOf({ service, stack }: Look, parentId: string): Replica | undefined {
  const owner = stack.ownerOf(parentId);
  // Compose makes a namespace's owner a dependency with `restart: true` (compose-go, loader/normalize.go).
  const likely = service.dependencies.filter(dependency => dependency.restart);
  const only = likely.length === 1 ? likely[0]?.service : undefined;
  const name = owner?.service ?? only;
  if (name === undefined) return undefined;
  return stack.service({ project: service.project, service: name })?.replicas.find(r => r.state === 'running');
}
