import type { Journal, JournalStep, Order, Work } from '../../watchdog/domain/repair.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { anOrder } from './a-service.ts';

/** Of what nobody reads again. */
export const unread: Journal = () => undefined;

/** What a strategy is given for this container, with the steps that it journals. */
export function aWork(target: Replica, order: Partial<Order> = {}): Work & { readonly steps: JournalStep[] } {
  const steps: JournalStep[] = [];
  return {
    order: anOrder(order),
    target,
    signal: new AbortController().signal,
    steps,
    // Through JSON, as the ledger keeps it.
    journal: (step, data) => void steps.push({ step, at: 0, data: JSON.parse(JSON.stringify(data)) }),
  };
}
