import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackupStore, backupFolder, backupStore } from './adapters/backup-store.ts';
import { systemClock as clock } from './adapters/clock.ts';
import { connectDocker } from './adapters/docker/connect.ts';
import type { Docker } from './adapters/docker/docker.ts';
import { connectLogs } from './adapters/docker/logs.ts';
import { hostFiles } from './adapters/host-files.ts';
import type { Logger } from './adapters/logger.ts';
import { ownContainerId } from './adapters/own-container.ts';
import { connectPrometheus, type Prometheus } from './adapters/prometheus.ts';
import { type QueryNumber, queryPrometheus } from './adapters/prometheus-query.ts';
import { redisListLength } from './adapters/redis-list.ts';
import { sendHttp } from './adapters/send-http.ts';
import { TIDY_AFTER, tidyUp } from './adapters/tidy-up.ts';
import { createLogger } from './adapters/winston-logger.ts';
import { withoutRepeats } from './adapters/without-repeats.ts';
import { assemble, type Parts, type Watchdog } from './assemble.ts';
import type { ExitStatus } from './cli/exit.ts';
import type { Loaded } from './config/load-settings.ts';
import { formatProblem } from './config/problem.ts';
import { DEFAULT_CONFIG_FILE } from './config/read-config-file.ts';
import type { Settings } from './config/settings.ts';
import { watchConfig } from './config/watch-config.ts';
import type { QueueFill } from './domain/queue-fill.ts';
import { hours } from './domain/time.ts';
import { type LogSources, logSources } from './log-sources.ts';
import { loadSettingsAndMask } from './masking.ts';
import { KeptAlertBook } from './observe/alert-book.ts';
import { receive } from './receive.ts';
import type { AlertLedger } from './record/ledger/alerts.ts';
import type { Ledger } from './record/ledger/ledger.ts';
import { ledgerPath, openLedger } from './record/ledger/open-ledger.ts';
import type { Outbox } from './record/ledger/outbox.ts';
import { logReporter } from './record/log-reporter.ts';
import { createMetrics, type Metrics } from './record/metrics.ts';
import { metricsReporter } from './record/metrics-reporter.ts';
import { Notifier } from './record/notify/notifier.ts';
import { type Reporter, tellAll } from './record/reporter.ts';
import { bounded } from './repair/bounded.ts';
import { warnOfRivals } from './rivals.ts';
import { findScope, scopeFrom } from './scope.ts';
import { watchSelf } from './self-watch.ts';
import { createApp } from './serve/app.ts';
import { listen } from './serve/listen.ts';
import { NewsFeed } from './serve/news-feed.ts';
import { sharedToken } from './serve/token-copy.ts';
import type { WatchdogView } from './serve/watchdog-view.ts';
import { policyOf, standingOf } from './standing.ts';
import { stopOn } from './stop-on.ts';
import { viewOn } from './view.ts';

export const VERSION: string = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'),
).version;

/** A rejection of what was asked for at start: said in sentences, exit status 2. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Everything around the road, from the environment: what both a running watchdog and a single look need. */
interface Base {
  readonly settings: { current: Settings };
  readonly read: Docker;
  readonly act: Docker;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly backups: BackupStore;
  readonly alerts: AlertLedger;
  readonly logs: LogSources;
  readonly book: KeptAlertBook;
  readonly metrics: Metrics;
  readonly feed: NewsFeed;
  readonly logger: Logger;
  /** Called after each round. */
  readonly afterRound: (() => void)[];
  /** Those that are nobody else's: who makes a queue adds it here. */
  readonly queues: (() => QueueFill)[];
}

