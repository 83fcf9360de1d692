import type { Move, Order, Proof, ServiceStrategy } from '../domain/repair.ts';
import type { Hands } from './carry-out.ts';
import type { Ended, Record } from './repair-target.ts';
import { wayBack } from './way-back.ts';
import { withinLimit } from './within-limit.ts';

/**
 * One move of a repair on a service as a whole: the deed, the proof of a container that was added, and the way back where
 * either fails.
 */
export async function repairByMove(
  strategy: ServiceStrategy,
  move: Move,
  order: Order,
  record: Record,
  hands: Hands,
  prove: (containerId: string) => Promise<Proof>,
  signal: AbortSignal,
): Promise<Ended> {
  const { slots, clock } = hands;
  const within = { limit: move.takes + hands.engineMargin, clock, signal };
  const aside = async <T>(wait: () => Promise<T>): Promise<T> => {
    slots.waiting(move.container);
    return await wait().finally(() => slots.working(move.container));
  };
  const carried = await withinLimit(
    {
      slot: move.container,
      name: strategy.name,
      limit: within.limit,
      do: abort => move.apply({ order, journal: record.note, signal: abort, aside }),
    },
    hands,
    signal,
  );
  if (!carried.done) return await wayBack(strategy, record.steps(), { outcome: 'failed', ...carried }, within);
  if ('done' in carried.answer) return { outcome: 'healed', code: 'proven', because: carried.answer.done };
  record.acted();
  const proof = await prove(carried.answer.toProve);
  const { healed, code, because } = proof;
  if (healed) return { outcome: 'healed', code, because };
  return await wayBack(strategy, record.steps(), { outcome: 'not-healed', code, because }, within);
}
