import type { BackupStore } from './adapters/backup-store.ts';
import type { Clock } from './adapters/clock.ts';
import type { Docker } from './adapters/docker/docker.ts';
import type { HostFiles } from './adapters/host-files.ts';
import { allowedBeforehand, approvalProblems } from './config/approvals.ts';
import { maintenanceNow } from './config/maintenance.ts';
import {
  BUILT_IN_PLAYBOOKS,
  choiceProblems,
  choosePlaybook,
  loadPlaybooks,
  type Playbooks,
} from './config/playbooks.ts';
import { policyFor } from './config/policy-for.ts';
import { readOnce } from './config/read-once.ts';
import { scalingFor } from './config/scaling-for.ts';
import type { Settings } from './config/settings.ts';
import type { Condition } from './domain/condition.ts';
import type { Pause } from './domain/decision.ts';
import type { Policy } from './domain/policy.ts';
import type { ServiceRef } from './domain/service.ts';
import type { ThrottleMemory } from './domain/throttled.ts';
import type { Instant } from './domain/time.ts';
import type { Ledger } from './record/ledger/ledger.ts';
import { Backups } from './repair/backups.ts';
import type { importStrategyFile } from './repair/import-strategy-file.ts';
import { loadOwnStrategies } from './repair/own-strategies.ts';
import { type StrategyRegistry, strategyRegistry } from './repair/registry.ts';
import { builtInStrategies } from './repair/strategies.ts';

export interface KnowledgeSources {
  /** Asked afresh each time, so that a reload holds at once. */
  readonly settings: () => Settings;
  readonly read: Docker;
  readonly act: Docker;
  readonly ledger: Pick<Ledger, 'pauses'> & ThrottleMemory;
  readonly files: HostFiles;
  readonly backups: BackupStore;
  readonly clock: Clock;
  /** Jest's module loader takes no hooks; its tests bring their own. */
  readonly importStrategy?: typeof importStrategyFile | undefined;
}

/** What the watchdog knows besides the stack: strategies, playbooks, policies, pauses. */
export async function know({
  settings,
  read,
  act,
  ledger,
  files,
  clock,
  backups: store,
  importStrategy,
}: KnowledgeSources) {
  const docker = actingOn(read, act);
  const backups = new Backups({
    docker,
    store,
    clock,
    allowed: () => settings().backups,
    freeSpace: () => files.freeSpace(settings().dataFolder),
  });
  const builtIn = builtInStrategies({
    docker,
    files,
    clock,
    throttles: ledger,
    backups,
    allowed: () => settings().disk,
    ports: () => settings().ports,
    drainOf: (ref, labels) => scalingFor(settings(), ref, labels).scaling?.drain,
    logFile: () => settings().logFile,
    leftAlone: (ref, labels) =>
      whyLeftAlone(policyFor(settings(), ref, labels).policy, pausedNow(ledger, settings(), ref, clock.now())),
  });
  const taken = builtIn.map(({ name }) => name);
  const own = await loadOwnStrategies(settings().strategiesFolder, { docker }, taken, importStrategy);
  const strategies = strategyRegistry([...builtIn, ...own.strategies]);
  let playbooks: Playbooks = playbooksFor(settings(), strategies);
  return {
    strategies,
    policyOf: readOnce(
      () => [settings(), playbooks],
      (ref, labels) => policyFor(settings(), ref, labels, playbooks.playbooks).policy,
    ),
    playbookFor: (policy: Policy, condition: Condition, pattern?: string) =>
      choosePlaybook(playbooks, policy, condition, pattern),
    playbookNamed: (name: string) => playbooks.playbooks.get(name),
    playbookNames: () => [...playbooks.playbooks.keys()],
    allowedBeforehand: (ref: ServiceRef) => allowedBeforehand(settings().approvals, ref),
    approvalWait: () => settings().approvals.wait,
    pauseOf: (ref: ServiceRef, now: Instant) => pausedNow(ledger, settings(), ref, now),
    problems: () => [
      ...own.problems,
      ...playbooks.problems,
      ...choiceProblems(settings(), playbooks.playbooks),
      ...approvalProblems(settings(), strategies.names()),
    ],
    reload: () => {
      playbooks = playbooksFor(settings(), strategies);
    },
  };
}

/** Looks go to one endpoint, changes to the other. */
const actingOn = (read: Docker, act: Docker): Docker => ({
  ...act,
  ping: read.ping,
  list: read.list,
  inspect: read.inspect,
  howMade: read.howMade,
  environment: read.environment,
  events: read.events,
  stats: read.stats,
  resources: read.resources,
  host: read.host,
  diskUsage: read.diskUsage,
  usersOf: read.usersOf,
  publishers: read.publishers,
  who: read.who,
});

const playbooksFor = (settings: Settings, strategies: StrategyRegistry): Playbooks =>
  loadPlaybooks({ folders: [BUILT_IN_PLAYBOOKS, ...settings.playbookFolders], strategies: strategies.names() });

/** Of a container beside the one that the gates were asked about. */
function whyLeftAlone({ enabled, mode, problems }: Policy, pause: Pause | undefined): string | undefined {
  if (!enabled || problems.length > 0) return 'whose service is taken out of repair';
  if (mode === 'observe') return 'whose service is only observed';
  return pause && `whose service is paused (${pause.reason})`;
}

/** A person's pause comes before a maintenance window: it says who to ask. */
function pausedNow(
  ledger: Pick<Ledger, 'pauses'>,
  settings: Settings,
  ref: ServiceRef,
  now: Instant,
): Pause | undefined {
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
