import { QUIET_AFTER } from '../../domain/error-book.ts';
import { hours } from '../../domain/time.ts';
import { containerHealth, containerHealthShape } from '../container-health.ts';
import type { Deps } from '../deps.ts';
import { asked, durationField, pageBody, pageQuery, projectQuery, serviceQuery } from '../queries.ts';
import { recoveryBody, recoveryShape, recoveryStatsBody, recoveryStatsShape } from '../recovery-shapes.ts';
import { jsonRoute, type Route } from '../route.ts';
import { pageOf } from '../shapes.ts';

const recoveryQuery = pageQuery.extend({ since: durationField.optional() });
const statsQuery = serviceQuery.extend({ since: durationField.default(hours(24 * 7)) });

/** How containers are, and how they came out of trouble. */
export const containerRoutes = ({ view, records, errors, clock }: Deps): readonly Route[] => [
  jsonRoute({
    method: 'get',
    path: '/api/docker/health',
    summary: 'All services in scope in one page, those in trouble first: state, open incident, what their logs tell',
    query: projectQuery,
    answer: containerHealthShape,
    reply: ({ query: { project } }) => {
      const services = view.services().filter(each => project === undefined || each.project === project);
      const now = clock.now();
      return { body: containerHealth(services, errors.errorsSeen(now - QUIET_AFTER), now) };
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/api/docker/recovery',
    summary: 'Repairs with what they were for, what came of them and how long they took; ?since=24h',
    query: recoveryQuery,
    answer: pageOf(recoveryShape),
    reply: ({ query: { since, ...page } }) => {
      const query = { ...asked(page), ...(since !== undefined && { since: clock.now() - since }) };
      return { body: pageBody(records.recoveries(query), recoveryBody) };
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/api/docker/recovery/stats',
    summary: 'How repairs of the last 7 days, or ?since=24h, went: success and mean times by type and strategy',
    query: statsQuery,
    answer: recoveryStatsShape,
    reply: ({ query: { since, ...of } }) => {
      const now = clock.now();
      const stats = records.recoveryStats({ since: now - since, until: now, ...asked(of) });
      return { body: recoveryStatsBody(stats) };
    },
  }),
];
