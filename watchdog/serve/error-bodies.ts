import type { ErrorStats } from '../domain/error-stats.ts';
import type { ErrorRecord } from '../domain/records.ts';
import type { Instant } from '../domain/time.ts';
import type { ErrorBody, ErrorStatsBody } from './error-shapes.ts';

// Errors in logs, from the domain's words to the wire's.

export const errorBody = ({ firstAt, lastAt, burstAt, resolvedAt, variants, ...record }: ErrorRecord): ErrorBody => ({
  ...record,
  variants: [...variants],
  firstAt: rfc3339(firstAt),
  lastAt: rfc3339(lastAt),
  ...(burstAt !== undefined && { burstAt: rfc3339(burstAt) }),
  ...(resolvedAt !== undefined && { resolvedAt: rfc3339(resolvedAt) }),
});

export const errorStatsBody = ({ since, until, total, types, services, hours }: ErrorStats): ErrorStatsBody => ({
  since: rfc3339(since),
  until: rfc3339(until),
  total,
  types: [...types],
  services: [...services],
  hours: hours.map(({ at, count }) => ({ at: rfc3339(at), count })),
});

const rfc3339 = (at: Instant): string => new Date(at).toISOString();
