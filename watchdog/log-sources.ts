import type { Logs } from './adapters/docker/logs.ts';
import type { Logger } from './adapters/logger.ts';
import { BUILT_IN_LOG_PATTERNS, loadLogPatterns } from './config/log-patterns.ts';
import { formatProblem } from './config/problem.ts';
import type { Settings } from './config/settings.ts';
import { patternFaults } from './diagnose/log-errors/compile-pattern.ts';
import type { LogPattern } from './domain/log-error.ts';
import type { ServiceRef } from './domain/service.ts';
import type { LogCounts } from './observe/log-sensor.ts';
import type { LogLedger } from './record/ledger/logs.ts';

/** Where logs come from, and what is kept and counted of them. */
export interface LogSources {
  readonly logs: Logs;
  readonly ledger: LogLedger;
  readonly counts: LogCounts & { gap(ref: ServiceRef, dropped: number | undefined): void };
  /** Those in force; read at the beginning and at each reload. */
  readonly patterns: () => readonly LogPattern[];
}

/** What a running watchdog reads logs with; the settings are asked afresh at each reload. */
export const logSources = (
  logs: Logs,
  ledger: LogLedger,
  counts: LogSources['counts'],
  settings: { readonly current: Settings },
  logger: Logger,
): LogSources => ({ logs, ledger, counts, patterns: () => patternsInForce(settings.current, logger) });

/**
 * The patterns in force, without the lines they are shown with. The built-in ones were tried when they were made; those of the
 * user are tried here, and what is wrong with them is logged.
 */
function patternsInForce(settings: Pick<Settings, 'logPatternFolders'>, logger: Logger): readonly LogPattern[] {
  const { patterns, problems } = loadLogPatterns({
    folders: [BUILT_IN_LOG_PATTERNS, ...settings.logPatternFolders],
    faultsOf: pattern => (pattern.source.startsWith(BUILT_IN_LOG_PATTERNS) ? [] : patternFaults(pattern)),
  });
  for (const problem of problems) logger.error('left out', { problem: formatProblem(problem) });
  return patterns.map(pattern => ({ ...pattern, matches: [], misses: [] }));
}
