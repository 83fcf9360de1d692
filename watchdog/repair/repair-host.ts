import { EngineError } from '../adapters/docker/docker.ts';
import type { HostStrategy, HostWork, Order, Proof } from '../domain/repair.ts';
import { nameOf } from '../domain/service.ts';
import { type Duration, inWords, minutes } from '../domain/time.ts';
import { bounded, type Hands } from './carry-out.ts';
import type { Ended, Record } from './repair-target.ts';

/** Removing images by the hundred takes the engine minutes. */
const HOST_WORK_LIMIT: Duration = minutes(10);

/** Repairs the host itself: the deed, and its proof by a fresh look at what was found wrong. */
export async function repairHost(
  strategy: HostStrategy,
  order: Order,
  record: Pick<Record, 'note' | 'acted'>,
  hands: Hands,
  prove: () => Promise<Proof>,
  signal: AbortSignal,
): Promise<Ended> {
  const carried = await carryOutOnHost(strategy, { order, journal: record.note, signal }, hands);
  if (!carried.done) return { outcome: 'failed', code: carried.code, because: carried.because };
  record.acted();
  const proof = await prove();
  return {
    outcome: proof.healed ? 'healed' : 'not-healed',
    code: proof.code,
    because: `${carried.because}; ${proof.because}`,
  };
}

type Carried =
  | { readonly done: true; readonly because: string }
  | { readonly done: false; readonly code: string; readonly because: string };

/** @throws only when `work.signal` cuts it short */
async function carryOutOnHost(strategy: HostStrategy, work: HostWork, hands: Hands): Promise<Carried> {
  return await hands.slots.run(nameOf(work.order), hands.stopping, async () => {
    const overdue = new AbortController();
    const because = `${strategy.name} has not ended within ${inWords(HOST_WORK_LIMIT)}`;
    const cancel = hands.clock.after(HOST_WORK_LIMIT, () => overdue.abort(new EngineError('timeout', because)));
    try {
      const signal = AbortSignal.any([work.signal, overdue.signal]);
      return { done: true, because: await bounded(strategy.applyToHost({ ...work, signal }), signal) };
    } catch (error) {
      if (work.signal.aborted) throw error;
      const code = error instanceof EngineError ? error.code : 'refused';
      return { done: false, code, because: error instanceof Error ? error.message : String(error) };
    } finally {
      cancel();
    }
  });
}
