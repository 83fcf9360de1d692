import type { AnswerTaken } from '../../watchdog/domain/approval.ts';
import type { Backup } from '../../watchdog/domain/backup.ts';
import type { Explanation, GateCode } from '../../watchdog/domain/decision.ts';
import { GATE_CODES } from '../../watchdog/domain/decision.ts';
import { type ErrorStats, hoursIn } from '../../watchdog/domain/error-stats.ts';
import type { LiveEvent, LogViewing } from '../../watchdog/domain/live-log.ts';
import type { ReceivedAlert } from '../../watchdog/domain/received-alert.ts';
import type { DecisionRecord, ErrorRecord, IncidentRecord, RepairRecord } from '../../watchdog/domain/records.ts';
import type { RecoveryStats } from '../../watchdog/domain/recovery.ts';
import type { Report } from '../../watchdog/domain/report.ts';
import type { Deps, KeptErrors, Records } from '../../watchdog/serve/deps.ts';
import type {
  AlertExplanation,
  ServiceView,
  WatchdogEvent,
  WatchdogView,
  WishAnswer,
} from '../../watchdog/serve/watchdog-view.ts';
import { anApproval } from './a-service.ts';
import { anAlert } from './an-alert.ts';

/** The moment at which the fakes below stand: 2026-03-01 10:00 UTC. */
export const NOON = Date.UTC(2026, 2, 1, 10);
export const TOKEN = 'a-token-of-sufficient-length';

/** A healthy service of one replica, or what the test says. */
export const aServiceView = (differing: Partial<ServiceView> = {}): ServiceView => ({
  project: 'shop',
  service: 'web',
  state: 'running',
  health: 'healthy',
  replicas: [
    {
      name: 'shop-web-1',
      number: 1,
      id: '0123456789ab',
      state: 'running',
      health: 'healthy',
      exitCode: undefined,
      restarts: 0,
      startedAt: NOON - 60_000,
      lastProbe: { at: NOON - 1_000, exitCode: 0, output: 'ok' },
    },
  ],
  policy: { max_attempts: { value: 3, origin: 'default' } },
  problems: [],
  openIncident: undefined,
  pause: undefined,
  nextAction: undefined,
  scaling: undefined,
  ...differing,
});

/** `shop/web` unhealthy, noticed four seconds after it began. */
export const anIncident = (differing: Partial<IncidentRecord> = {}): IncidentRecord => ({
  id: '7',
  key: 'shop/web/ailing',
  project: 'shop',
  service: 'web',
  kind: 'ailing',
  condition: 'unhealthy',
  state: 'opened',
  because: 'its health check fails',
  patients: [{ id: '0123456789abcdef', name: 'shop-web-1', number: 1 }],
  stoppedByHandAt: undefined,
  evidence: { failingStreak: 3 },
  since: NOON - 64_000,
  openedAt: NOON - 60_000,
  updatedAt: NOON - 60_000,
  escalatedAt: undefined,
  resolvedAt: undefined,
  life: [{ state: 'opened', at: NOON - 60_000, because: 'its health check fails' }],
  approvals: [],
  ...differing,
});

export const aRepair = (differing: Partial<RepairRecord> = {}): RepairRecord => ({
  id: '11',
  incidentId: '7',
  project: 'shop',
  service: 'web',
  order: {
    project: 'shop',
    service: 'web',
    kind: 'ailing',
    condition: 'unhealthy',
    strategy: 'restart',
    with: {},
    targets: anIncident().patients,
    attempt: 1,
    reason: 'unhealthy for 30s',
    asked: false,
    stopTimeout: undefined,
  },
  startedAt: NOON - 59_000,
  actedAt: NOON - 58_000,
  endedAt: NOON - 40_000,
  outcome: 'healed',
  code: 'proven',
  because: 'healthy, and still so after 10s',
  steps: [{ step: 'restart', at: NOON - 59_000, data: { Env: ['PASSWORD=geheim'] } }],
  ...differing,
});

export const aDecision = (differing: Partial<DecisionRecord> = {}): DecisionRecord => ({
  id: '21',
  project: 'shop',
  service: 'web',
  kind: 'ailing',
  condition: 'unhealthy',
  verdict: 'stand-back',
  code: 'cooldown',
  because: 'repaired a moment ago',
  strategy: 'restart',
  incidentId: '7',
  firstAt: NOON - 30_000,
  lastAt: NOON - 10_000,
  count: 2,
  until: NOON + 60_000,
  ...differing,
});

