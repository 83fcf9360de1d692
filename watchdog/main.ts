import { join } from 'node:path';
import type { Clock } from './adapters/clock.ts';
import type { Docker } from './adapters/docker/docker.ts';
import type { Logger } from './adapters/logger.ts';
import { Notices } from './adapters/notices.ts';
import { maintenanceNow } from './config/maintenance.ts';
import { choiceProblems, choosePlaybook, loadPlaybooks, type Playbooks } from './config/playbooks.ts';
import { policyFor } from './config/policy-for.ts';
import type { Problem, Settings } from './config/settings.ts';
import type { Pause, Scope } from './domain/decision.ts';
import { HOST } from './domain/finding.ts';
import type { News } from './domain/news.ts';
import type { Strategy } from './domain/repair.ts';
import type { ServiceRef } from './domain/service.ts';
import { type Duration, type Instant, seconds } from './domain/time.ts';
import { Lanes } from './lanes.ts';
import { EngineWatch } from './observe/engine-watch.ts';
import { StackKeeper } from './observe/stack-keeper.ts';
import { Pipeline } from './pipeline.ts';
import { Chronicle } from './record/chronicle.ts';
import type { Ledger } from './record/ledger/ledger.ts';
import type { Metrics } from './record/metrics.ts';
import { ENGINE_MARGIN } from './repair/carry-out.ts';
import { loadOwnStrategies } from './repair/own-strategies.ts';
import { recoverUnfinished, type Unfinished } from './repair/recover-unfinished.ts';
import { type StrategyRegistry, strategyRegistry } from './repair/registry.ts';
import { Slots } from './repair/slots.ts';
import { builtInStrategies } from './repair/strategies.ts';

/** The built-in playbooks lie beside the program. */
const BUILT_IN_PLAYBOOKS = join(import.meta.dirname, '..', 'rules', 'playbooks');

/** How long a stop waits for what the engine is doing for us; Docker kills after 10 s unless told otherwise. */
const PATIENCE: Duration = seconds(8);

/** What a watchdog is built from. Tests bring their own engine, clock and ledger. */
export interface Parts {
  /** Asked afresh each time, so that a reload holds at once. */
  readonly settings: () => Settings;
  readonly read: Docker;
  readonly act: Docker;
  readonly ledger: Ledger;
  readonly scope: Scope;
  readonly metrics: Pick<Metrics, 'roundTook' | 'eventGap'>;
  readonly report: (news: News) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly engineMargin?: Duration;
}

