import type { Clock } from '../adapters/clock.ts';
import { HOST } from '../domain/finding.ts';
import { labelOf, type ReceivedAlert, wantsRepair } from '../domain/received-alert.ts';
import type { Chronicle } from './chronicle.ts';
import type { AlertLedger } from './ledger/alerts.ts';
import type { Metrics } from './metrics.ts';

/** Where alerts are handed in, by whatever way they come. */
export interface AlertInbox {
  /**
   * Those that ask for a repair are durably queued when this returns; the others are only counted, and noted in one
   * decision. Throws `LedgerError` when they cannot be queued: none of them is then.
   */
  take(alerts: readonly ReceivedAlert[]): Delivery;
  /** As `take`, for several deliveries at once: one transaction for them all. */
  takeAll(deliveries: readonly (readonly ReceivedAlert[])[]): readonly Delivery[];
}

export interface Delivery {
  readonly queued: number;
  /** Known already. */
  readonly repeated: number;
  /** Without `auto_repair="true"`. */
  readonly ignored: number;
}

interface InboxTools {
  readonly alerts: Pick<AlertLedger, 'take'>;
  readonly chronicle: Pick<Chronicle, 'decided'>;
  readonly metrics: Pick<Metrics, 'alertsTaken'>;
  readonly clock: Pick<Clock, 'now'>;
  /** There is something to attend to. */
  readonly arrived: () => void;
}

export const alertInbox = (tools: InboxTools): AlertInbox => ({
  take: received => takeAll([received], tools)[0] ?? NOTHING,
  takeAll: deliveries => takeAll(deliveries, tools),
});

function takeAll(
  deliveries: readonly (readonly ReceivedAlert[])[],
  { alerts, chronicle, metrics, clock, arrived }: InboxTools,
): readonly Delivery[] {
  const received = deliveries.flat();
  const { wanted = [], ignored = [] } = Object.groupBy(received, alert => (wantsRepair(alert) ? 'wanted' : 'ignored'));
  const count = (result: string, counted: readonly ReceivedAlert[]) => {
    for (const [status, { length }] of Map.groupBy(counted, alert => alert.status))
      metrics.alertsTaken(status, result, length);
  };
  try {
    const { queued, repeated } = wanted.length > 0 ? alerts.take(wanted, clock.now()) : NONE;
    if (ignored.length > 0) noteIgnored(ignored, chronicle, clock.now());
    count('queued', queued);
    count('repeated', repeated);
    count('ignored', ignored);
    if (queued.length > 0) arrived();
    const isNews = new Set(queued);
    return deliveries.map(delivery => deliveryOf(delivery, isNews));
  } catch (error) {
    count('not-queued', received);
    throw error;
  }
}

const NOTHING: Delivery = { queued: 0, repeated: 0, ignored: 0 };

function deliveryOf(alerts: readonly ReceivedAlert[], isNews: ReadonlySet<ReceivedAlert>): Delivery {
  const queued = alerts.filter(alert => isNews.has(alert)).length;
  const ignored = alerts.filter(alert => !wantsRepair(alert)).length;
  return { queued, repeated: alerts.length - queued - ignored, ignored };
}

const NONE = { queued: [], repeated: [] } as const;

/** So many of their names fit into a sentence. */
const NAMED = 5;

function noteIgnored(ignored: readonly ReceivedAlert[], chronicle: Pick<Chronicle, 'decided'>, now: number): void {
  const names = [...new Set(ignored.map(alert => labelOf(alert, 'alertname')?.slice(0, 80) ?? 'one without a name'))];
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  const finding = {
    kind: 'alert',
    target: { project: HOST, service: 'alerts' },
    source: ignored[0]?.source ?? 'alertmanager',
    at: now,
    seenAt: now,
    evidence: { alerts: ignored.length },
  } as const;
  chronicle.decided(finding, undefined, undefined, {
    verdict: 'nothing-wrong',
    because: `alerts without auto_repair="true" are left to people: ${names.slice(0, NAMED).join(', ')}${more}`,
  });
}
