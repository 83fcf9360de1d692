import { z } from 'zod';
import { alertsShape, readAlerts } from '../alert-body.ts';
import { alertExplanationBody } from '../bodies.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../problem.ts';
import type { Route } from '../route.ts';
import { alertExplanationsShape } from '../shapes.ts';
import { toJson } from '../to-json.ts';

export const WEBHOOK = '/webhook/alertmanager';
export const EXPLAIN_ALERTS = '/api/alerts/explain';

const takenShape = z.object({
  queued: z.int().describe('will be attended to'),
  repeated: z.int().describe('known already'),
  ignored: z.int().describe('left to people'),
  notes: z.array(z.string()).describe('why, and what else there is to say'),
});

/** What takes deliveries of Alertmanager. The body comes as the bytes that were sent: `readAlerts` says more of them than a parser. */
export const alertRoutes = ({ alerts, view, logger }: Deps): readonly Route[] => [
  {
    method: 'post',
    path: WEBHOOK,
    summary: "Alertmanager's webhook, version 4: 202 once durably queued, 503 when it cannot be",
    body: alertsShape,
    success: { status: 202, shape: takenShape },
    handle: async (request, response) => {
      const { alerts: received, leftOut } = readAlerts(request.body);
      const taken = await queued(() => alerts.take(received));
      if (leftOut > 0) logger.warn('Alertmanager left alerts out of its delivery', { leftOut });
      const notes = [
        ...(taken.ignored > 0 ? ['ignored: without the label auto_repair="true" an alert is for people'] : []),
        ...(leftOut > 0 ? [`${leftOut} alerts were left out: raise or remove max_alerts of this receiver`] : []),
      ];
      response
        .status(202)
        .type('json')
        .send(toJson({ ...taken, notes }));
    },
  },
  {
    method: 'post',
    path: EXPLAIN_ALERTS,
    summary: 'What a delivery of Alertmanager would lead to if it came now: alert by alert; touches nothing',
    body: alertsShape,
    success: { status: 200, shape: alertExplanationsShape },
    handle: async (request, response) => {
      const explained = await view.explainAlerts(readAlerts(request.body).alerts);
      response.type('json').send(toJson({ items: explained.map(alertExplanationBody) }));
    },
  },
];

/** Alertmanager tries again after 5xx, and after no other failure. */
async function queued<T>(take: () => Promise<T>): Promise<T> {
  try {
    return await take();
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    throw new Problem(503, `the alerts cannot be queued: ${because}`, { headers: { 'Retry-After': '10' } });
  }
}
