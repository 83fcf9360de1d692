import { z } from 'zod';
import { errorSpan, LONGEST_ERROR_SPAN } from '../../domain/error-stats.ts';
import { hours } from '../../domain/time.ts';
import type { Deps } from '../deps.ts';
import { errorBody, errorStatsBody } from '../error-bodies.ts';
import { errorShape, errorStatsShape, severityField, typeField } from '../error-shapes.ts';
import { Problem } from '../problem.ts';
import { asked, durationField, pageBody, pageQuery, serviceQuery } from '../queries.ts';
import { jsonRoute, type Route } from '../route.ts';
import { pageOf } from '../shapes.ts';

const errorQuery = pageQuery.extend({
  type: typeField.optional(),
  severity: severityField.optional(),
  since: durationField.optional(),
  open: z.enum(['true', 'false']).optional(),
});

const statsQuery = serviceQuery.extend({
  since: durationField.default(hours(24)).refine(since => since <= LONGEST_ERROR_SPAN, 'expected at most 31d'),
});

/** What the logs of containers told is wrong. */
export const errorRoutes = (deps: Deps): readonly Route[] => [
  listRoute(deps),
  jsonRoute({
    method: 'get',
    path: '/api/docker/errors/stats',
    summary: 'Errors of the last 24 hours, or ?since=7d, by type, service and hour, against as long before',
    query: statsQuery,
    answer: errorStatsShape,
    reply: ({ query: { since, ...of } }) => {
      const span = { ...errorSpan(since, deps.clock.now()), ...asked(of) };
      return { body: errorStatsBody(deps.errors.errorStats(span)) };
    },
  }),
  jsonRoute({
    method: 'post',
    path: '/api/docker/errors/:id/resolve',
    summary: 'Say that an error is over: what comes after is another one; one that is resolved already stays as it is',
    answer: errorShape,
    reply: ({ params }) => {
      const resolved = deps.view.resolveError(`${params.id}`);
      if (resolved === undefined) throw new Problem(404, 'there is no such error; GET /api/docker/errors lists them');
      return { body: errorBody(resolved) };
    },
  }),
];

const listRoute = ({ errors, clock }: Deps): Route =>
  jsonRoute({
    method: 'get',
    path: '/api/docker/errors',
    summary:
      'Errors in logs, those first seen last first; ?open=true for those that nobody has resolved, ?since=1h for those written since',
    query: errorQuery,
    answer: pageOf(errorShape),
    reply: ({ query: { since, open, ...page } }) => {
      const query = {
        ...asked(page),
        ...(since !== undefined && { since: clock.now() - since }),
        ...(open !== undefined && { open: open === 'true' }),
      };
      return { body: pageBody(errors.errors(query), errorBody) };
    },
  });
