import type { Move, Order, Proof, ServiceStrategy } from '../domain/repair.ts';
import type { Hands } from './carry-out.ts';
import type { Ended, Record } from './repair-target.ts';
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
  const { slots } = hands;
  const aside = async <T>(wait: () => Promise<T>): Promise<T> => {
    slots.waiting(move.container);
    return await wait().finally(() => slots.working(move.container));
  };
  const carried = await withinLimit(
    {
      slot: move.container,
      name: strategy.name,
      limit: move.takes + hands.engineMargin,
      do: abort => move.apply({ order, journal: record.note, signal: abort, aside }),
    },
    hands,
    signal,
  );
  if (!carried.done) return await undone(strategy, record, signal, { outcome: 'failed', ...carried });
  if ('done' in carried.answer) return { outcome: 'healed', code: 'proven', because: carried.answer.done };
  record.acted();
  const proof = await prove(carried.answer.toProve);
  const { healed, code, because } = proof;
  if (healed) return { outcome: 'healed', code, because };
  return await undone(strategy, record, signal, { outcome: 'not-healed', code, because });
}

async function undone(
  strategy: ServiceStrategy,
  record: Record,
  signal: AbortSignal,
  { outcome, code, because }: Ended,
): Promise<Ended> {
  const undoing = await strategy.undo(record.steps(), signal);
  return { outcome, code, because: undoing === undefined ? because : `${because}; ${undoing}` };
}
