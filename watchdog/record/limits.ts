import { type IncidentKind, keyOf } from '../domain/incident.ts';
import type { Order } from '../domain/repair.ts';
import type { ServiceRef } from '../domain/service.ts';
import { type Duration, hours, type Instant } from '../domain/time.ts';
import type { Ledger } from './ledger/ledger.ts';

/** How far a service's limits are used up, by kind of trouble. */
export interface Limit extends ServiceRef {
  readonly kind: IncidentKind;
  readonly attemptsInWindow: number;
  /** Undefined when nothing is cooling down. */
  readonly cooldownUntil: Instant | undefined;
}

/** Of every service that was repaired within the last day. `restraintOf` says what is in force for it. */
export function limitsOf(
  ledger: Pick<Ledger, 'repairs' | 'past'>,
  restraintOf: (order: Order) => { readonly window: Duration; readonly cooldown: Duration },
  now: Instant,
): readonly Limit[] {
  const repairs = ledger.repairs({ limit: 500, since: now - hours(24) }).items;
  const newestOrders = new Map(repairs.toReversed().map(({ order }) => [keyOf(order), order]));
  return [...newestOrders].map(([key, order]) => {
    const { window, cooldown } = restraintOf(order);
    // The cooldown runs from the end of a repair that may have begun long before.
    const { attempts } = ledger.past(key, now - window - cooldown);
    // Sizes follow the load as often as it changes: only what did not work is counted, and nothing cools down.
    const counted = order.kind === 'mis-sized' ? attempts.filter(({ outcome }) => outcome !== 'healed') : attempts;
    const healedAt = counted.findLast(({ outcome }) => outcome === 'healed')?.endedAt;
    const cooldownUntil = healedAt === undefined || healedAt + cooldown <= now ? undefined : healedAt + cooldown;
    return {
      project: order.project,
      service: order.service,
      kind: order.kind,
      attemptsInWindow: counted.filter(({ at }) => at > now - window).length,
      cooldownUntil,
    };
  });
}
