import { z } from 'zod';
import type { ErrorSeen } from '../domain/error-book.ts';
import { SEVERITIES } from '../domain/log-error.ts';
import { nameOf } from '../domain/service.ts';
import type { Instant } from '../domain/time.ts';
import { severityField, typeField } from './error-shapes.ts';
import { serviceShape } from './shapes.ts';
import type { ServiceView } from './watchdog-view.ts';

const time = z.iso.datetime().describe('RFC 3339, UTC');
const VERDICTS = ['ill', 'erring', 'well'] as const;

const serviceHealthShape = z.object({
  project: z.string(),
  service: z.string(),
  verdict: z
    .enum(VERDICTS)
    .describe('ill: an incident is open; erring: none is, and its log told of an error within ten minutes'),
  ...serviceShape.pick({ state: true, health: true, openIncident: true }).shape,
  replicas: z.int(),
  running: z.int(),
  errors: z
    .array(z.object({ type: typeField, severity: severityField, lastAt: time }))
    .describe('what its logs told of within ten minutes and nobody has resolved, the worst first'),
});

export const containerHealthShape = z.object({
  at: time,
  summary: z.object({ services: z.int(), ill: z.int(), erring: z.int(), well: z.int() }),
  items: z.array(serviceHealthShape).describe('those in trouble first'),
});

/** How the services in scope are, by what is seen of their containers and what their logs tell. */
export function containerHealth(
  services: readonly ServiceView[],
  seen: readonly ErrorSeen[],
  now: Instant,
): z.infer<typeof containerHealthShape> {
  const errors = Map.groupBy(seen, nameOf);
  const items = services
    .map(service => healthOf(service, errors.get(nameOf(service)) ?? []))
    .sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict));
  const count = (verdict: (typeof VERDICTS)[number]) => items.filter(each => each.verdict === verdict).length;
  return {
    at: rfc3339(now),
    summary: { services: items.length, ill: count('ill'), erring: count('erring'), well: count('well') },
    items,
  };
}

function healthOf(
  { project, service, state, health, replicas, openIncident }: ServiceView,
  seen: readonly ErrorSeen[],
): z.infer<typeof serviceHealthShape> {
  // Its load asks for another size; that is no illness.
  const isIll = openIncident !== undefined && openIncident.condition !== 'mis-sized';
  return {
    project,
    service,
    verdict: isIll ? 'ill' : seen.length > 0 ? 'erring' : 'well',
    ...(state !== undefined && { state }),
    health,
    ...(openIncident !== undefined && { openIncident: { ...openIncident, openedAt: rfc3339(openIncident.openedAt) } }),
    replicas: replicas.length,
    running: replicas.filter(replica => replica.state === 'running').length,
    errors: seen
      .map(({ type, severity, lastAt }) => ({ type, severity, lastAt: rfc3339(lastAt) }))
      .sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity)),
  };
}

const rfc3339 = (at: Instant): string => new Date(at).toISOString();
