import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { backupStore } from '../../watchdog/adapters/backup-store.ts';
import type { Space } from '../../watchdog/adapters/free-space.ts';
import type { Logger } from '../../watchdog/adapters/logger.ts';
import type { Prometheus } from '../../watchdog/adapters/prometheus.ts';
import { assemble, type Watchdog } from '../../watchdog/assemble.ts';
import { loadSettings } from '../../watchdog/config/load-settings.ts';
import type { Alert } from '../../watchdog/domain/alert.ts';
import { type IncidentKind, keyOf } from '../../watchdog/domain/incident.ts';
import type { LogPattern } from '../../watchdog/domain/log-error.ts';
import type { News } from '../../watchdog/domain/news.ts';
import type { ReceivedAlert } from '../../watchdog/domain/received-alert.ts';
import type { IncidentRecord, RepairRecord } from '../../watchdog/domain/records.ts';
import type { Duration } from '../../watchdog/domain/time.ts';
import type { LogSources } from '../../watchdog/log-sources.ts';
import { KeptAlertBook } from '../../watchdog/observe/alert-book.ts';
import { type Receiving, receive } from '../../watchdog/receive.ts';
import type { Delivery } from '../../watchdog/record/alert-inbox.ts';
import type { AlertLedger } from '../../watchdog/record/ledger/alerts.ts';
import type { Ledger } from '../../watchdog/record/ledger/ledger.ts';
import type { LogLedger } from '../../watchdog/record/ledger/logs.ts';
import { openLedger } from '../../watchdog/record/ledger/open-ledger.ts';
import type { Outbox } from '../../watchdog/record/ledger/outbox.ts';
import { LogTallies } from '../../watchdog/record/log-tallies.ts';
import { FakeAlerts } from '../fakes/fake-alerts.ts';
import { FakeClock, settled } from '../fakes/fake-clock.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { FakeLogs } from '../fakes/fake-logs.ts';
import { ROOMY } from '../fakes/needs.ts';
import { type Mortal, mortalAlerts, mortalClock, mortalDocker, mortalLedger, mortalLogs } from './mortal.ts';

/** A real file, in memory where there is such a folder: a walk writes as often as a watchdog in weeks. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export interface WalkOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The configuration file; none where it is missing. */
  readonly config?: string;
  /** The watchdog's own container. */
  readonly selfId?: string;
  readonly projects?: readonly string[] | '*';
  /** What is recognised in logs; nobody reads any where it is missing. */
  readonly patterns?: readonly LogPattern[];
  /** Alerts come in by the door, and are kept in the ledger; else the test writes the book itself. */
  readonly receiving?: boolean;
}

/** A watchdog on a fake engine and a fake clock, with a real ledger: the whole road, step by step. */
export class Walk {
  readonly clock = new FakeClock();
  readonly engine = new FakeEngine(this.clock);
  readonly alerts = new FakeAlerts();
  /** By path, where a test wants less room than there is. */
  readonly disks = new Map<string, Space>();
  /** How many items there are, by the name of the list. */
  readonly queues = new Map<string, number>();
  /** What Prometheus answers, by query. Without any none is known. */
  readonly answers = new Map<string, number>();
  /** Of the host, in bytes. */
  memory = { total: 8e9, available: 6e9 };
  readonly news: News[] = [];
  /** `error: the ledger cannot be written`, with its values. */
  readonly logged: string[] = [];
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly kept: AlertLedger;
  readonly keptLogs: LogLedger;
  /** What containers write to the watchdog that lives. */
  logs = new FakeLogs();
  readonly logCounts = new LogTallies();
  /** The Prometheus whose alerts are pulled, if any. */
  prometheus: Pick<Prometheus, 'firingAlerts'> | undefined;
  /** Hears the news as a reporter would. */
  onNews: (news: News) => void = () => undefined;
  readonly options: WalkOptions;
  /** The disk is full: every write fails, as the ledger itself would say it. */
  ledgerFails = false;
  /** Called before and after each engine call and each write of the ledger: moments at which a watchdog may die. */
  onStep: (phase: 'before' | 'after') => void = () => undefined;
  #watchdog: Watchdog | undefined;
  #receiving: Receiving | undefined;
  #life: Life | undefined;
  readonly #folder = mkdtempSync(join(MEMORY, 'cw-walk-'));

