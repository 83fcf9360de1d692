import { INCIDENT_KINDS, type IncidentKind } from '../domain/incident.ts';
import type { IncidentRecord } from '../domain/records.ts';
import type { Replica, Service, ServiceRef } from '../domain/service.ts';
import type { Instant } from '../domain/time.ts';
import { isDone } from '../domain/wellness.ts';
import { type Family, familyOf, familyText, labelsText } from './exposition.ts';
import type { Limit } from './limits.ts';
import { STATUSES, statusOf } from './service-status.ts';
import type { Tally } from './service-tallies.ts';

const HEALTH_STATUS: Family = {
  name: 'service_health_status',
  type: 'gauge',
  help: 'State of the service (its worst container): 1 for the present status, 0 for the others',
};
const REPLICAS: Family = { name: 'service_replicas', type: 'gauge', help: 'Containers that run' };
const CREATED: Family = {
  name: 'service_created_timestamp',
  type: 'gauge',
  help: 'When its newest container was made, by a deploy or by a repair that made it again, in unix seconds',
};
const DOWN: Family = {
  name: 'service_replicas_down',
  type: 'gauge',
  help: 'Containers that do not run and should: exited, dead, created and not started; never one-shots that are done',
};
const DEPENDS_ON: Family = {
  name: 'service_depends_on',
  type: 'gauge',
  help: 'Always 1: the service needs the other one of its project that the label dependency names',
};
const OOM_KILLS: Family = {
  name: 'service_oom_kills_total',
  type: 'counter',
  help: 'Times the kernel killed a process of the service for want of memory, as the engine told',
};
const RESTARTS: Family = {
  name: 'service_restarts_total',
  type: 'counter',
  help: 'Restarts by the restart policy of the engine, of the present containers, as far as they were inspected',
};
const REPAIRS: Family = {
  name: 'repair_attempts_total',
  type: 'counter',
  help: 'Repairs that have ended, by strategy and by whether the service was healed',
};
const FAILURES: Family = {
  name: 'service_failure_count',
  type: 'gauge',
  help: 'Times it fell ill and repairs that did not help, since the service was last healthy',
};
const LAST_REPAIR: Family = {
  name: 'service_last_repair_timestamp',
  type: 'gauge',
  help: 'When the last repair ended, in unix seconds',
};
const INCIDENTS: Family = { name: 'watchdog_incidents_open', type: 'gauge', help: 'Incidents that are not resolved' };
const ESCALATED: Family = {
  name: 'watchdog_incidents_escalated',
  type: 'gauge',
  help: 'Always 1: an open incident of this service was given up and waits for people',
};
const APPROVALS: Family = {
  name: 'watchdog_approval_expires_timestamp',
  type: 'gauge',
  help: 'Until when this order waits for a yes, in unix seconds',
};
const ATTEMPTS: Family = { name: 'watchdog_attempts_in_window', type: 'gauge', help: 'Attempts that the cap counts' };
const COOLDOWN: Family = {
  name: 'watchdog_cooldown_until_timestamp',
  type: 'gauge',
  help: 'Until when a repaired service is left alone, in unix seconds',
};

export const servicesText = (services: readonly Service[], oomKills: (ref: ServiceRef) => number): string =>
  [
    familyText(HEALTH_STATUS, series => {
      for (const service of services) {
        const labels = ofService(service);
        const now = statusOf(service);
        for (const status of STATUSES) series(`${labels},status="${status}"`, status === now ? 1 : 0);
      }
    }),
    familyOf(
      REPLICAS,
      services,
      ofService,
      service => service.replicas.filter(({ state }) => state === 'running').length,
    ),
    familyOf(CREATED, services, ofService, ({ replicas }) =>
      inSeconds(replicas.length === 0 ? undefined : Math.max(...replicas.map(({ createdAt }) => createdAt))),
    ),
    familyOf(DOWN, services, ofService, service => downIn(service, services)),
    familyText(DEPENDS_ON, series => {
      for (const service of services) {
        for (const dependency of new Set(service.dependencies.map(each => each.service)))
          series(`${ofService(service)},${labelsText({ dependency })}`, 1);
      }
    }),
    familyOf(OOM_KILLS, services, ofService, oomKills),
    familyOf(RESTARTS, services, ofService, restartsOf),
  ].join('\n');

export const talliesText = (tallies: readonly Tally[]): string =>
  [
    familyText(REPAIRS, series => {
      for (const { ref, repairs } of tallies) {
        for (const { action, success, count } of repairs) {
          series(labelsText({ project: ref.project, service: ref.service, action, success: `${success}` }), count);
        }
      }
    }),
    familyOf(FAILURES, tallies, ofTally, ({ failures }) => failures),
    familyOf(LAST_REPAIR, tallies, ofTally, ({ lastRepairAt }) => inSeconds(lastRepairAt)),
  ].join('\n');

/** What the metrics show of an open incident. */
export type OpenIncident = Pick<IncidentRecord, 'project' | 'service' | 'kind' | 'state' | 'approvals'>;

export const incidentsText = (open: readonly OpenIncident[]): string =>
  [
    familyOf(
      INCIDENTS,
      INCIDENT_KINDS,
      kind => labelsText({ kind }),
      kind => open.filter(each => each.kind === kind).length,
    ),
    familyOf(ESCALATED, open, ofKind, ({ state }) => (state === 'escalated' ? 1 : undefined)),
    familyText(APPROVALS, series => {
      for (const { approvals } of open)
        for (const { project, service, strategy, id, state, expiresAt } of approvals)
          if (state === 'waiting') series(labelsText({ project, service, strategy, order: id }), expiresAt / 1_000);
    }),
  ].join('\n');

export const limitsText = (limits: readonly Limit[]): string =>
  [
    familyOf(ATTEMPTS, limits, ofKind, ({ attemptsInWindow }) => attemptsInWindow),
    familyOf(COOLDOWN, limits, ofKind, ({ cooldownUntil }) => inSeconds(cooldownUntil)),
  ].join('\n');

const ofService = ({ project, service }: ServiceRef): string => labelsText({ project, service });

const ofTally = ({ ref }: Tally): string => ofService(ref);

const inSeconds = (at: Instant | undefined): number | undefined => (at === undefined ? undefined : at / 1_000);

const ofKind = ({ project, service, kind }: ServiceRef & { readonly kind: IncidentKind }): string =>
  labelsText({ project, service, kind });

function downIn({ project, replicas }: Service, services: readonly Service[]): number {
  const own = () => services.filter(other => other.project === project);
  const down = (replica: Replica): boolean =>
    replica.state === 'dead' || replica.state === 'created' || (replica.state === 'exited' && !isDone(replica, own()));
  return replicas.filter(down).length;
}

const restartsOf = ({ replicas }: Service): number =>
  replicas.reduce((total, { inspected }) => total + (inspected?.restartCount ?? 0), 0);
