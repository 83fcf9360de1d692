import { join } from 'node:path';
import type { Logger } from '../../adapters/logger.ts';
import { reportFrom } from '../report/report-from.ts';
import { type AlertLedger, alertsIn } from './alerts.ts';
import { approvalsIn } from './approvals.ts';
import { decisionsIn } from './decisions.ts';
import { incidentsIn } from './incidents.ts';
import type { Ledger } from './ledger.ts';
import { LedgerFile } from './ledger-file.ts';
import { type LogLedger, logsIn } from './logs.ts';
import { memosIn } from './memos.ts';
import { type Outbox, outboxIn } from './outbox.ts';
import { pastIn } from './past.ts';
import { pausesIn } from './pauses.ts';
import { repairsIn } from './repairs.ts';
import { reportFactsIn } from './report-facts.ts';
import { retentionOf } from './retention.ts';
import { sizesIn } from './sizes.ts';
import { throttlesIn } from './throttles.ts';

/** Where the ledger lies in the data folder. */
export const ledgerPath = (dataFolder: string): string => join(dataFolder, 'ledger.sqlite');

/** What is in the ledger's file. */
export interface OpenLedger {
  readonly ledger: Ledger;
  /** Messages on their way out. */
  readonly outbox: Outbox;
  /** Those that came in. */
  readonly alerts: AlertLedger;
  /** What was read of logs. */
  readonly logs: LogLedger;
}

/**
 * Opens the ledger, or begins one. A damaged file is renamed to `<file>.damaged-<time>`, said so in the log, and a new one
 * begun: the watchdog goes on watching, having forgotten. The same happens to damage met later. Of a damaged write-ahead log what can be
 * read is kept, and the log itself beside it, under such a name.
 *
 * @param onFailure called for each read or write that the file refused, for the metric `watchdog_ledger_errors_total`.
 * @throws LedgerError when the place cannot be written, or the file is of a newer watchdog; it says what to do.
 */
export function openLedger(
  file: string,
  { logger, onFailure }: { readonly logger: Logger; readonly onFailure?: () => void },
): OpenLedger {
  const ledgerFile = new LedgerFile(file, logger, onFailure);
  const ledger: Ledger = {
    ...memosIn(ledgerFile),
    ...incidentsIn(ledgerFile),
    ...approvalsIn(ledgerFile),
    ...decisionsIn(ledgerFile),
    ...repairsIn(ledgerFile),
    ...pastIn(ledgerFile),
    ...pausesIn(ledgerFile),
    ...sizesIn(ledgerFile),
    ...throttlesIn(ledgerFile),
    ...retentionOf(ledgerFile),
    report: (span, unchecked) => reportFrom(reportFactsIn(ledgerFile, span), span, unchecked),
    trouble: () => ledgerFile.trouble,
    damage: () => ledgerFile.damage,
    close: () => ledgerFile.close(),
  };
  return { ledger, outbox: outboxIn(ledgerFile), alerts: alertsIn(ledgerFile), logs: logsIn(ledgerFile) };
}
