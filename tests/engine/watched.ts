import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BackupStore, backupFolder, backupStore } from '../../watchdog/adapters/backup-store.ts';
import { systemClock } from '../../watchdog/adapters/clock.ts';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import type { Docker } from '../../watchdog/adapters/docker/docker.ts';
import { connectLogs, type Logs } from '../../watchdog/adapters/docker/logs.ts';
import { hostFiles } from '../../watchdog/adapters/host-files.ts';
import type { HostMemory } from '../../watchdog/adapters/host-memory.ts';
import type { Logger } from '../../watchdog/adapters/logger.ts';
import { redisListLength } from '../../watchdog/adapters/redis-list.ts';
import { assemble, type Watchdog } from '../../watchdog/assemble.ts';
import { loadSettings } from '../../watchdog/config/load-settings.ts';
import { NO_ALERTS } from '../../watchdog/domain/alert.ts';
import type { News } from '../../watchdog/domain/news.ts';
import type { DecisionRecord, ErrorRecord, IncidentRecord, RepairRecord } from '../../watchdog/domain/records.ts';
import type { Duration } from '../../watchdog/domain/time.ts';
import { type LogSources, logSources } from '../../watchdog/log-sources.ts';
import type { Ledger } from '../../watchdog/record/ledger/ledger.ts';
import { openLedger } from '../../watchdog/record/ledger/open-ledger.ts';
import { Pulse, until } from './pulse.ts';

/** Everything short, so that a story is told in seconds. */
export const SHORT = {
  WATCHDOG_INTERVAL: '1s',
  WATCHDOG_SETTLE: '1s',
  RESTART_COOLDOWN: '1s',
  WATCHDOG_BACKOFF_INITIAL: '500ms',
  WATCHDOG_BACKOFF_MAX: '500ms',
  WATCHDOG_STOP_GRACE: '2s',
  WATCHDOG_STORM_LIMIT: '1000 per 10m',
};

export interface WatchOptions {
  readonly projects: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Playbooks beside the built-in ones: file name -> YAML. */
  readonly playbooks?: Readonly<Record<string, string>>;
  /** What `watchdog.yml` says besides. */
  readonly config?: string;
  readonly read?: Docker;
  readonly act?: Docker;
  /** To go on with the memory of an earlier one. */
  readonly ledgerFile?: string;
  readonly ledger?: (ledger: Ledger) => Ledger;
  /** What the engine may take besides the stop grace. */
  readonly engineMargin?: number;
  readonly report?: (news: News) => void;
  /** Reads what the containers write as well, by these where the engine is another one. */
  readonly readsLogs?: true | Logs;
  /** In place of the host's own. */
  readonly memory?: HostMemory;
  /** How long people have to answer, asked afresh each time; the settings themselves take nothing below a minute. */
  readonly waitForYes?: () => Duration;
}

/** One incident from its opening to its end, with the repairs in their order. */
export interface Story {
  readonly incident: IncidentRecord;
  readonly repairs: readonly RepairRecord[];
}

