import express, { type Express, type RequestHandler } from 'express';
import { z } from 'zod';
import { ALERT_BODY_LIMIT } from './alert-body.ts';
import { authenticate } from './authenticate.ts';
import type { Deps } from './deps.ts';
import { eventStream } from './events.ts';
import { LIMITS, type Limits, limitPerMinute } from './limits.ts';
import { logStream } from './log-stream.ts';
import { openApi } from './openapi.ts';
import { answerProblems, Problem } from './problem.ts';
import { jsonRoute, type Route } from './route.ts';
import { alertRoutes, EXPLAIN_ALERTS, WEBHOOK } from './routes/alerts.ts';
import { backupsRoute } from './routes/backups.ts';
import { containerRoutes } from './routes/containers.ts';
import { errorRoutes } from './routes/errors.ts';
import { METRICS, openRoutes } from './routes/open.ts';
import { recordRoutes } from './routes/records.ts';
import { reportRoute } from './routes/report.ts';
import { serviceRoutes } from './routes/services.ts';

/**
 * The HTTP API of INTERFACE. Whatever is not among the open routes needs the token before it is even looked up: a
 * stranger cannot tell what exists.
 */
export function createApp(deps: Deps, limits: Limits = LIMITS): Express {
  const app = express();
  const routes = [
    ...openRoutes(deps),
    ...serviceRoutes(deps),
    ...recordRoutes(deps),
    ...containerRoutes(deps),
    ...errorRoutes(deps),
    reportRoute(deps),
    backupsRoute(deps),
    ...alertRoutes(deps),
    eventStream(deps),
    logStream(deps),
  ];
  const all = [...routes, describing(routes)];

  app.disable('x-powered-by');
  app.disable('etag');
  app.use(guardHeaders);
  app.use(METRICS, limitPerMinute(limits.requestsPerMinute));
  mount(
    app,
    all.filter(route => route.open),
  );
  app.use(authenticate(deps.token, limits.failuresPerMinute));
  // After the token: what strangers send must not use up what friends may. Alertmanager sends as much as fires at once, and
  // gives up what is refused with 429 too often.
  app.use(limitPerMinute(limits.requestsPerMinute, { isExempt: request => request.path === WEBHOOK }));
  app.use([WEBHOOK, EXPLAIN_ALERTS], express.raw({ limit: ALERT_BODY_LIMIT, type: () => true }));
  // Any content type: what a client forgot to label as JSON must not be ignored as if it were no body.
  app.use(express.json({ limit: 1_048_576, type: () => true }));
  mount(
    app,
    all.filter(route => !route.open),
  );
  app.use((_request, _response, next) =>
    next(new Problem(404, 'nothing is here; GET /api/openapi.json lists what is')),
  );
  app.use(answerProblems(deps.logger));
  return app;
}

function describing(routes: readonly Route[]): Route {
  const self: Route = jsonRoute({
    method: 'get',
    path: '/api/openapi.json',
    summary: 'This description',
    answer: z.record(z.string(), z.unknown()),
    reply: () => ({ body: openApi([...routes, self]) }),
  });
  return self;
}

/** One Express route per path, so that a known path asked in the wrong way can say which ways there are. */
function mount(app: Express, routes: readonly Route[]): void {
  for (const [path, methods] of Map.groupBy(routes, route => route.path)) {
    const at = app.route(path);
    for (const { method, handle } of methods) at[method](handle);
    const allowed = methods.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
    at.all((request, _response, next) =>
      next(new Problem(405, `${request.method} is not possible here`, { headers: { Allow: allowed.join(', ') } })),
    );
  }
}

const guardHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  next();
};
