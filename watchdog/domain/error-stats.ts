import type { ErrorType, Severity } from './log-error.ts';
import type { ServiceRef } from './service.ts';
import { type Duration, hours, type Instant } from './time.ts';

/** Which errors are counted: those written from `since`, a full hour, until `until`. */
export interface ErrorSpan {
  readonly since: Instant;
  readonly until: Instant;
  readonly project?: string;
  readonly service?: string;
}

/** What became of a count from one span to the next. */
export const TRENDS = ['new', 'rising', 'steady', 'falling', 'gone'] as const;

export type Trend = (typeof TRENDS)[number];

/** How many records told of errors. */
export interface ErrorCounts {
  readonly count: number;
  /** In as many full hours before the span. */
  readonly before: number;
  readonly trend: Trend;
}

/** What errors the logs told of in a span, the commonest first; what there was only before it at the end. */
export interface ErrorStats {
  readonly since: Instant;
  readonly until: Instant;
  readonly total: ErrorCounts;
  /** `severity`: the worst that was seen. */
  readonly types: readonly (ErrorCounts & { readonly type: ErrorType; readonly severity: Severity })[];
  readonly services: readonly (ErrorCounts & ServiceRef & { readonly severity: Severity })[];
  /** Each hour of the span, oldest first. */
  readonly hours: readonly { readonly at: Instant; readonly count: number }[];
}

/** Each hour is told of by itself. */
export const LONGEST_ERROR_SPAN: Duration = hours(24 * 31);

/** The span of the last so long, from a full hour on: errors are counted by the hour. */
export function errorSpan(length: Duration, now: Instant): { readonly since: Instant; readonly until: Instant } {
  const since = now - length;
  return { since: since - (since % hours(1)), until: now };
}

/** Of how many hours a span is, the one that has not ended yet included. */
export const hoursIn = ({ since, until }: Pick<ErrorSpan, 'since' | 'until'>): number =>
  Math.max(1, Math.ceil((until - since) / hours(1)));

/**
 * What comes by chance is steady: two counts of what happens independently differ by less than twice the square root of their sum in 95
 * of 100 cases (Poisson; the variances add up).
 * @param share how long the span was so far, of the one before: 0 to 1
 */
export function trendOf(count: number, before: number, share: number): Trend {
  if (count === 0) return before === 0 ? 'steady' : 'gone';
  if (before === 0) return 'new';
  const difference = count - before * share;
  if (Math.abs(difference) <= 2 * Math.sqrt(count + before * share ** 2)) return 'steady';
  return difference > 0 ? 'rising' : 'falling';
}
