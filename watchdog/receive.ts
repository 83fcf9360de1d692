import type { Clock } from './adapters/clock.ts';
import type { Docker } from './adapters/docker/docker.ts';
import type { Logger } from './adapters/logger.ts';
import type { Prometheus } from './adapters/prometheus.ts';
import type { Watchdog } from './assemble.ts';
import type { Alert, AlertBook } from './domain/alert.ts';
import type { News } from './domain/news.ts';
import { labelOf, type ReceivedAlert, wantsRepair } from './domain/received-alert.ts';
import { nameOf } from './domain/service.ts';
import type { KeptAlertBook } from './observe/alert-book.ts';
import { AlertIntake } from './observe/alert-intake.ts';
import { directoryOf } from './observe/directory.ts';
import { alertName, judgeAlert } from './observe/judge-alert.ts';
import { learnAliases } from './observe/learn-aliases.ts';
import { PrometheusPull } from './observe/prometheus-pull.ts';
import { type AlertInbox, alertInbox } from './record/alert-inbox.ts';
import { Chronicle } from './record/chronicle.ts';
import { type GroupCommit, groupCommit } from './record/group-commit.ts';
import type { AlertLedger } from './record/ledger/alerts.ts';
import type { Ledger } from './record/ledger/ledger.ts';
import type { Metrics } from './record/metrics.ts';
import type { AlertExplanation } from './serve/watchdog-view.ts';

export interface ReceivingParts {
  readonly ledger: Ledger;
  readonly alerts: AlertLedger;
  readonly book: KeptAlertBook;
  readonly read: Pick<Docker, 'inspect'>;
  readonly metrics: Pick<Metrics, 'alertsTaken'>;
  /** The Prometheus whose alerts are pulled; undefined: none. */
  readonly prometheus: () => Pick<Prometheus, 'firingAlerts'> | undefined;
  readonly report: (news: News) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Alerts from outside on their way to the road. */
export interface Receiving {
  /** Takes alerts from the start on, also while nobody is there yet who could attend to them. */
  readonly inbox: AlertInbox;
  /** The same, for deliveries that come side by side. */
  readonly door: GroupCommit;
  /** From now on what waits is attended to, after the next round. */
  attendWith(watchdog: Watchdog): void;
  /** To be called after each round. */
  round(): void;
}

/** Joins the door, the queue in the ledger, and the road. Starts nothing. */
export function receive({
  ledger,
  alerts,
  book,
  read,
  metrics,
  prometheus,
  report,
  clock,
  logger,
}: ReceivingParts): Receiving {
  const chronicle = new Chronicle(ledger, report, clock, logger);
  let intake: AlertIntake | undefined;
  const inbox = alertInbox({ alerts, chronicle, metrics, clock, arrived: () => intake?.wake() });
  const pull = new PrometheusPull({
    prometheus,
    known: () => alerts.firingBy('prometheus'),
    take: pulled => inbox.take(pulled),
    logger,
  });
  return {
    inbox,
    door: groupCommit(inbox),
    attendWith: watchdog => {
      intake = new AlertIntake({
        queue: alerts,
        changed: () => book.changed(),
        openIncidents: () => ledger.servicesInTrouble(),
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
    round: () => {
      intake?.round();
      void pull.round();
    },
  };
}

/** What these alerts would lead to if they came now, each by itself. */
export async function explainAlerts(
  alerts: readonly ReceivedAlert[],
  { stack, abilities, pipeline }: Pick<Watchdog, 'stack' | 'abilities' | 'pipeline'>,
  book: Pick<AlertBook, 'firing'>,
  docker: Pick<Docker, 'inspect'>,
): Promise<readonly AlertExplanation[]> {
  if (alerts.some(alert => labelOf(alert, 'instance') !== undefined)) await learnAliases(stack, docker);
  const directory = directoryOf(stack);
  const explained: AlertExplanation[] = [];
  const lookedAt = new Set<string>();
  const judged = async (alert: ReceivedAlert): Promise<AlertExplanation['outcome']> => {
    if (!wantsRepair(alert))
      return { verdict: 'ignored', because: 'without the label auto_repair="true" it is for people' };
    const found = judgeAlert(alert, directory, abilities());
    if ('refusal' in found) return { verdict: 'refused', code: found.refusal, because: found.because };
    const about = found.alert;
    const name = nameOf(about.target);
    const asIf = asIfCame(about, book);
    const explanation = await (lookedAt.has(name)
      ? pipeline.judge(about.target, asIf)
      : pipeline.explain(about.target, asIf));
    lookedAt.add(name);
    return { verdict: 'found', about, explanation };
  };
  for (const alert of alerts) explained.push({ alert, name: alertName(alert), outcome: await judged(alert) });
  return explained;
}

/** The book as it would be. */
const asIfCame = (alert: Alert, book: Pick<AlertBook, 'firing'>): Pick<AlertBook, 'firing'> => ({
  firing: ref => {
    const others = book.firing(ref).filter(({ fingerprint }) => fingerprint !== alert.fingerprint);
    return alert.status === 'firing' && nameOf(alert.target) === nameOf(ref) ? [...others, alert] : others;
  },
});
