import type { Clock } from '../adapters/clock.ts';
import type { Docker } from '../adapters/docker/docker.ts';
import { EngineError } from '../adapters/docker/docker.ts';
import type { Journal, Order, Strategy } from '../domain/repair.ts';
import type { Replica } from '../domain/service.ts';
import { type Duration, inWords, seconds } from '../domain/time.ts';
import { bounded } from './bounded.ts';
import type { Slots } from './slots.ts';

/** The engine's default where a service sets no `stop_grace_period` (Engine API, ContainerStop). */
export const DEFAULT_STOP_GRACE: Duration = seconds(10);
/** What the engine may take besides the container's own grace before an action counts as hanging. */
export const ENGINE_MARGIN: Duration = seconds(30);

export interface Hands {
  readonly docker: Pick<Docker, 'inspect'>;
  readonly slots: Slots;
  readonly clock: Pick<Clock, 'after'>;
  readonly engineMargin: Duration;
  /** Nothing new begins once this fires. */
  readonly stopping: AbortSignal;
  /** Why nobody wants the repair any more that has just got its slot; undefined while it is wanted. Missing: it always is. */
  readonly unwanted?: () => string | undefined;
}

/**
 * The deed is done, or why not. `wedged`: the engine did not answer in time and a look showed no effect. `unwanted`: it had to wait
 * for a slot, and was not begun.
 */
export type Carried =
  | { readonly done: true; readonly containerId: string }
  | { readonly done: false; readonly code: 'wedged' | 'unwanted' | EngineError['code']; readonly because: string };

/**
 * Carries out the order on one container: waits for a slot, bounds the call, and judges a call that failed or hung by a look,
 * because the engine may have done what it did not say.
 * @param signal cuts even the engine's work short; what it leaves half done is in the journal
 */
export async function carryOut(
  strategy: Strategy,
  order: Order,
  target: Replica,
  journal: Journal,
  hands: Hands,
  signal: AbortSignal,
): Promise<Carried> {
  const limit = limitOf(strategy, order, target, hands);
  return await hands.slots.run(target.id, hands.stopping, async () => {
    const because = hands.unwanted?.();
    if (because !== undefined) return { done: false, code: 'unwanted', because };
    const overdue = new AbortController();
    const cancel = hands.clock.after(limit, () => overdue.abort(new Error(`no answer within ${inWords(limit)}`)));
    try {
      const both = AbortSignal.any([signal, overdue.signal]);
      const id = await bounded(strategy.apply({ order, target, signal: both, journal }), both);
      return { done: true, containerId: id ?? target.id };
    } catch (error) {
      if (signal.aborted) throw error;
      return await judged(error, overdue.signal.aborted, target, hands, signal);
    } finally {
      cancel();
    }
  });
}

/** How long a repair of this container, or the way back from it, may take. */
export const limitOf = (
  { takes = 0 }: Pick<Strategy, 'takes'>,
  order: Order,
  { inspected }: Replica,
  { engineMargin }: Pick<Hands, 'engineMargin'>,
): Duration => (order.stopTimeout ?? inspected?.stopGrace ?? DEFAULT_STOP_GRACE) + engineMargin + takes;

async function judged(
  error: unknown,
  hung: boolean,
  target: Replica,
  hands: Hands,
  signal: AbortSignal,
): Promise<Carried> {
  const now = await hands.docker.inspect(target.id, signal).catch(() => undefined);
  if (now !== undefined && startedAnew(now, target)) return { done: true, containerId: target.id };
  const because = error instanceof Error ? error.message : String(error);
  if (hung) return { done: false, code: 'wedged', because: `${target.name} did not react: ${because}` };
  return { done: false, code: error instanceof EngineError ? error.code : 'refused', because };
}

/** It runs and did not before, or not since the same moment. What was never inspected before proves nothing. */
function startedAnew(now: Replica, before: Replica): boolean {
  if (now.state !== 'running') return false;
  if (before.state !== 'running') return true;
  return before.inspected !== undefined && now.inspected?.startedAt !== before.inspected.startedAt;
}
