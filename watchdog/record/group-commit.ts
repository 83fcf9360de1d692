import type { QueueFill } from '../domain/queue-fill.ts';
import type { ReceivedAlert } from '../domain/received-alert.ts';
import type { AlertInbox, Delivery } from './alert-inbox.ts';
import { LedgerError } from './ledger/ledger.ts';

/** Alerts in one transaction, as far as whole deliveries can be put together: some ten milliseconds of work. */
const MOST_TOGETHER = 500;

/** Deliveries that wait at once. Each holds a connection, and there are fewer of those. */
const MOST_WAITING = 1_000;

interface Waiting {
  readonly alerts: readonly ReceivedAlert[];
  readonly resolve: (delivery: Delivery) => void;
  readonly reject: (error: unknown) => void;
}

/** Where deliveries are handed in that come side by side. */
export interface GroupCommit {
  /** Resolves once the alerts are durably queued. Rejects with `LedgerError` when they cannot be: none of them is then. */
  take(alerts: readonly ReceivedAlert[]): Promise<Delivery>;
  fill(): QueueFill;
}

/**
 * Group commit (DeWitt et al., Implementation Techniques for Main Memory Database Systems, SIGMOD 1984, section 5.2): a delivery costs a
 * transaction, and most of that is not its alerts. Those that have come by the end of this turn of the event loop share one;
 * nobody waits for others that may come. What is wrong with one of them is nobody else's trouble: a group that fails is taken
 * delivery by delivery.
 * @param later calls back when what has come was read
 */
export function groupCommit(
  inbox: Pick<AlertInbox, 'takeAll'>,
  later: (work: () => void) => unknown = setImmediate,
): GroupCommit {
  const waiting: Waiting[] = [];
  const takeNext = () => {
    const group = waiting.splice(0, together(waiting));
    try {
      const taken = inbox.takeAll(group.map(({ alerts }) => alerts));
      for (const [at, { resolve }] of group.entries()) resolve(taken[at] as Delivery);
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      else for (const one of group) takeAlone(one, inbox);
    }
    if (waiting.length > 0) later(takeNext);
  };
  return {
    take: alerts =>
      new Promise((resolve, reject) => {
        if (waiting.length >= MOST_WAITING) {
          reject(new LedgerError(`${waiting.length} deliveries wait for the ledger already`));
          return;
        }
        waiting.push({ alerts, resolve, reject });
        if (waiting.length === 1) later(takeNext);
      }),
    fill: () => ({ queue: 'deliveries', fill: waiting.length, limit: MOST_WAITING }),
  };
}

/** How many of the first ones fit together; at least one. */
function together(waiting: readonly Waiting[]): number {
  let alerts = 0;
  const full = waiting.findIndex(each => {
    alerts += each.alerts.length;
    return alerts > MOST_TOGETHER;
  });
  return full < 0 ? waiting.length : Math.max(1, full);
}

function takeAlone({ alerts, resolve, reject }: Waiting, inbox: Pick<AlertInbox, 'takeAll'>): void {
  try {
    const [taken] = inbox.takeAll([alerts]);
    resolve(taken as Delivery);
  } catch (error) {
    reject(error);
  }
}