/** Runs until SIGTERM or SIGINT, or until only a fresh start can help. @returns the exit status. */
export async function runWatchdog(env: NodeJS.ProcessEnv): Promise<ExitStatus> {
  const settings = checked(load(env));
  await mkdir(settings.dataFolder, { recursive: true });
  const stderr = process.stderr.isTTY ? 'text' : 'json';
  const lines = createLogger({ level: settings.logLevel, file: settings.logFile, stderr });
  const logger = withoutRepeats(lines, clock);
  const stop = new AbortController();
  const ending = stopOn(stop, logger, clock);
  const running: { watchdog?: Watchdog } = {};
  const token = await sharedToken(settings, logger);
  const base = prepare(env, settings, logger);
  const endSelfWatch = watchSelf({
    ...base,
    stuckAfter: settings.stuckAfter,
    watchdog: () => running.watchdog,
    ending,
  });
  const view = viewOn({ ...base, clock }, () => running.watchdog);
  const notifier = notifierOn(base, () => running.watchdog);
  const parts = partsOf(base, notifier.reporter);
  const receiving = receive({ ...base, prometheus: () => pulledFrom(base), report: parts.report, clock });
  base.afterRound.push(() => notifier.beat(), receiving.round);
  base.queues.push(receiving.door.fill);
  const app = createApp({
    view,
    records: base.ledger,
    errors: base.logs.ledger,
    backups: base.backups,
    alerts: receiving.door,
    metrics: base.metrics,
    token,
    clock,
    logger,
    closing: stop.signal,
    queues: base.queues,
  });
  const server = await listen(app, settings);
  logger.info('watchdog started', { version: VERSION, address: server.address, mode: settings.policy.mode });
  const telling = notifier.run(stop.signal);
  try {
    const scope = await findScope(settings, base.read, clock, logger, stop.signal);
    const watchdog = await bounded(assemble({ ...parts, scope }), stop.signal);
    running.watchdog = watchdog;
    receiving.attendWith(watchdog);
    const watched = scope.projects === '*' ? 'all projects' : scope.projects.join(', ');
    logger.info('watching', { projects: watched, strategies: watchdog.strategies.names() });
    await watch(env, base, watchdog, scope.selfId, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    stop.abort();
    await telling;
    await server.close();
    base.ledger.close();
    endSelfWatch();
    logger.info('watchdog stopped', {});
    await logger.close();
  }
  return ending.status();
}

/** Until the signal fires, and what was under way then has ended. */
async function watch(
  env: NodeJS.ProcessEnv,
  base: Base,
  watchdog: Watchdog,
  selfId: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { settings, logger, afterRound } = base;
  for (const problem of watchdog.problems()) logger.error('left out', { problem: formatProblem(problem) });
  base.metrics.mirror(standingOf({ ...base, clock }, watchdog));
  afterRound.push(warnOfRivals({ stack: watchdog.stack, selfId, logger }));
  const file = settings.current.configFile ?? DEFAULT_CONFIG_FILE;
  const endings = [
    watchConfig(file, () => reload(env, base, watchdog)),
    forgetHourly(base),
    clock.after(TIDY_AFTER, tidyUp),
  ];
  await watchdog.run(signal);
  for (const end of endings) end();
}

/** One look at everything, for commands beside no running watchdog. Nothing is watched and nothing repaired, nor remembered. */
export async function openView(env: NodeJS.ProcessEnv): Promise<{ view: WatchdogView; close(): Promise<void> }> {
  const settings = checked(load(env));
  await mkdir(settings.dataFolder, { recursive: true });
  const logger = createLogger({ level: 'error', file: undefined, stderr: 'text' });
  const base = prepare(env, settings, logger);
  const scope = await scopeFrom(settings, base.read);
  const ledger: Ledger = { ...base.ledger, rememberSizes: () => undefined };
  const watchdog = await assemble({ ...partsOf(base), ledger, scope });
  await watchdog.watch.once();
  await watchdog.sensor.read();
  const close = async () => {
    base.ledger.close();
    await logger.close();
  };
  return { view: viewOn({ ...base, clock }, () => watchdog), close };
}

const load = (env: NodeJS.ProcessEnv): Loaded =>
  loadSettingsAndMask({ env, inContainer: ownContainerId() !== undefined });

function checked({ settings, problems }: Loaded): Settings {
  if (problems.length > 0) throw new StartError(problems.map(formatProblem).join('\n'));
  return settings;
}

function prepare(env: NodeJS.ProcessEnv, settings: Settings, logger: Logger): Base {
  const metrics = createMetrics({ version: VERSION });
  const onRequest = (endpoint: string, code: string) => metrics.engineAsked(endpoint, code);
  const connect = (host: string | undefined) => connectDocker({ host, env, onRequest });
  const read = connect(env.DOCKER_HOST);
  const act = settings.actHost === undefined ? read : connect(settings.actHost);
  const { ledger, outbox, alerts, logs } = openLedger(ledgerPath(settings.dataFolder), {
    logger,
    onFailure: () => metrics.ledgerFailed(),
  });
  metrics.recall(ledger);
  const book = new KeptAlertBook(alerts);
  const inForce = { current: settings };
  const feed = new NewsFeed();
  return {
    settings: inForce,
    read,
    act,
    ledger,
    outbox,
    backups: backupStore(backupFolder(settings.dataFolder)),
    alerts,
    logs: logSources(connectLogs({ host: env.DOCKER_HOST, env, onRequest }), logs, metrics.logs, inForce, logger),
    book,
    metrics,
    feed,
    logger,
    afterRound: [],
    queues: [],
  };
}

function partsOf(base: Base, ...more: readonly Reporter[]): Omit<Parts, 'scope'> {
  const { settings, read, act, ledger, logs, book, metrics, feed, logger, afterRound } = base;
  const reporters = [logReporter(logger), metricsReporter(metrics), feed, ...more];
  return {
    settings: () => settings.current,
    // People are told when the engine has been: three log lines take as long as the way from the event to the call.
    report: news => setImmediate(tellAll, reporters, news, logger),
    random: () => randomInt(2 ** 32) / 2 ** 32,
    read,
    act,
    ledger,
    alerts: book,
    files: hostFiles,
    backups: base.backups,
    queues: redisListLength,
    logs,
    query: () => queryOf(settings.current),
    metrics: {
      eventGap: metrics.eventGap,
      oomKilled: metrics.oomKilled,
      roundTook: took => {
        metrics.roundTook(took);
        for (const next of afterRound) next();
      },
    },
    clock,
    logger,
  };
}

const queryOf = ({ prometheus: { url } }: Settings): QueryNumber | undefined =>
  url === undefined ? undefined : queryPrometheus(url, sendHttp);

function pulledFrom({ settings }: Base): Prometheus | undefined {
  const { url, pullAlerts } = settings.current.prometheus;
  return pullAlerts && url !== undefined ? connectPrometheus(url, sendHttp) : undefined;
}

const notifierOn = (base: Base, watchdog: () => Watchdog | undefined): Notifier =>
  new Notifier({
    ...base,
    settings: () => base.settings.current,
    services: () => watchdog()?.stack.services() ?? [],
    critical: ref => policyOf(base.settings.current, ref, watchdog()?.stack).critical,
    send: sendHttp,
    clock,
  });

/** A bad reload keeps the old settings. */
function reload(env: NodeJS.ProcessEnv, { settings, logger }: Base, watchdog: Watchdog): void {
  const loaded = load(env);
  for (const problem of loaded.problems)
    logger.error('the new settings are refused', { problem: formatProblem(problem) });
  if (loaded.problems.length > 0) return;
  settings.current = loaded.settings;
  watchdog.reload();
  for (const problem of watchdog.problems()) logger.error('left out', { problem: formatProblem(problem) });
  logger.info('settings reloaded', {});
}

function forgetHourly({ ledger, settings, logger }: Base): () => void {
  const forget = () => {
    const { keep, maxBytes } = settings.current.retention;
    try {
      ledger.forget(keep, maxBytes, clock.now());
    } catch (error) {
      logger.error('old entries could not be forgotten', { error: String(error) });
    }
  };
  const timer = setInterval(forget, hours(1)).unref();
  return () => clearInterval(timer);
}
