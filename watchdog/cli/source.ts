import { z } from 'zod';
import { backupFolder, backupStore } from '../adapters/backup-store.ts';
import type { Settings } from '../config/settings.ts';
import { type ErrorSpan, errorSpan } from '../domain/error-stats.ts';
import type { ErrorQuery, PageQuery } from '../domain/records.ts';
import type { Report } from '../domain/report.ts';
import type { Duration, Instant } from '../domain/time.ts';
import type { OpenLedger } from '../record/ledger/open-ledger.ts';
import { readAlerts } from '../serve/alert-body.ts';
import {
  alertExplanationBody,
  backupBody,
  decisionBody,
  explanationBody,
  incidentBody,
  repairBody,
  serviceBody,
} from '../serve/bodies.ts';
import { errorBody, errorStatsBody } from '../serve/error-bodies.ts';
import { type ErrorBody, type ErrorStatsBody, errorShape, errorStatsShape } from '../serve/error-shapes.ts';
import { Problem } from '../serve/problem.ts';
import { pageBody, serviceNamed } from '../serve/queries.ts';
import { EXPLAIN_ALERTS } from '../serve/routes/alerts.ts';
import {
  type AlertExplanationBody,
  alertExplanationsShape,
  type BackupBody,
  backupShape,
  type DecisionBody,
  decisionShape,
  type ExplanationBody,
  explanationShape,
  type IncidentBody,
  incidentShape,
  pageOf,
  type RepairBody,
  repairShape,
  reportShape,
  type ServiceBody,
  serviceShape,
} from '../serve/shapes.ts';
import { toJson } from '../serve/to-json.ts';
import type { WatchdogView } from '../serve/watchdog-view.ts';
import { type Client, clientFor, NobodyThere, Refused } from './client.ts';
import type { Context } from './context.ts';
import { openMemory, openOffline } from './offline.ts';
import { plainLine } from './plain.ts';
import type { Terminal } from './terminal.ts';

/** What commands read: from the running watchdog, or without it. */
export interface Source {
  /** Why the running watchdog is not well; undefined when it is, and when none runs. */
  complaint(): Promise<string | undefined>;
  services(project: string | undefined): Promise<readonly ServiceBody[]>;
  explain(service: string, project: string | undefined): Promise<ExplanationBody>;
  /** `body`: a delivery of Alertmanager. */
  explainAlerts(body: unknown): Promise<readonly AlertExplanationBody[]>;
  incidents(query: RecordQuery & { readonly open?: boolean }): Promise<Paged<IncidentBody>>;
  repairs(query: RecordQuery): Promise<Paged<RepairBody>>;
  decisions(query: RecordQuery): Promise<Paged<DecisionBody>>;
  errors(query: ErrorsWanted): Promise<Paged<ErrorBody>>;
  /** Of the time since then. */
  errorStats(of: Pick<ErrorSpan, 'project' | 'service'> & { readonly since: Duration }): Promise<ErrorStatsBody>;
  backups(): Promise<readonly BackupBody[]>;
  /** Of the time since then. Alone it does not know which services have no health check. */
  report(since: Duration): Promise<Report>;
}

export type RecordQuery = Pick<PageQuery, 'limit' | 'project'> & { readonly service?: string };

/** `since`: how far back. */
export type ErrorsWanted = Omit<ErrorQuery, 'cursor' | 'since'> & { readonly since?: Duration };

export interface Paged<T> {
  readonly items: readonly T[];
  readonly next?: string | undefined;
}

/** Reads from the running watchdog; when nobody listens at its address, alone, and says so. */
export async function reading<T>({ terminal, settings }: Context, read: (source: Source) => Promise<T>): Promise<T> {
  const { settings: inForce } = settings();
  try {
    return await read(running(clientFor(inForce)));
  } catch (error) {
    if (!(error instanceof NobodyThere)) throw error;
    terminal.remark(plainLine(`${error.message}; looking without it`));
    return read(alone(terminal, inForce));
  }
}

const healthShape = z.object({ ok: z.boolean(), because: z.string() });

