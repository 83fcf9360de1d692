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

export const alertInbox = ({ alerts, chronicle, metrics, clock, arrived }: InboxTools): AlertInbox => ({
  take: received => {
    const wanted = received.filter(wantsRepair);
    const ignored = received.filter(alert => !wantsRepair(alert));
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
      return { queued: queued.length, repeated: repeated.length, ignored: ignored.length };
    } catch (error) {
      count('not-queued', received);
      throw error;
    }
  },
});

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
