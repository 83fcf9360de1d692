import type { ErrorFold, ErrorSeen, Variant } from '../../domain/error-book.ts';
import type { ErrorSpan, ErrorStats } from '../../domain/error-stats.ts';
import type { ErrorType, Severity, Tier } from '../../domain/log-error.ts';
import type { ErrorQuery, ErrorRecord, Page } from '../../domain/records.ts';
import type { ServiceRef } from '../../domain/service.ts';
import { hours, type Instant } from '../../domain/time.ts';
import { errorStatsIn } from './error-stats.ts';
import type { LedgerFile } from './ledger-file.ts';
import { pageOf, rowIdOf } from './paging.ts';

/** What was read of logs, in the ledger's file. Each method is one transaction and throws `LedgerError`. */
export interface LogLedger {
  /** Up to where the log of this container was read, as `keepLogs` was told. */
  logPosition(containerId: string): string | undefined;
  /**
   * How far logs were read, and the errors that came up to there: both or neither, so that after a crash nothing is counted
   * twice. Errors are added to those of the same pattern and service that are not resolved.
   */
  keepLogs(read: LogsRead, now: Instant): void;
  /** By when they were first seen, the newest first: the order does not change while somebody turns the pages. */
  errors(query: ErrorQuery): Page<ErrorRecord>;
  errorStats(span: ErrorSpan): ErrorStats;
  /** What was written since then and nobody has resolved, by service, type and severity. */
  errorsSeen(since: Instant): readonly ErrorSeen[];
  error(id: string): ErrorRecord | undefined;
  /** What comes after is another error. @returns the error as it is now; undefined where there is none of this id */
  resolveError(id: string, now: Instant): ErrorRecord | undefined;
  /** Which patterns were seen in which services, as long as that is kept. */
  seenPatterns(): readonly (ServiceRef & { readonly pattern: string })[];
}

export interface LogsRead {
  /** By container. */
  readonly positions: ReadonlyMap<string, string>;
  readonly errors: readonly ErrorFold[];
}

/** More variants of one message than this are counted together. */
const MOST_VARIANTS = 20;
const OTHERS = '…';

export const logsIn = (file: LedgerFile): LogLedger => ({ ...writingIn(file), ...readingIn(file) });

function writingIn(file: LedgerFile): Pick<LogLedger, 'keepLogs' | 'resolveError'> {
  return {
    keepLogs: ({ positions, errors }, now) => {
      if (positions.size === 0 && errors.length === 0) return;
      file.write(() => {
        for (const [containerId, at] of positions)
          file.run(
            `INSERT INTO log_position (container_id, at, kept_at) VALUES (:containerId, :at, :now)
             ON CONFLICT DO UPDATE SET at = excluded.at, kept_at = excluded.kept_at`,
            { containerId, at, now },
          );
        for (const error of errors) addError(file, error);
      });
    },

    resolveError: (id, now) =>
      file.write(() => {
        file.run('UPDATE container_error SET resolved_at = :now WHERE id = :id AND resolved_at IS NULL', {
          id: rowIdOf(id),
          now,
        });
        return errorIn(file, id);
      }),
  };
}

const readingIn = (file: LedgerFile): Omit<LogLedger, 'keepLogs' | 'resolveError'> => ({
  logPosition: containerId =>
    file.read(
      () =>
        file.row<{ at: string }>('SELECT at FROM log_position WHERE container_id = :containerId', { containerId })?.at,
    ),

  errors: ({ type, severity, open, ...query }) =>
    pageOf(
      file,
      {
        table: 'container_error',
        timeColumn: 'last_at',
        what: { type: type ?? null, severity: severity ?? null, open: open ? 1 : null },
        record: errorFrom,
      },
      query,
    ),

  errorStats: span => errorStatsIn(file, span),

  errorsSeen: since => file.read(() => file.rows<ErrorSeen>(SEEN, { since }).map(row => ({ ...row }))),

  error: id => file.read(() => errorIn(file, id)),

  seenPatterns: () =>
    file.read(() =>
      file
        .rows<ServiceRef & { pattern: string }>('SELECT DISTINCT project, service, pattern FROM container_error')
        .map(({ project, service, pattern }) => ({ project, service, pattern })),
    ),
});

