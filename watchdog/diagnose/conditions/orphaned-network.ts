import type { Replica, ServiceRef } from '../../domain/service.ts';
import { stoppedByHandAt } from '../../domain/wellness.ts';
import type { Ailment, Excuse, Judge, Look } from '../ailment.ts';

/**
 * A container in another one's network namespace keeps the namespace of the parent's previous life: after the parent's restart
 * it runs without a network, and after its replacement it points to an id that is gone.
 */
export const orphanedNetwork: Judge = look => {
  const { replica, stack } = look;
  if (replica.networkParent === undefined || replica.state === 'created') return undefined;
  const parent = stack.replica(replica.networkParent);
  if (parent === undefined) return parentReplaced(look, replica.networkParent);
  if (stoppedByHandAt(replica) !== undefined) return undefined;
  if (HOLDS_NOTHING.has(parent.state)) return waitsFor(parent, replica);
  if (parent.state !== 'running') return undefined;
  const parentStart = parent.inspected?.startedAt;
  const ownStart = replica.inspected?.startedAt;
  if (replica.state !== 'running' || parentStart === undefined || ownStart === undefined) return undefined;
  if (parentStart <= ownStart) return undefined;
  return ailment(look, `its network parent ${parent.name} was restarted`, { parent: 'restarted' }, parentStart);
};

/** The network goes with the process that holds it. */
const HOLDS_NOTHING: ReadonlySet<Replica['state']> = new Set(['restarting', 'exited', 'dead']);

/** Running is not being well: who took it for that closed the incident at each fall of a parent that kept falling, and told people anew. */
const waitsFor = (parent: Replica, { state, name }: Replica): Excuse | undefined =>
  state === 'running'
    ? { excuse: `${name} has no network while its network parent ${parent.name} does not run` }
    : undefined;

/** Nothing where the parent is from outside of what we watch: it may be there and well, for all that anybody here knows. */
function parentReplaced(look: Look, parentId: string): Ailment | Excuse | undefined {
  const owner = look.stack.ownerOf(parentId);
  const successor = owner === undefined ? likelySuccessor(look) : runningOf(owner, look);
  if (owner === undefined && successor === undefined) return undefined;
  const heir = owner && look.stack.service(owner)?.replicas[0];
  if (successor === undefined && heir !== undefined)
    return {
      excuse: `${look.replica.name} has no network while ${heir.name}, whose network it is to share, does not run`,
    };
  const evidence = successor === undefined ? { parent: 'gone' } : { parent: 'replaced', networkParent: successor.id };
  const what = successor === undefined ? 'is gone and has no successor' : `was replaced by ${successor.name}`;
  const why = `its network parent ${parentId.slice(0, 12)} ${what}`;
  // Stopped by hand or not: what points to an id that is gone cannot be started, however long a gate waits with it.
  const byHand = stoppedByHandAt(look.replica);
  return { ...ailment(look, why, evidence, successor?.createdAt ?? look.at), stoppedByHandAt: byHand };
}

const ailment = ({ replica }: Look, why: string, evidence: Ailment['evidence'], since: number): Ailment => ({
  condition: 'orphaned-network',
  because: `${replica.name} lost its network: ${why}`,
  evidence,
  since,
});

/**
 * For a parent that was gone before we came: Compose makes a namespace's owner a dependency with `restart: true` (compose-go,
 * loader/normalize.go), and only a container that is younger than its child can have taken the parent's place.
 */
function likelySuccessor(look: Look): Replica | undefined {
  const { project, dependencies } = look.service;
  const [only, ...others] = dependencies.filter(dependency => dependency.restart);
  if (only === undefined || others.length > 0) return undefined;
  const running = runningOf({ project, service: only.service }, look);
  return running !== undefined && running.createdAt > look.replica.createdAt ? running : undefined;
}

const runningOf = (owner: ServiceRef, { stack }: Look): Replica | undefined =>
  stack.service(owner)?.replicas.find(replica => replica.state === 'running');
