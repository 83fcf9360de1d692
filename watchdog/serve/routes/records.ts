import { z } from 'zod';
import type { Answer } from '../../domain/approval.ts';
import type { IncidentRecord } from '../../domain/records.ts';
import { decisionBody, incidentBody, repairBody } from '../bodies.ts';
import type { Deps, Records } from '../deps.ts';
import { Problem } from '../problem.ts';
import { asked, orderField, pageBody, pageQuery, reasonField } from '../queries.ts';
import { jsonRoute, type Route } from '../route.ts';
import { decisionShape, incidentShape, pageOf, repairShape } from '../shapes.ts';

const incidentQuery = pageQuery.extend({ open: z.enum(['true', 'false']).optional() });

/** What was: incidents with their life, repairs with their steps, decisions with their codes. Newest first. */
export const recordRoutes = (deps: Deps): readonly Route[] => [...incidentRoutes(deps), ...auditRoutes(deps)];

const incidentRoutes = (deps: Deps): readonly Route[] => [
  jsonRoute({
    method: 'get',
    path: '/api/incidents',
    summary: 'Incidents; ?open=true for those that are not resolved',
    query: incidentQuery,
    answer: pageOf(incidentShape),
    reply: ({ query: { open, ...page } }) => {
      const query = { ...asked(page), ...(open !== undefined && { open: open === 'true' }) };
      return { body: pageBody(deps.records.incidents(query), each => incidentBody(each, deps.clock.now())) };
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/api/incidents/:id',
    summary: 'One incident',
    answer: incidentShape,
    reply: ({ params }) => ({ body: incidentBody(incidentOf(deps.records, params.id), deps.clock.now()) }),
  }),
  answerRoute(deps, 'approve', 'granted', 'Say yes to what was asked about an incident: to that order, once'),
  answerRoute(deps, 'refuse', 'refused', 'Say no to what was asked about an incident; it is left to people then'),
  jsonRoute({
    method: 'post',
    path: '/api/incidents/:id/resolve',
    summary: 'Say that an incident is over; one that is already stays as it is',
    body: z.strictObject({ reason: reasonField }),
    answer: incidentShape,
    reply: ({ params, body }) => {
      const { view, records, clock } = deps;
      const { id, state } = incidentOf(records, params.id);
      if (state !== 'resolved') view.resolve(id, body.reason ? `resolved by hand: ${body.reason}` : 'resolved by hand');
      return { body: incidentBody(incidentOf(records, id), clock.now()) };
    },
  }),
];

const answer = z.strictObject({ order: orderField, reason: reasonField });

const answerRoute = ({ view, records, clock }: Deps, word: string, said: Answer, summary: string): Route =>
  jsonRoute({
    method: 'post',
    path: `/api/incidents/:id/${word}`,
    summary: `${summary}; 409 when nothing waits, or when several things were asked and order does not say which`,
    body: answer,
    answer: incidentShape,
    reply: ({ params, body: { order, reason } }) => {
      const { id } = incidentOf(records, params.id);
      const taken = view.answer(id, { answer: said, order, reason: reason ?? '' });
      if (taken.verdict === 'refused') throw new Problem(409, taken.because);
      return { body: incidentBody(incidentOf(records, id), clock.now()) };
    },
  });

const auditRoutes = ({ records }: Deps): readonly Route[] => [
  jsonRoute({
    method: 'get',
    path: '/api/repairs',
    summary: 'What was done',
    query: pageQuery,
    answer: pageOf(repairShape),
    reply: ({ query }) => ({ body: pageBody(records.repairs(asked(query)), repairBody) }),
  }),
  jsonRoute({
    method: 'get',
    path: '/api/decisions',
    summary: 'What was decided, refusals included, and why',
    query: pageQuery,
    answer: pageOf(decisionShape),
    reply: ({ query }) => ({ body: pageBody(records.decisions(asked(query)), decisionBody) }),
  }),
];

function incidentOf(records: Records, id: string | undefined): IncidentRecord {
  const incident = id === undefined ? undefined : records.incident(id);
  if (!incident) throw new Problem(404, 'there is no such incident; GET /api/incidents lists them');
  return incident;
}