export const SEEN = `
  SELECT project, service, type, severity, max(last_at) AS lastAt FROM container_error
  WHERE last_at >= :since AND resolved_at IS NULL GROUP BY project, service, type, severity`;

interface ErrorRow {
  readonly id: number;
  readonly project: string;
  readonly service: string;
  readonly type: ErrorType;
  readonly severity: Severity;
  readonly tier: Tier;
  readonly pattern: string;
  readonly sample: string;
  readonly variants: string;
  readonly count: number;
  readonly first_at: number;
  readonly last_at: number;
  readonly burst_at: number | null;
  readonly resolved_at: number | null;
}

const errorFrom = (row: ErrorRow): ErrorRecord => ({
  id: String(row.id),
  project: row.project,
  service: row.service,
  type: row.type,
  severity: row.severity,
  tier: row.tier,
  pattern: row.pattern,
  sample: row.sample,
  variants: JSON.parse(row.variants),
  count: row.count,
  firstAt: row.first_at,
  lastAt: row.last_at,
  burstAt: row.burst_at ?? undefined,
  resolvedAt: row.resolved_at ?? undefined,
});

function errorIn(file: LedgerFile, id: string): ErrorRecord | undefined {
  const row = file.row<ErrorRow>('SELECT * FROM container_error WHERE id = :id', { id: rowIdOf(id) });
  return row && errorFrom(row);
}

function addError(file: LedgerFile, fold: ErrorFold): void {
  const { project, service, error, count, firstAt, lastAt, sample, variants, burstAt = null } = fold;
  const { type, severity, tier, pattern } = error;
  const ref = { project, service };
  const known = file.row<{ id: number; variants: string }>(
    `SELECT id, variants FROM container_error
     WHERE project = :project AND service = :service AND pattern = :pattern AND resolved_at IS NULL`,
    { ...ref, pattern },
  );
  const news = { type, severity, tier, sample, count, firstAt, lastAt, burstAt };
  if (known === undefined)
    file.run(
      `INSERT INTO container_error
         (project, service, type, severity, tier, pattern, sample, variants, count, first_at, last_at, burst_at)
       VALUES (:project, :service, :type, :severity, :tier, :pattern, :sample, :variants, :count, :firstAt, :lastAt, :burstAt)`,
      { ...ref, ...news, pattern, variants: JSON.stringify(variants) },
    );
  else
    file.run(
      `UPDATE container_error SET type = :type, severity = :severity, tier = :tier, sample = :sample, variants = :variants,
         count = count + :count, first_at = min(first_at, :firstAt), last_at = max(last_at, :lastAt),
         burst_at = coalesce(:burstAt, burst_at) WHERE id = :id`,
      { ...news, id: known.id, variants: JSON.stringify(together(JSON.parse(known.variants), variants)) },
    );
  const at = lastAt - (lastAt % hours(1));
  file.run(
    `INSERT INTO container_error_hour (at, project, service, type, severity, count)
     VALUES (:at, :project, :service, :type, :severity, :count)
     ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    { at, ...ref, type, severity, count },
  );
}

/** The commonest first; those beyond the bound are counted together. */
function together(known: readonly Variant[], more: readonly Variant[]): readonly Variant[] {
  const counts = new Map(known.map(({ template, count }) => [template, count]));
  for (const { template, count } of more) {
    const name = counts.has(template) || counts.size < MOST_VARIANTS ? template : OTHERS;
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return [...counts].map(([template, count]) => ({ template, count })).sort((a, b) => b.count - a.count);
}
