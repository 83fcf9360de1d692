import type { Clock } from './adapters/clock.ts';
import type { Docker } from './adapters/docker/docker.ts';
import type { Logger } from './adapters/logger.ts';
import type { Watchdog } from './assemble.ts';
import type { News } from './domain/news.ts';
import type { KeptAlertBook } from './observe/alert-book.ts';
import { AlertIntake } from './observe/alert-intake.ts';
import { type AlertInbox, alertInbox } from './record/alert-inbox.ts';
import { Chronicle } from './record/chronicle.ts';
import type { AlertLedger } from './record/ledger/alerts.ts';
import type { Ledger } from './record/ledger/ledger.ts';
import type { Metrics } from './record/metrics.ts';

export interface ReceivingParts {
  readonly ledger: Ledger;
  readonly alerts: AlertLedger;
  readonly book: KeptAlertBook;
  readonly read: Pick<Docker, 'inspect'>;
  readonly metrics: Pick<Metrics, 'alertsTaken'>;
  readonly report: (news: News) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Alerts from outside on their way to the road. */
export interface Receiving {
  /** Takes alerts from the start on, also while nobody is there yet who could attend to them. */
  readonly inbox: AlertInbox;
  /** From now on what waits is attended to, after the next round. */
  attendWith(watchdog: Watchdog): void;
  /** To be called after each round. */
  round(): void;
}

/** Joins the door, the queue in the ledger, and the road. Starts nothing. */
export function receive({ ledger, alerts, book, read, metrics, report, clock, logger }: ReceivingParts): Receiving {
  const chronicle = new Chronicle(ledger, report, clock, logger);
  let intake: AlertIntake | undefined;
  return {
    inbox: alertInbox({ alerts, chronicle, metrics, clock, arrived: () => intake?.wake() }),
    attendWith: watchdog => {
      intake = new AlertIntake({
        queue: alerts,
        changed: () => book.changed(),
        openIncidents: () => ledger.incidents({ limit: 500, open: true }).items,
        stack: watchdog.stack,
        docker: read,
        abilities: watchdog.abilities,
        emit: finding => watchdog.lanes.submit(finding),
        decided: (finding, decision) => chronicle.decided(finding, undefined, undefined, decision),
        refused: ({ status }, code) => metrics.alertsTaken(status, code, 1),
        clock,
        logger,
      });
    },
    round: () => intake?.round(),
  };
}
