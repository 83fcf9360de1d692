import { type ErrorCounts, type ErrorSpan, type ErrorStats, hoursIn, trendOf } from '../../domain/error-stats.ts';
import { type ErrorType, SEVERITIES, type Severity } from '../../domain/log-error.ts';
import { nameOf, type ServiceRef } from '../../domain/service.ts';
import { hours } from '../../domain/time.ts';
import type { LedgerFile } from './ledger-file.ts';

const WANTED = `at >= :from AND at < :until
    AND (:project IS NULL OR project = :project) AND (:service IS NULL OR service = :service)`;

/** Each over the hours of both spans only, whatever else is kept. */
export const STATEMENTS = {
  sums: `
  SELECT project, service, type, severity,
    sum(iif(at >= :since, count, 0)) AS count, sum(iif(at < :since, count, 0)) AS before
  FROM container_error_hour WHERE ${WANTED} GROUP BY project, service, type, severity`,
  hours: `SELECT at, sum(count) AS count FROM container_error_hour WHERE ${WANTED} GROUP BY at`,
} as const;

interface Sum extends ServiceRef {
  readonly type: ErrorType;
  readonly severity: Severity;
  readonly count: number;
  readonly before: number;
}

/** Counts errors by type, service and hour. Throws `LedgerError`. */
export function errorStatsIn(file: LedgerFile, span: ErrorSpan): ErrorStats {
  const { since, until, project = null, service = null } = span;
  const length = hoursIn(span) * hours(1);
  const share = (until - since) / length;
  const { sums, byHour } = file.read(() => ({
    sums: file.rows<Sum>(STATEMENTS.sums, { from: since - length, since, until, project, service }),
    byHour: file.rows<{ at: number; count: number }>(STATEMENTS.hours, { from: since, until, project, service }),
  }));
  const counted = new Map(byHour.map(({ at, count }) => [at, count]));
  return {
    since,
    until,
    total: together(sums, share),
    types: grouped(sums, ({ type }) => type, share).map(([{ type }, counts]) => ({ type, ...counts })),
    services: grouped(sums, nameOf, share).map(([{ project, service }, counts]) => ({ project, service, ...counts })),
    hours: Array.from({ length: hoursIn(span) }, (_, hour) => {
      const at = since + hours(hour);
      return { at, count: counted.get(at) ?? 0 };
    }),
  };
}

/** The commonest first, with one of what they have in common. */
function grouped(
  sums: readonly Sum[],
  keyOf: (sum: Sum) => string,
  share: number,
): readonly (readonly [Sum, ErrorCounts & { readonly severity: Severity }])[] {
  return [...Map.groupBy(sums, keyOf).values()]
    .flatMap(group => {
      const [first] = group;
      return first === undefined ? [] : [[first, { severity: worstOf(group), ...together(group, share) }] as const];
    })
    .sort(([, a], [, b]) => b.count - a.count || b.before - a.before);
}

function together(sums: readonly Sum[], share: number): ErrorCounts {
  const count = sums.reduce((total, sum) => total + sum.count, 0);
  const before = sums.reduce((total, sum) => total + sum.before, 0);
  return { count, before, trend: trendOf(count, before, share) };
}

const worstOf = (sums: readonly Sum[]): Severity =>
  SEVERITIES.findLast(severity => sums.some(sum => sum.severity === severity)) ?? 'info';
