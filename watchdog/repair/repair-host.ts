import type { HostStrategy, Order, Proof } from '../domain/repair.ts';
import { nameOf } from '../domain/service.ts';
import { type Duration, minutes } from '../domain/time.ts';
import type { Hands } from './carry-out.ts';
import type { Ended, Record } from './repair-target.ts';
import { withinLimit } from './within-limit.ts';

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
  const carried = await withinLimit(
    {
      slot: nameOf(order),
      name: strategy.name,
      limit: HOST_WORK_LIMIT,
      do: abort => strategy.applyToHost({ order, journal: record.note, signal: abort }),
    },
    hands,
    signal,
  );
  if (!carried.done) return { outcome: 'failed', code: carried.code, because: carried.because };
  record.acted();
  const proof = await prove();
  return {
    outcome: proof.healed ? 'healed' : 'not-healed',
    code: proof.code,
    because: `${carried.answer}; ${proof.because}`,
  };
}