const running = (client: Client): Source => ({
  complaint: async () => {
    const health = await client.ask(healthShape, 'GET', '/healthz');
    return health.ok ? undefined : health.because;
  },
  services: async project =>
    (await client.ask(pageOf(serviceShape), 'GET', `/api/services${queryOf({ project })}`)).items,
  explain: (service, project) =>
    client.ask(explanationShape, 'GET', `${servicePath(service)}/explain${queryOf({ project })}`),
  explainAlerts: async body => (await client.ask(alertExplanationsShape, 'POST', EXPLAIN_ALERTS, body)).items,
  incidents: query => client.ask(pageOf(incidentShape), 'GET', `/api/incidents${queryOf(query)}`),
  repairs: query => client.ask(pageOf(repairShape), 'GET', `/api/repairs${queryOf(query)}`),
  decisions: query => client.ask(pageOf(decisionShape), 'GET', `/api/decisions${queryOf(query)}`),
  errors: query => client.ask(pageOf(errorShape), 'GET', `/api/docker/errors${queryOf(inMilliseconds(query))}`),
  errorStats: query => client.ask(errorStatsShape, 'GET', `/api/docker/errors/stats${queryOf(inMilliseconds(query))}`),
  backups: async () => (await client.ask(pageOf(backupShape), 'GET', '/api/backups')).items,
  report: since => client.ask(reportShape, 'GET', `/api/report${queryOf({ since: `${since}ms` })}`),
});

const inMilliseconds = <T extends { readonly since?: Duration }>({ since, ...query }: T) => ({
  ...query,
  ...(since !== undefined && { since: `${since}ms` }),
});

/** `/api/services/web`. */
export const servicePath = (service: string): string => `/api/services/${encodeURIComponent(service)}`;

/** `?project=shop`, without what is not asked; empty when nothing is. */
export function queryOf(query: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const asked = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return asked.length === 0 ? '' : `?${new URLSearchParams(asked)}`;
}

/** Reads engine and ledger itself. Says the same as the API would, refusals and hidden secrets included. */
function alone(terminal: Terminal, settings: Settings): Source {
  const looking = async <T>(look: (view: WatchdogView) => T): Promise<Awaited<T>> => {
    const { view, close } = await openOffline(terminal.env);
    try {
      return masked(await look(view));
    } catch (error) {
      throw error instanceof Problem ? new Refused(error.status, error.message, error.problems) : error;
    } finally {
      await close();
    }
  };
  const remembering = async <T>(read: (memory: OpenLedger) => T): Promise<T> => {
    const memory = await openMemory(settings);
    try {
      return masked(read(memory));
    } finally {
      memory.ledger.close();
    }
  };
  return {
    complaint: async () => undefined,
    services: project =>
      looking(view => {
        const known = view.services().filter(each => project === undefined || each.project === project);
        return known.map(serviceBody);
      }),
    explain: (name, wanted) =>
      looking(async view => {
        const found = serviceNamed(view, name, wanted);
        return explanationBody(found, await view.explain(found));
      }),
    explainAlerts: body =>
      looking(async view => {
        const { alerts } = readAlerts(Buffer.from(JSON.stringify(body)));
        return (await view.explainAlerts(alerts)).map(alertExplanationBody);
      }),
    incidents: query =>
      remembering(({ ledger }) => pageBody(ledger.incidents(query), each => incidentBody(each, terminal.now()))),
    repairs: query => remembering(({ ledger }) => pageBody(ledger.repairs(query), repairBody)),
    decisions: query => remembering(({ ledger }) => pageBody(ledger.decisions(query), decisionBody)),
    errors: ({ since, ...query }) =>
      remembering(({ logs }) => {
        const wanted = { ...query, ...(since !== undefined && { since: terminal.now() - since }) };
        return pageBody(logs.errors(wanted), errorBody);
      }),
    errorStats: ({ since, ...of }) =>
      remembering(({ logs }) => errorStatsBody(logs.errorStats({ ...errorSpan(since, terminal.now()), ...of }))),
    backups: async () => masked((await backupStore(backupFolder(settings.dataFolder)).list()).map(backupBody)),
    report: since => remembering(({ ledger }) => ledger.report(spanUntil(terminal.now(), since), [])),
  };
}

const spanUntil = (until: Instant, length: Duration) => ({ since: until - length, until });

const masked = <T>(body: T): T => JSON.parse(toJson(body));
