import { z } from 'zod';
import { unchecked } from '../../domain/report.ts';
import type { Deps } from '../deps.ts';
import { durationField } from '../queries.ts';
import { jsonRoute, type Route } from '../route.ts';
import { reportShape } from '../shapes.ts';

const query = z.strictObject({ since: durationField.default(24 * 3_600_000) });

/** What happened lately, by service, and what to do about it. */
export const reportRoute = ({ view, records, clock }: Deps): Route =>
  jsonRoute({
    method: 'get',
    path: '/api/report',
    summary: 'The last 24 hours, or ?since=7d, by service: repairs, success, times, refusals, recommendations',
    query,
    answer: reportShape,
    reply: ({ query: { since } }) => {
      const now = clock.now();
      return { body: records.report({ since: now - since, until: now }, unchecked(view.services())) };
    },
  });