/** The road for `shop/web` unhealthy, with every gate open except the one named. */
export function anExplanation(closed?: GateCode): Explanation {
  const incident = anIncident();
  const { order } = aRepair();
  const objection = { code: closed ?? 'cooldown', because: 'repaired a moment ago', until: NOON + 60_000, tell: false };
  return {
    diagnosis: { verdict: 'incident', incident },
    order,
    answers: GATE_CODES.map(code => ({ code, objection: code === closed ? objection : undefined })),
    decision: closed ? { verdict: 'stand-back', order, objection } : { verdict: 'go', order },
  };
}

/** A watchdog that says what it is told to say and remembers what it was asked. */
export class FakeView implements WatchdogView {
  known: readonly ServiceView[] = [aServiceView()];
  explanation: Explanation = anExplanation();
  taken: AnswerTaken = { verdict: 'accepted', approval: anApproval() };
  wishAnswer: WishAnswer = { verdict: 'accepted', because: 'restart begins', incidentId: '7' };
  health: ReturnType<WatchdogView['healthy']> = {
    ok: true,
    because: 'the last round took 12ms',
    checks: { rounds: 'ok' },
  };
  readonly calls: unknown[][] = [];
  /** Why no log can be watched. */
  viewing: Exclude<LogViewing, { readonly verdict: 'watching' }> | undefined;
  /** Who watches a log now. */
  readonly viewers: { readonly container: string; readonly listener: (event: LiveEvent) => void }[] = [];
  readonly #listeners = new Set<(event: WatchdogEvent) => void>();

