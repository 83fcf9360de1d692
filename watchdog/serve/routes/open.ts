import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { jsonRoute, type Route } from '../route.ts';

export const METRICS = '/metrics';

const healthShape = z.object({ ok: z.boolean(), because: z.string(), checks: z.record(z.string(), z.string()) });
const readyShape = z.object({ ok: z.boolean(), because: z.string() });

/** What anybody may ask: probes and Prometheus. */
export const openRoutes = ({ view, metrics }: Pick<Deps, 'view' | 'metrics'>): readonly Route[] => [
  jsonRoute({
    method: 'get',
    path: '/healthz',
    summary: 'Whether rounds finish on time; 503 with the reason when they do not',
    open: true,
    answer: healthShape,
    reply: () => {
      const health = view.healthy();
      return { status: health.ok ? 200 : 503, body: { ...health, checks: { ...health.checks } } };
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/readyz',
    summary: 'Whether the first look at everything is done; 503 until then',
    open: true,
    answer: readyShape,
    reply: () => {
      const ready = view.ready();
      return { status: ready.ok ? 200 : 503, body: ready };
    },
  }),
  {
    method: 'get',
    path: METRICS,
    summary: 'Metrics for Prometheus',
    open: true,
    success: { status: 200, type: 'text/plain' },
    handle: async (_request, response) => {
      response.set('Content-Type', metrics.contentType).send(await metrics.metrics());
    },
  },
];
