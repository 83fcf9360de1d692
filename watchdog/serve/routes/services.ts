import { z } from 'zod';
import { explanationBody, incidentBody, serviceBody } from '../bodies.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../problem.ts';
import { durationField, projectQuery, reasonField, serviceNamed } from '../queries.ts';
import { jsonRoute, type Route } from '../route.ts';
import { answerShape, explanationShape, pageOf, resumedShape, serviceShape } from '../shapes.ts';

const pauseOrder = z.strictObject({ for: durationField, reason: reasonField });
const repairOrder = z.strictObject({
  strategy: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected the name of a strategy, such as restart')
    .optional(),
  with: z
    .record(z.string().max(64), z.string().max(1_024))
    .describe('what the strategy is told; only with the strategy by its name')
    .optional(),
  reason: reasonField,
  approve: z
    .boolean()
    .describe('a yes to a strategy that touches data or the host; only with the strategy by its name')
    .optional(),
});

/** Services as they stand, and what a person may do to one. A name that several projects share needs `?project=`. */
export const serviceRoutes = (deps: Deps): readonly Route[] => [
  ...readRoutes(deps),
  ...pauseRoutes(deps),
  repairRoute(deps),
];

const readRoutes = ({ view }: Deps): readonly Route[] => [
  jsonRoute({
    method: 'get',
    path: '/api/services',
    summary: 'All services in scope, by project and name, in one page',
    query: projectQuery,
    answer: pageOf(serviceShape),
    reply: ({ query: { project } }) => ({
      body: {
        items: view
          .services()
          .filter(each => project === undefined || each.project === project)
          .map(serviceBody),
      },
    }),
  }),
  jsonRoute({
    method: 'get',
    path: '/api/services/:service',
    summary: 'One service: state, replicas, policy in force, open incident, next action',
    query: projectQuery,
    answer: serviceShape,
    reply: ({ params, query }) => ({ body: serviceBody(serviceNamed(view, params.service, query.project)) }),
  }),
  jsonRoute({
    method: 'get',
    path: '/api/services/:service/explain',
    summary: "The road walked without touching anything: incident, drafted order, every gate's answer",
    query: projectQuery,
    answer: explanationShape,
    reply: async ({ params, query }) => {
      const found = serviceNamed(view, params.service, query.project);
      return { body: explanationBody(found, await view.explain(found)) };
    },
  }),
];

const pauseRoutes = ({ view, clock }: Deps): readonly Route[] => [
  jsonRoute({
    method: 'post',
    path: '/api/services/:service/pause',
    summary: 'Leave the service alone for a while',
    query: projectQuery,
    body: pauseOrder,
    answer: serviceShape,
    reply: ({ params, query, body }) => {
      const { project, service } = serviceNamed(view, params.service, query.project);
      view.pause({ project, service }, clock.now() + body.for, body.reason ?? 'no reason given');
      return { body: serviceBody(serviceNamed(view, service, project)) };
    },
  }),
  jsonRoute({
    method: 'post',
    path: '/api/services/:service/resume',
    summary: 'End the pause, and grant an escalated service one new attempt',
    query: projectQuery,
    answer: resumedShape,
    reply: ({ params, query }) => {
      const { project, service } = serviceNamed(view, params.service, query.project);
      const resumed = view.resume({ project, service });
      return { body: { resumed, service: serviceBody(serviceNamed(view, service, project)) } };
    },
  }),
];

const repairRoute = ({ view, records, clock }: Deps): Route =>
  jsonRoute({
    method: 'post',
    path: '/repair/:service',
    summary:
      'Repair by hand: past cooldown and backoff, not past what protects data and the watchdog; 409 when refused',
    query: projectQuery,
    body: repairOrder,
    status: 202,
    answer: answerShape,
    reply: async ({ params, query, body }) => {
      const { project, service } = serviceNamed(view, params.service, query.project);
      // A yes is for what the person has named, not for whatever the playbook may say.
      if ((body.approve || body.with) && body.strategy === undefined)
        throw new Problem(400, 'approve and with are for one strategy: name it as well');
      const { verdict, because, incidentId } = await view.ask(
        { project, service },
        {
          ...(body.strategy !== undefined && { strategy: body.strategy }),
          ...(body.with !== undefined && { with: body.with }),
          ...(body.reason !== undefined && { reason: body.reason }),
          ...(body.approve && { approved: true }),
        },
      );
      if (verdict === 'refused') throw new Problem(409, because);
      const incident = incidentId === undefined ? undefined : records.incident(incidentId);
      return {
        headers: incident ? { Location: `/api/incidents/${encodeURIComponent(incident.id)}` } : {},
        body: { verdict, because, ...(incident && { incident: incidentBody(incident, clock.now()) }) },
      };
    },
  });
