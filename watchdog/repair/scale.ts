import type { Clock } from '../adapters/clock.ts';
import type { Docker } from '../adapters/docker/docker.ts';
import type { JournalStep, Move, Order, ServiceStrategy } from '../domain/repair.ts';
import type { Drain } from '../domain/scaling.ts';
import type { ServiceRef } from '../domain/service.ts';
import { addReplica, finishAdding, takeBack } from './add-replica.ts';
import { type Change, changesTo } from './scaling-plan.ts';
import { finishTaking, giveBack, takeReplica } from './take-replica.ts';
import { wakeSeed } from './wake-seed.ts';

export interface ScaleTools {
  readonly docker: Pick<
    Docker,
    'list' | 'inspect' | 'replicaBlueprint' | 'create' | 'start' | 'stop' | 'remove' | 'exec' | 'kill' | 'untilEnded'
  >;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** What a replica of this service is told before it is stopped for good; asked afresh each time. */
  readonly drainOf: (ref: ServiceRef, labels: Readonly<Record<string, string>>) => Drain | undefined;
}

/**
 * Brings a service to `with.replicas` replicas: new ones are made through the engine from one that is well, so that Compose takes
 * them for its own (docs/decisions/0011-scale-from-a-replica.md).
 */
export const scale = (tools: ScaleTools): ServiceStrategy => ({
  name: 'scale',
  danger: 'service',
  summary: 'adds replicas, made from one that is well, or drains and removes the newest',
  moves: async (order, service, signal) => {
    const changes = changesTo(Number(order.with.replicas), service, tools.clock.now());
    const together = changes.flatMap(change => (change.kind === 'take' ? change.replica.id : []));
    const moves = await Promise.all(changes.map(change => moveFor(change, together, order, tools, signal)));
    return moves.filter(move => move !== undefined);
  },
  undo: (steps, signal) => ways(steps).back(tools.docker, steps, signal),
  recover: (steps, signal) => ways(steps).on(tools.docker, steps, signal),
});

async function moveFor(
  change: Change,
  together: readonly string[],
  order: Order,
  { docker, clock, drainOf }: ScaleTools,
  signal: AbortSignal,
): Promise<Move | undefined> {
  if (change.kind === 'add') return addReplica(docker, change.from, change.as);
  if (change.kind === 'wake') return wakeSeed(docker, change.seed);
  // Only an inspect tells its stop grace. Undefined: it is gone already.
  const replica = await docker.inspect(change.replica.id, signal);
  if (replica === undefined) return undefined;
  const wanted = Number(order.with.replicas);
  const leaving = { replica, together, wanted, seed: change.seed, drain: drainOf(order, replica.labels) };
  return takeReplica({ docker, clock }, leaving, order);
}

type Way = (docker: ScaleTools['docker'], steps: readonly JournalStep[], signal: AbortSignal) => Promise<string>;

/** By what was begun. What was woken stays: a service that has nothing else is for the other repairs to look after. */
function ways(steps: readonly JournalStep[]): { readonly back: Way; readonly on: Way } {
  switch (steps[0]?.step) {
    case 'add':
      return { back: takeBack, on: finishAdding };
    case 'take':
      return { back: giveBack, on: finishTaking };
    case 'wake':
      return { back: async () => LEFT_TO_REPAIRS, on: async () => 'what was started, runs' };
    default:
      return { back: async () => NOTHING_YET, on: async () => NOTHING_YET };
  }
}

const NOTHING_YET = 'nothing had been done yet';
const LEFT_TO_REPAIRS = 'it stays, as the only one of its service';