/** A watchdog in this process, over one or more projects. */
export interface Watched {
  readonly watchdog: Watchdog;
  readonly ledger: Ledger;
  readonly backups: BackupStore;
  /** What the logs told of. */
  readonly errors: (service: string) => readonly ErrorRecord[];
  /** Looks with every event, line of the log and round. `deadline`: in milliseconds, for what takes long by itself. */
  readonly until: <T>(
    what: string,
    probe: () => T | Promise<T>,
    deadline?: number,
  ) => Promise<Exclude<T, false | null | undefined | 0 | ''>>;
  /** Provokes, and waits until an incident of that service that was opened since has been resolved. */
  readonly story: (service: string, provoke: () => Promise<unknown>) => Promise<Story>;
  readonly incidents: (service: string) => readonly IncidentRecord[];
  readonly repairs: (service: string) => readonly RepairRecord[];
  /** Newest first; consecutive equal ones are one. */
  readonly decisions: (service: string) => readonly DecisionRecord[];
  /** Resolves when so many more rounds have ended: what a round would have done has then been done. */
  readonly rounds: (count: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Reads the test's settings as the product does. @throws Error when they are refused */
export function settingsFor({ projects, env, playbooks, config }: WatchOptions, folder: string) {
  mkdirSync(join(folder, 'playbooks'), { recursive: true });
  for (const [file, text] of Object.entries(playbooks ?? {})) writeFileSync(join(folder, 'playbooks', file), text);
  const configFile = join(folder, 'watchdog.yml');
  writeFileSync(configFile, `playbooks: { folders: [playbooks] }\n${config ?? ''}`);
  const all = {
    ...SHORT,
    WATCHDOG_PROJECTS: projects.join(','),
    WATCHDOG_CONFIG: configFile,
    WATCHDOG_DATA: folder,
    ...env,
  };
  const { settings, problems } = loadSettings({ env: all, inContainer: false });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return settings;
}

/** A watchdog over the projects, watching when this resolves. `stop` it whatever happens. */
export async function aWatchdog(options: WatchOptions): Promise<Watched> {
  const folder = mkdtempSync(join(tmpdir(), 'cwt-watchdog-'));
  const settings = settingsFor(options, folder);
  const { approvals } = settings;
  const wait = options.waitForYes ?? (() => approvals.wait);
  const pulse = new Pulse();
  const { log, logger } = logInMemory(pulse);
  const { ledger, logs } = openLedger(options.ledgerFile ?? join(folder, 'ledger.sqlite'), { logger });
  const backups = backupStore(backupFolder(folder));
  let rounds = 0;
  const read = options.read ?? connectDocker({ env: process.env });
  const watchdog = await assemble({
    settings: () => ({ ...settings, approvals: { ...approvals, wait: wait() } }),
    read,
    act: options.act ?? read,
    ledger: options.ledger?.(ledger) ?? ledger,
    alerts: NO_ALERTS,
    files: { ...hostFiles, memory: options.memory ?? hostFiles.memory },
    backups,
    queues: redisListLength,
    logs: options.readsLogs && logSources(logsOf(options.readsLogs), logs, UNCOUNTED, { current: settings }, logger),
    query: () => undefined,
    scope: { projects: options.projects, selfId: undefined },
    metrics: {
      roundTook: () => {
        rounds += 1;
        pulse.beat();
      },
      eventGap: () => undefined,
      oomKilled: () => undefined,
    },
    report: news => {
      log.push(brief(news));
      options.report?.(news);
      pulse.beat();
    },
    clock: systemClock,
    random: () => 0,
    logger,
    ...(options.engineMargin === undefined ? {} : { engineMargin: options.engineMargin }),
  });
  const over = new AbortController();
  const running = watchdog.run(over.signal);
  const said = () => log.slice(-25).join('\n');
  const awaitThat: Watched['until'] = (what, probe, deadline) => until(pulse, what, probe, said, deadline);
  const watched = {
    ...storiesIn(ledger, options.projects, awaitThat),
    watchdog,
    ledger,
    backups,
    errors: (service: string) => logs.errors({ limit: 500, service }).items,
    until: awaitThat,
    rounds: async (count: number) => {
      const enough = rounds + count;
      await awaitThat(`${count} more rounds`, () => rounds >= enough);
    },
    stop: async () => {
      over.abort();
      await running;
      ledger.close();
      rmSync(folder, { recursive: true });
    },
  };
  await awaitThat('the first round', () => watchdog.watch.ready);
  return watched;
}

const logsOf = (given: true | Logs): Logs => (given === true ? connectLogs({ env: process.env }) : given);

const UNCOUNTED: LogSources['counts'] = {
  linesRead: () => undefined,
  errorFound: () => undefined,
  gap: () => undefined,
};

function storiesIn(ledger: Ledger, projects: readonly string[], awaitThat: Watched['until']) {
  const all = { limit: 500 };
  const ours = (record: { readonly project: string }) => projects.includes(record.project) || record.project === 'host';
  const incidents = (service: string) => ledger.incidents({ ...all, service }).items.filter(ours);
  const repairs = (service: string) => ledger.repairs({ ...all, service }).items.filter(ours);
  return {
    incidents,
    repairs,
    decisions: (service: string) => ledger.decisions({ ...all, service }).items.filter(ours),
    story: async (service: string, provoke: () => Promise<unknown>): Promise<Story> => {
      const before = new Set(incidents(service).map(({ id }) => id));
      await provoke();
      const incident = await awaitThat(`${service} fell ill and is well again`, () =>
        incidents(service).find(({ id, state }) => !before.has(id) && state === 'resolved'),
      );
      return {
        incident,
        repairs: repairs(service)
          .filter(r => r.incidentId === incident.id)
          .toReversed(),
      };
    },
  };
}

/** Kept for the message of a test that fails. */
function logInMemory(pulse: Pulse): { readonly log: string[]; readonly logger: Logger } {
  const log: string[] = [];
  const line = (level: string) => (message: string, values?: Readonly<Record<string, unknown>>) => {
    log.push(`${time()} ${level} ${message} ${JSON.stringify(values ?? {})}`);
    pulse.beat();
  };
  return { log, logger: { error: line('error'), warn: line('warn'), info: line('info'), debug: () => undefined } };
}

const time = (): string => new Date().toISOString().slice(14, 23);

function brief(news: News): string {
  const target =
    'order' in news
      ? news.order
      : 'ref' in news
        ? news.ref
        : 'finding' in news
          ? news.finding.target
          : 'incident' in news
            ? news.incident
            : news.approval;
  const why = 'because' in news ? news.because : '';
  if (news.type !== 'decided')
    return `${time()} ${news.type} ${target.service} ${'outcome' in news ? news.outcome : ''} ${why}`;
  const { finding, decision } = news;
  const said =
    decision.verdict === 'go'
      ? decision.order.strategy
      : decision.verdict === 'stand-back'
        ? `${decision.objection.code}: ${decision.objection.because}`
        : decision.because;
  return `${time()} decided ${target.service} on ${finding.kind} ${JSON.stringify(finding.evidence)}: ${decision.verdict}, ${said}`;
}