  services(): readonly ServiceView[] {
    return this.known;
  }
  async explain(): Promise<Explanation> {
    return this.explanation;
  }
  async explainAlerts(alerts: readonly ReceivedAlert[]): Promise<readonly AlertExplanation[]> {
    const name = 'HighMemoryUsage';
    return alerts.map(alert => ({
      alert,
      name,
      outcome: { verdict: 'found', about: anAlert(), explanation: this.explanation },
    }));
  }
  async ask(...asked: Parameters<WatchdogView['ask']>): Promise<WishAnswer> {
    this.calls.push(['ask', ...asked]);
    return this.wishAnswer;
  }
  pause(...asked: Parameters<WatchdogView['pause']>): void {
    this.calls.push(['pause', ...asked]);
  }
  resume(...asked: Parameters<WatchdogView['resume']>): boolean {
    this.calls.push(['resume', ...asked]);
    return true;
  }
  answer(...asked: Parameters<WatchdogView['answer']>): AnswerTaken {
    this.calls.push(['answer', ...asked]);
    return this.taken;
  }
  resolve(...asked: Parameters<WatchdogView['resolve']>): void {
    this.calls.push(['resolve', ...asked]);
  }
  resolveError(id: string): ErrorRecord | undefined {
    this.calls.push(['resolveError', id]);
    return id === anError().id ? anError({ resolvedAt: NOON }) : undefined;
  }
  healthy(): ReturnType<WatchdogView['healthy']> {
    return this.health;
  }
  ready(): ReturnType<WatchdogView['ready']> {
    return { ok: this.health.ok, because: this.health.because };
  }
  subscribe(listener: (event: WatchdogEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  watchLog(container: string, listener: (event: LiveEvent) => void): LogViewing {
    if (this.viewing !== undefined) return this.viewing;
    const viewer = { container, listener };
    this.viewers.push(viewer);
    const end = () => {
      this.viewers.splice(this.viewers.indexOf(viewer), 1);
    };
    return { verdict: 'watching', project: 'shop', service: 'web', end };
  }
  happen(event: WatchdogEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** In the log of `shop/web`, written four times in the last hour. */
export const anError = (differing: Partial<ErrorRecord> = {}): ErrorRecord => ({
  id: '31',
  project: 'shop',
  service: 'web',
  type: 'DATABASE_CONNECTION',
  severity: 'error',
  tier: 'certain',
  pattern: 'connection-refused',
  sample: 'connect ECONNREFUSED 10.0.0.7:5432',
  variants: [{ template: 'connect ECONNREFUSED <ip>:<n>', count: 4 }],
  count: 4,
  firstAt: NOON - 3_600_000,
  lastAt: NOON - 60_000,
  burstAt: undefined,
  resolvedAt: undefined,
  ...differing,
});

/** Hands out these errors, whatever is asked, and remembers the queries. */
export class FakeErrors implements KeptErrors {
  list: readonly ErrorRecord[] = [anError()];
  next: string | undefined;
  readonly queries: unknown[] = [];

  errors(query: unknown): ReturnType<KeptErrors['errors']> {
    this.queries.push(query);
    return { items: this.list, next: this.next };
  }
  errorsSeen(since: number): ReturnType<KeptErrors['errorsSeen']> {
    return this.list.filter(({ lastAt }) => lastAt >= since);
  }
  errorStats(span: Parameters<KeptErrors['errorStats']>[0]): ErrorStats {
    this.queries.push(span);
    const { since, until } = span;
    const counts = { count: 4, before: 0, trend: 'new' } as const;
    return {
      since,
      until,
      total: counts,
      types: [{ type: 'DATABASE_CONNECTION', severity: 'error', ...counts }],
      services: [{ project: 'shop', service: 'web', severity: 'error', ...counts }],
      hours: Array.from({ length: hoursIn(span) }, (_, hour) => ({ at: since + hour * 3_600_000, count: hour })),
    };
  }
}

/** Of the volume of `shop/db`, taken while it stood still. */
export const aBackup = (differing: Partial<Backup> = {}): Backup => ({
  id: '20260301T090000Z-shop-db-1',
  project: 'shop',
  service: 'db',
  container: 'shop-db-1',
  source: 'shop_data',
  target: '/data',
  whileRunning: false,
  at: NOON - 3_600_000,
  bytes: 1_500_000,
  sha256: 'c0ffee',
  ...differing,
});

/** Two repairs of `shop/web`, or what the test says. */
export const aReport = (differing: Partial<Report> = {}): Report => {
  const figures = {
    incidents: 2,
    open: 1,
    escalated: 0,
    repairs: 2,
    healed: 1,
    failed: 1,
    success: 0.5,
    detectedSeconds: 2.5,
    recoveredSeconds: 21,
    refused: { cooldown: 3 },
    relapses: 1,
    scaledUp: 0,
    scaledDown: 0,
    scalingFailed: 0,
  };
  return {
    since: '2026-02-28T10:00:00.000Z',
    until: '2026-03-01T10:00:00.000Z',
    total: figures,
    services: [{ project: 'shop', service: 'web', ...figures, flapping: false }],
    unlisted: 0,
    recommendations: [
      { rule: 'repaired-often', services: [{ project: 'shop', service: 'web' }], text: 'look at its health check' },
    ],
    ...differing,
  };
};

/** Hands out these records, whatever is asked, and remembers the queries. */
export class FakeRecords implements Records {
  list: readonly IncidentRecord[] = [anIncident()];
  readonly queries: unknown[] = [];

  incident(id: string): IncidentRecord | undefined {
    return this.list.find(incident => incident.id === id);
  }
  incidents(query: unknown): ReturnType<Records['incidents']> {
    this.queries.push(query);
    return { items: this.list, next: 'c7' };
  }
  repairs(query: unknown): ReturnType<Records['repairs']> {
    this.queries.push(query);
    return { items: [aRepair()], next: undefined };
  }
  decisions(query: unknown): ReturnType<Records['decisions']> {
    this.queries.push(query);
    return { items: [aDecision()], next: undefined };
  }
  recoveries(query: unknown): ReturnType<Records['recoveries']> {
    this.queries.push(query);
    return { items: [aRepair()], next: undefined };
  }
  recoveryStats(span: Parameters<Records['recoveryStats']>[0]): RecoveryStats {
    this.queries.push(span);
    const figures = {
      repairs: 3,
      underWay: 1,
      healed: 1,
      failed: 1,
      success: 0.5,
      actSeconds: 1.5,
      healSeconds: undefined,
    };
    const times = { incidents: 2, detectedSeconds: 2.5, recoveredSeconds: 21 };
    const { since, until } = span;
    return {
      since,
      until,
      total: figures,
      types: [{ type: 'unhealthy', ...figures, ...times }],
      strategies: [{ strategy: 'restart', ...figures }],
      pairs: [{ type: 'unhealthy', strategy: 'restart', ...figures }],
    };
  }
  report(...asked: Parameters<Records['report']>): Report {
    this.queries.push(asked);
    return aReport();
  }
}

const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** Everything that `createApp` needs, made of the fakes above. */
export const someDeps = (differing: Partial<Deps> = {}): Deps => ({
  view: new FakeView(),
  records: new FakeRecords(),
  errors: new FakeErrors(),
  backups: { list: async () => [aBackup()] },
  alerts: { take: async received => ({ queued: received.length, repeated: 0, ignored: 0 }) },
  metrics: { contentType: 'text/plain; version=0.0.4', metrics: async () => 'watchdog_build_info 1\n' },
  token: TOKEN,
  clock: { now: () => Date.now(), after: () => () => {} },
  logger: silent,
  closing: new AbortController().signal,
  queues: [],
  ...differing,
});
