import { durationFrom } from './duration-from.ts';
import type { Order } from './repair.ts';
import { type Duration, inWords, minutes } from './time.ts';

/** The strategy of a rung at which nothing is done but to wait. */
export const WAIT = 'wait';

const FOR: Duration = minutes(1);
const LONGEST: Duration = minutes(10);

/**
 * How long it may take at least to become well: nothing for an order that does something.
 * @throws Error where `for` is no such duration
 */
export function patienceIn({ strategy, with: { for: time } }: Pick<Order, 'strategy' | 'with'>): Duration {
  if (strategy !== WAIT) return 0;
  const found = time === undefined ? FOR : durationFrom(String(time));
  if (found === undefined || found === 0 || found > LONGEST)
    throw new Error(
      `${WAIT}: found for ${JSON.stringify(time)}, expected a duration up to ${inWords(LONGEST)}, such as 2m. Correct the playbook.`,
    );
  return found;
}
