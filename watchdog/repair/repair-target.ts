import type { JournalStep, Order, Outcome, Proof, Strategy } from '../domain/repair.ts';
import type { Replica } from '../domain/service.ts';
import type { Instant } from '../domain/time.ts';
import { carryOut, type Hands, limitOf } from './carry-out.ts';
import { inTime } from './in-time.ts';
import { wayBack } from './way-back.ts';

/** How one repair ended, for one container or all of them. */
export interface Ended {
  readonly outcome: Outcome;
  /** `proven`, or what went wrong. */
  readonly code: string;
  readonly because: string;
}

/** The journal of one repair on one container. */
export interface Record {
  readonly note: (step: string, data: Readonly<{ [key: string]: unknown }>) => void;
  readonly steps: () => readonly JournalStep[];
  /** The engine has answered; what follows is proof. */
  readonly acted: () => void;
}

export type Prove = (containerId: string, startedBefore: Instant | undefined) => Promise<Proof>;

/** Repairs one container: the deed, its proof, and then what a strategy in several steps still has to finish or undo. */
export async function repairTarget(
  strategy: Strategy,
  order: Order,
  target: Replica,
  record: Record,
  hands: Hands,
  prove: Prove,
  signal: AbortSignal,
): Promise<Ended> {
  const within = { limit: limitOf(strategy, order, target, hands), clock: hands.clock, signal };
  const carried = await carryOut(strategy, order, target, record.note, hands, signal);
  if (!carried.done && carried.code === 'unwanted') return { outcome: 'interrupted', ...carried };
  if (!carried.done) return await wayBack(strategy, record.steps(), { outcome: 'failed', ...carried }, within);
  record.acted();
  const proof = await prove(carried.containerId, target.inspected?.startedAt);
  if (!proof.healed) return await wayBack(strategy, record.steps(), { outcome: 'not-healed', ...proof }, within);
  const { confirm } = strategy;
  const confirmed = async (abort: AbortSignal) => await confirm?.(record.steps(), abort);
  await inTime({ name: `confirming ${strategy.name}`, limit: within.limit, do: confirmed }, hands.clock, signal);
  const told = strategy.tells?.(record.steps());
  const because = told === undefined ? proof.because : `${proof.because}; ${told}`;
  return { outcome: 'healed', code: proof.code, because };
}

/** One ending for a repair on several containers: the worst of them, with every sentence. */
export function worstOf(endings: readonly Ended[]): Ended {
  const worst =
    endings.find(ended => ended.outcome === 'failed') ??
    endings.find(ended => ended.outcome !== 'healed') ??
    endings[0];
  if (worst === undefined)
    return { outcome: 'failed', code: 'gone', because: 'none of the containers is there any more' };
  return { ...worst, because: endings.map(ended => ended.because).join('; ') };
}