  constructor(options: WalkOptions = {}) {
    this.options = options;
    const { ledger, outbox, alerts, logs } = openLedger(join(this.#folder, 'ledger.sqlite'), { logger: this.#logger });
    this.ledger = ledger;
    this.kept = alerts;
    this.keptLogs = logs;
    this.outbox = outbox;
  }

  get watchdog(): Watchdog {
    if (this.#watchdog === undefined) throw new Error('the watchdog was not started');
    return this.#watchdog;
  }

  /** As Alertmanager calls. */
  async deliver(...alerts: readonly ReceivedAlert[]): Promise<Delivery> {
    if (this.#receiving === undefined) throw new Error('the watchdog was not started');
    const delivery = this.#receiving.inbox.take(alerts);
    await settled();
    return delivery;
  }

  /** Starts a watchdog on what the ledger knows, and lets it make its first look. */
  async start(): Promise<void> {
    // What stood before it came happened before: else the engine would replay its beginnings with the first reconnect.
    await this.clock.advance(1_000);
    const life: Life = { alive: true, stop: new AbortController(), ended: undefined };
    const { settings, problems } = loadSettings({
      env: { ...this.options.env, WATCHDOG_CONFIG: this.options.config ?? '' },
      inContainer: false,
    });
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
    const mortal: Mortal = {
      isAlive: () => life.alive,
      canWrite: () => !this.ledgerFails,
      step: phase => this.onStep(phase),
    };
    const docker = mortalDocker(this.engine.docker, mortal);
    const parts = {
      read: docker,
      ledger: mortalLedger(this.ledger, mortal),
      report: (news: News) => {
        this.news.push(news);
        this.onNews(news);
      },
      clock: mortalClock(this.clock, mortal),
      logger: this.#logger,
    };
    const alerts = mortalAlerts(this.kept, mortal);
    const book = new KeptAlertBook(alerts);
    const receiving = receive({
      ...parts,
      alerts,
      book,
      metrics: { alertsTaken: () => undefined },
      prometheus: () => this.prometheus,
    });
    this.#watchdog = await assemble({
      ...parts,
      settings: () => settings,
      act: docker,
      alerts: this.options.receiving ? book : this.alerts,
      files: {
        freeSpace: async path => this.disks.get(path) ?? ROOMY,
        removeOldLogs: async () => 0,
        memory: async () => this.memory,
      },
      backups: backupStore(join(this.#folder, 'backups')),
      queues: async address => this.queues.get(address.split('#')[1] ?? '') ?? 0,
      query: () => (this.answers.size === 0 ? undefined : this.#answer),
      logs: this.#logSources(mortal),
      scope: { projects: this.options.projects ?? '*', selfId: this.options.selfId },
      metrics: { roundTook: () => receiving.round(), eventGap: () => undefined, oomKilled: () => undefined },
      random: () => 0.5,
      importStrategy: file => import(pathToFileURL(file).href),
    });
    if (this.options.receiving) receiving.attendWith(this.#watchdog);
    this.#receiving = receiving;
    this.#life = life;
    life.ended = this.#watchdog.run(life.stop.signal).then(() => {
      life.alive = false;
    });
    await settled();
  }

  /** SIGKILL: from this instant on nothing it began goes on. */
  kill(): void {
    if (this.#life !== undefined) this.#life.alive = false;
  }

  /** SIGTERM. Resolves when it has ended, after as much time as that takes. */
  async stop(): Promise<void> {
    const life = this.#life;
    if (life === undefined || !life.alive) return;
    life.stop.abort(new Error('told to stop'));
    for (let waited = 0; life.alive && waited < 60; waited += 1) await this.clock.advance(1_000);
    await settled();
    if (life.alive) throw new Error('the watchdog did not stop within a minute');
  }

  advance(duration: Duration): Promise<void> {
    return this.clock.advance(duration);
  }

  /** Ends everything, for `afterEach`. */
  async end(): Promise<void> {
    await this.stop();
    this.ledger.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** All repairs, oldest first, as `restart shop-web-1 healed`. */
  repairs(): string[] {
    return this.repairRecords().map(({ order, outcome }) => {
      const names = order.targets.map(({ name }) => name).join(' ');
      return `${order.strategy} ${names} ${outcome ?? 'under way'}`;
    });
  }

  repairRecords(): RepairRecord[] {
    return [...this.ledger.repairs({ limit: 500 }).items].reverse();
  }

  openIncident(service: string, kind: IncidentKind = 'ailing'): IncidentRecord | undefined {
    const open = this.ledger.openIncidentOf(keyOf({ project: 'shop', service, kind }));
    return open && this.ledger.incident(open.id);
  }

  /** The alert begins, and whoever receives alerts tells the road. */
  async alertFires(alert: Alert): Promise<void> {
    this.alerts.fires(alert);
    await this.#tell(alert);
  }

  async alertEnds(alert: Alert): Promise<void> {
    this.alerts.ends(alert);
    await this.#tell(alert);
  }

  async #tell({ target, name }: Alert): Promise<void> {
    const now = this.clock.now();
    const evidence = { alert: name };
    this.watchdog.lanes.submit({ kind: 'alert', target, source: 'alertmanager', at: now, seenAt: now, evidence });
    await settled();
  }

  /** The news of these types, as `incident-escalated web attempt-cap`. */
  told(...types: News['type'][]): string[] {
    return this.news.filter(({ type }) => types.includes(type)).map(news => [news.type, ...wordsOf(news)].join(' '));
  }

  /** The code of the last decision about the service, and its sentence. */
  lastDecision(service: string): string {
    const [last] = this.ledger.decisions({ limit: 1, project: 'shop', service }).items;
    return last === undefined ? 'none' : `${last.code}: ${last.because}`;
  }

  readonly #answer = async (promql: string): Promise<number> => {
    const answer = this.answers.get(promql);
    if (answer === undefined) throw new Error('the query returns nothing');
    return answer;
  };

  #logSources(mortal: Mortal): LogSources | undefined {
    const { patterns } = this.options;
    if (patterns === undefined) return undefined;
    this.logs = new FakeLogs();
    const ledger = mortalLogs(this.keptLogs, mortal);
    return { logs: this.logs, ledger, counts: this.logCounts, patterns: () => patterns };
  }

  get #logger(): Logger {
    const note = (level: string) => (message: string, values?: object) =>
      void this.logged.push(`${level}: ${message} ${JSON.stringify(values ?? {})}`);
    return { error: note('error'), warn: note('warn'), info: () => undefined, debug: () => undefined };
  }
}

function wordsOf(news: News): string[] {
  switch (news.type) {
    case 'found':
      return [news.finding.target.service, news.finding.kind];
    case 'incident-opened':
      return [news.incident.service, news.incident.condition];
    case 'incident-escalated':
      return [news.incident.service, news.code];
    case 'incident-resolved':
      return [news.ref.service];
    case 'repair-ended':
      return [news.order.service, news.outcome];
    default:
      return [];
  }
}

/** One run of the watchdog. Whoever is no longer alive was killed, or has ended. */
interface Life {
  alive: boolean;
  readonly stop: AbortController;
  ended: Promise<void> | undefined;
}
