import type { BackupStore } from './adapters/backup-store.ts';
import type { Clock } from './adapters/clock.ts';
import type { Docker, EngineEvent } from './adapters/docker/docker.ts';
import type { HostFiles } from './adapters/host-files.ts';
import type { Logger } from './adapters/logger.ts';
import { Notices } from './adapters/notices.ts';
import type { QueryNumber } from './adapters/prometheus-query.ts';
import type { ListLength } from './adapters/redis-list.ts';
import type { Problem, Settings } from './config/settings.ts';
import type { AlertBook } from './domain/alert.ts';
import type { Pause, Scope } from './domain/decision.ts';
import { type Finding, HOST } from './domain/finding.ts';
import type { News } from './domain/news.ts';
import type { ServiceRef } from './domain/service.ts';
import { type Duration, type Instant, seconds } from './domain/time.ts';
import { type KnowledgeSources, know } from './knowledge.ts';
import { Lanes } from './lanes.ts';
import type { LogSources } from './log-sources.ts';
import { LogWatch } from './log-watch.ts';
import { EngineWatch, type WatchTools } from './observe/engine-watch.ts';
import type { LoadSensor } from './observe/load-sensor.ts';
import { Measuring } from './observe/measuring.ts';
import { StackKeeper } from './observe/stack-keeper.ts';
import { Pipeline, type Report } from './pipeline.ts';
import { Chronicle } from './record/chronicle.ts';
import type { Ledger } from './record/ledger/ledger.ts';
import type { Metrics } from './record/metrics.ts';
import { ENGINE_MARGIN } from './repair/carry-out.ts';
import { Deeds } from './repair/deeds.ts';
import { Recovery } from './repair/recovery.ts';
import { RefusedStarts } from './repair/refused-starts.ts';
import type { StrategyRegistry } from './repair/registry.ts';
import { Slots } from './repair/slots.ts';
import { Throttles } from './repair/throttles.ts';
import { scaler } from './scaler.ts';
import type { Sizes } from './sizes.ts';
import { type Wishes, wishes } from './wishes.ts';

/** How long a stop waits for what the engine is doing for us; Docker kills after 10 s unless told otherwise. */
const PATIENCE: Duration = seconds(8);

/** What a watchdog is built from. Tests bring their own engine, clock and ledger. */
export interface Parts {
  /** Asked afresh each time, so that a reload holds at once. */
  readonly settings: () => Settings;
  readonly read: Docker;
  readonly act: Docker;
  readonly ledger: Ledger;
  readonly alerts: AlertBook;
  readonly files: HostFiles;
  readonly backups: BackupStore;
  readonly queues: ListLength;
  /** Undefined: nobody reads logs. */
  readonly logs: LogSources | undefined;
  /** Undefined while no Prometheus is known. */
  readonly query: () => QueryNumber | undefined;
  readonly scope: Scope;
  readonly metrics: Pick<Metrics, 'roundTook' | 'eventGap' | 'oomKilled'>;
  readonly report: (news: News) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly engineMargin?: Duration;
  readonly importStrategy?: KnowledgeSources['importStrategy'] | undefined;
}