export interface Watchdog {
  readonly stack: StackKeeper;
  readonly watch: EngineWatch;
  readonly pipeline: Pipeline;
  readonly lanes: Lanes;
  readonly strategies: StrategyRegistry;
  readonly pauseOf: (ref: ServiceRef, now: Instant) => Pause | undefined;
  /** What is wrong with playbooks and strategy files; they were left out. */
  readonly problems: () => readonly Problem[];
  /** Reads the playbooks again, after the settings have changed. */
  readonly reload: () => void;
  /** Watches until the signal fires, then ends what is under way, or leaves it in the journal. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Builds the rooms and joins them. Starts nothing. */
export async function assemble(parts: Parts): Promise<Watchdog> {
  const { settings, read, act, ledger, scope, clock, logger } = parts;
  const policyOf = (ref: ServiceRef, labels: Readonly<Record<string, string>>) =>
    policyFor(settings(), ref, labels, playbooks.playbooks).policy;
  const stack = new StackKeeper((ref, labels) => policyOf(ref, labels).dependsOn);
  const builtIn = builtInStrategies(actingOn(read, act));
  const own = await loadOwnStrategies(settings().strategiesFolder, { docker: actingOn(read, act) }, namesOf(builtIn));
  const strategies = strategyRegistry([...builtIn, ...own.strategies]);
  let playbooks: Playbooks = playbooksFor(settings(), strategies);
  const pauseOf = (ref: ServiceRef, now: Instant) => pausedNow(ledger, settings(), ref, now);
  const slots = new Slots(settings().maxParallel);
  const notices = new Notices();
  const stopping = new AbortController();
  const handsOff = new AbortController();
  const pipeline: Pipeline = new Pipeline({
    ...parts,
    stack,
    docker: read,
    chronicle: new Chronicle(ledger, parts.report, clock, logger),
    hands: { docker: read, slots, clock, engineMargin: parts.engineMargin ?? ENGINE_MARGIN, stopping: stopping.signal },
    eyes: { docker: read, notices, clock },
    strategies,
    policyOf,
    playbookFor: (policy, condition) => choosePlaybook(playbooks, policy, condition),
    pauseOf,
    storm: { stormLimit: settings().stormLimit, stormWindow: settings().stormWindow },
    watchingSince: clock.now(),
    submit: finding => lanes.submit(finding),
    submitAt: (at, finding, key) => lanes.submitAt(at, finding, key),
    stopping: stopping.signal,
    handsOff: handsOff.signal,
  });
  const lanes: Lanes = new Lanes(finding => pipeline.attend(finding), clock);
  const inScope = (project: string) => scope.projects === '*' || scope.projects.includes(project);
  const watch = new EngineWatch({
    docker: read,
    stack,
    notices,
    slots,
    clock,
    logger,
    inScope,
    isOurs: ref => pipeline.isAtWork(ref),
    stops: ledger,
    emit: finding => lanes.submit(finding),
    project: scope.projects !== '*' && scope.projects.length === 1 ? scope.projects[0] : undefined,
    interval: settings().interval,
    since: ledger.bookmark('events'),
    prepare: () => recoverUnfinished(unfinished(ledger, strategies, clock, logger), stopping.signal),
    rememberedStops: () => ledger.stops(),
    openIncidents: () => ledger.incidents({ limit: 500, open: true }).items.filter(({ project }) => project !== HOST),
    onRound: took => {
      parts.metrics.roundTook(took / 1_000);
      if (watch.lastEventAt !== undefined) ledger.setBookmark('events', watch.lastEventAt);
    },
    onGap: () => parts.metrics.eventGap(),
  });
  return {
    stack,
    watch,
    pipeline,
    lanes,
    strategies,
    pauseOf,
    problems: () => [...own.problems, ...playbooks.problems, ...choiceProblems(settings(), playbooks.playbooks)],
    reload: () => {
      playbooks = playbooksFor(settings(), strategies);
    },
    run: async signal => {
      await watch.run(signal);
      stopping.abort(new Error('the watchdog was told to stop'));
      const cancel = clock.after(PATIENCE, () => handsOff.abort(stopping.signal.reason));
      await lanes.close();
      cancel();
    },
  };
}

/** Looks go to one endpoint, changes to the other. */
const actingOn = (read: Docker, act: Docker): Docker => ({
  ...act,
  ping: read.ping,
  list: read.list,
  inspect: read.inspect,
  events: read.events,
});

const namesOf = (strategies: readonly Strategy[]): string[] => strategies.map(({ name }) => name);

const playbooksFor = (settings: Settings, strategies: StrategyRegistry): Playbooks =>
  loadPlaybooks({ folders: [BUILT_IN_PLAYBOOKS, ...settings.playbookFolders], strategies: strategies.names() });

const unfinished = (ledger: Ledger, strategies: StrategyRegistry, clock: Clock, logger: Logger): Unfinished => ({
  repairs: ledger.unfinishedRepairs(),
  strategies,
  end: (id, outcome, code, because) => ledger.endRepair(id, outcome, code, because, clock.now()),
  logger,
});

/** A person's pause comes before a maintenance window: it says who to ask. */
function pausedNow(ledger: Ledger, settings: Settings, ref: ServiceRef, now: Instant): Pause | undefined {
  const byPerson = ledger
    .pauses(now)
    .find(
      ({ project, service }) =>
        project === '*' || (project === ref.project && (service === undefined || service === ref.service)),
    );
  if (byPerson !== undefined) return { by: 'person', until: byPerson.until, reason: byPerson.reason };
  const window = maintenanceNow(settings.maintenance, ref, now);
  return window === undefined ? undefined : { by: 'maintenance', ...window };
}