export interface Watchdog extends Wishes {
  readonly stack: StackKeeper;
  readonly watch: EngineWatch;
  readonly measuring: Measuring;
  readonly sizes: Sizes;
  readonly logs: LogWatch;
  /** Reads the load of every service that is scaled; `run` has it do so each interval. */
  readonly sensor: Pick<LoadSensor, 'read'>;
  readonly pipeline: Pipeline;
  readonly lanes: Lanes;
  readonly slots: Slots;
  readonly strategies: StrategyRegistry;
  /** What an alert can ask for. */
  readonly abilities: () => { readonly strategies: readonly string[]; readonly playbooks: readonly string[] };
  readonly pauseOf: (ref: ServiceRef, now: Instant) => Pause | undefined;
  /** What is wrong with playbooks and strategy files; they were left out. */
  readonly problems: () => readonly Problem[];
  /** Reads the playbooks again, after the settings have changed. */
  readonly reload: () => void;
  /** Watches until the signal fires, then ends what is under way, or leaves it in the journal. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Builds the rooms and joins them. Starts nothing. */
export async function assemble(given: Parts): Promise<Watchdog> {
  const [deeds, refused] = [new Deeds(), new RefusedStarts()];
  const parts: Parts = { ...given, read: refused.told(given.read), act: refused.noted(given.act) };
  const { ledger, clock, settings, read } = parts;
  const knowledge = await know({ ...parts, act: deeds.noted(parts.act) });
  const stack = new StackKeeper((ref, labels) => knowledge.policyOf(ref, labels).dependsOn, parts.settings().interval);
  const chronicle = new Chronicle(ledger, parts.report, clock, parts.logger);
  const slots = new Slots(parts.settings().maxParallel);
  const notices = new Notices();
  const [stopping, handsOff] = [new AbortController(), new AbortController()];
  const recovery = recoveryFrom(parts, knowledge.strategies);
  const answers = new WeakMap<Finding, (report: Report) => void>();
  const emit = (finding: Finding) => lanes.submit(finding);
  const isUnderRepair = (ref: ServiceRef) => pipeline.isUnderRepair(ref);
  const scaling = scaler({ ...parts, stack, emit, isUnderRepair });
  const logs = new LogWatch({ ...parts, ...knowledge, stack, emit, looked: signal => watch.looked(signal) });
  const pipeline: Pipeline = new Pipeline({
    ...parts,
    ...knowledge,
    stack,
    sizes: scaling.sizes,
    errors: logs,
    chronicle,
    docker: read,
    hands: { docker: read, slots, clock, engineMargin: parts.engineMargin ?? ENGINE_MARGIN, stopping: stopping.signal },
    eyes: { docker: read, notices, clock, alerts: parts.alerts },
    storm: { stormLimit: settings().stormLimit, stormWindow: settings().stormWindow },
    watchingSince: clock.now(),
    lookAtHost: ref => measuring.lookAtHost(ref),
    takeUp: ref => recovery.takeUp(ref, handsOff.signal),
    submit: emit,
    submitAt: (at, finding, key) => lanes.submitAt(at, finding, key),
    stopping: stopping.signal,
    handsOff: handsOff.signal,
  });
  const lanes: Lanes = new Lanes(finding => pipeline.attend(finding, answers.get(finding)), clock);
  const isOurs = (of: EngineEvent) => pipeline.isAtWork(of) || deeds.isOurs(of) || recovery.wasOurs(of, of.at);
  const prepare = () => recovery.takeUpAll(handsOff.signal, stopping.signal);
  const measuring = measuringFor(parts, stack, emit, knowledge.policyOf);
  const watch = watchOver(parts, { stack, notices, slots, emit, prepare, isOurs });
  const watchers = [watch, measuring, scaling.sensor, logs, throttlesFor(parts, stack)];
  return {
    stack,
    watch,
    measuring,
    ...scaling,
    logs,
    pipeline,
    lanes,
    slots,
    ...knowledge,
    reload: () => {
      knowledge.reload();
      logs.reload();
    },
    abilities: () => ({ strategies: knowledge.strategies.names(), playbooks: knowledge.playbookNames() }),
    ...wishes({ ledger, clock, stack, lanes, chronicle, answers, logs }),
    run: until({ watchers, lanes, stopping, handsOff, clock }),
  };
}

interface Living {
  readonly watchers: readonly { run(signal: AbortSignal): Promise<void> }[];
  readonly lanes: Pick<Lanes, 'close' | 'idle'>;
  readonly stopping: AbortController;
  readonly handsOff: AbortController;
  readonly clock: Pick<Clock, 'after'>;
}

/** Nothing begins any more from the moment at which the signal fires; what is under way then may end, for as long as there is patience. */
const until =
  ({ watchers, lanes, stopping, handsOff, clock }: Living): Watchdog['run'] =>
  async signal => {
    let cancel = () => {};
    const stop = () => {
      stopping.abort(new Error('the watchdog was told to stop'));
      void lanes.close();
      cancel = clock.after(PATIENCE, () => handsOff.abort(stopping.signal.reason));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    await Promise.all(watchers.map(watcher => watcher.run(signal)));
    await lanes.idle();
    cancel();
  };

type WatchParts = Pick<WatchTools, 'stack' | 'notices' | 'slots' | 'emit' | 'prepare' | 'isOurs'>;

function watchOver({ settings, read, ledger, scope, clock, logger, metrics }: Parts, parts: WatchParts): EngineWatch {
  const { projects } = scope;
  const watch: EngineWatch = new EngineWatch({
    ...parts,
    docker: read,
    clock,
    logger,
    inScope: project => projects === '*' || projects.includes(project),
    project: projects !== '*' && projects.length === 1 ? projects[0] : undefined,
    stops: ledger,
    interval: settings().interval,
    since: ledger.bookmark('events'),
    answeredAt: ledger.bookmark('answered'),
    rememberedStops: () => ledger.stops(),
    openIncidents: () => ledger.servicesInTrouble().filter(isLookedAtByRounds),
    onRound: took => {
      metrics.roundTook(took / 1_000);
      ledger.setBookmark('answered', clock.now());
      if (watch.lastEventAt !== undefined) ledger.setBookmark('events', watch.lastEventAt);
    },
    onGap: () => metrics.eventGap(),
    onOom: ref => metrics.oomKilled(ref),
  });
  return watch;
}

type PolicyOf = Awaited<ReturnType<typeof know>>['policyOf'];

const measuringFor = (
  parts: Parts,
  stack: StackKeeper,
  emit: (finding: Finding) => void,
  policyOf: PolicyOf,
): Measuring =>
  new Measuring({
    ...parts,
    ...parts.files,
    mayGive: replica => {
      const { freeMemory, critical, enabled, mode } = policyOf(replica, replica.labels);
      return freeMemory && !critical && enabled && mode === 'repair' && replica.id !== parts.scope.selfId;
    },
    docker: parts.read,
    stack,
    emit,
    interval: parts.settings().interval,
    watched: () => parts.settings().disk,
    dataFolder: parts.settings().dataFolder,
  });

const throttlesFor = (parts: Parts, stack: StackKeeper): Throttles =>
  new Throttles({
    ...parts,
    docker: { resources: parts.read.resources, update: parts.act.update },
    throttles: parts.ledger,
    stack,
    interval: parts.settings().interval,
  });

/** The engine tells itself when it is back. */
const isLookedAtByRounds = ({ project, service }: ServiceRef): boolean => project !== HOST || service !== 'engine';

const recoveryFrom = ({ ledger, clock, logger }: Parts, strategies: StrategyRegistry): Recovery =>
  new Recovery({
    unfinished: () => ledger.unfinishedRepairs(),
    strategies,
    note: (id, step, data) => ledger.noteStep(id, step, data, clock.now()),
    end: (id, outcome, code, because) => ledger.endRepair(id, outcome, code, because, clock.now()),
    clock,
    logger,
  });
