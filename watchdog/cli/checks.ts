import { backupFolder, backupStore } from '../adapters/backup-store.ts';
import { systemClock } from '../adapters/clock.ts';
import { connectDocker } from '../adapters/docker/connect.ts';
import { type Docker, EngineError } from '../adapters/docker/docker.ts';
import { hostFiles } from '../adapters/host-files.ts';
import { ownContainerId } from '../adapters/own-container.ts';
import { approvalProblems } from '../config/approvals.ts';
import { BUILT_IN_PLAYBOOKS, choiceProblems, loadPlaybooks, patternProblems } from '../config/playbooks.ts';
import { policyFor } from '../config/policy-for.ts';
import type { Env } from '../config/read-env.ts';
import { scalingIfAsked } from '../config/scaling-for.ts';
import type { Problem, Settings } from '../config/settings.ts';
import { obstaclesTo } from '../diagnose/scaling/obstacles.ts';
import { makingOf } from '../domain/making.ts';
import type { Playbook } from '../domain/playbook.ts';
import { nameOf, type Service } from '../domain/service.ts';
import { awaitedIn } from '../domain/wellness.ts';
import { StackKeeper } from '../observe/stack-keeper.ts';
import { Backups } from '../repair/backups.ts';
import { loadOwnStrategies } from '../repair/own-strategies.ts';
import { builtInStrategies, type StrategyNeeds } from '../repair/strategies.ts';

/** What `watchdog check` found. */
export interface Checked {
  /** Of settings, playbooks, log patterns and strategy files. */
  readonly problems: readonly Problem[];
  readonly engines: readonly EngineChecked[];
  /** Services with labels that cannot be read, or that cannot be scaled; empty also when the engine could not be asked. */
  readonly services: readonly ServiceChecked[];
}

export interface ServiceChecked {
  readonly name: string;
  /** Why it is not repaired. */
  readonly problems: readonly string[];
  /** Why it is not scaled though somebody asks for it. */
  readonly notScaled: readonly string[];
}

export interface EngineChecked {
  readonly purpose: 'reading and acting' | 'reading' | 'acting';
  /** `20.10.24, API 1.41` */
  readonly version?: string;
  readonly error?: string;
}

/** Reads playbooks and strategy files as `run` would. `logPatterns`: the names of those in force. */
export async function checkPlaybooks(
  settings: Settings,
  env: Env,
  logPatterns: readonly string[],
): Promise<{ readonly playbooks: ReadonlyMap<string, Playbook>; readonly problems: readonly Problem[] }> {
  const needs = strategiesNeed(settings, env);
  const builtIn = builtInStrategies(needs);
  const own = await loadOwnStrategies(
    settings.strategiesFolder,
    { docker: needs.docker },
    builtIn.map(({ name }) => name),
  );
  const names = [...builtIn, ...own.strategies].map(({ name }) => name);
  const { playbooks, problems } = loadPlaybooks({
    folders: [BUILT_IN_PLAYBOOKS, ...settings.playbookFolders],
    strategies: names,
  });
  return {
    playbooks,
    problems: [
      ...own.problems,
      ...problems,
      ...choiceProblems(settings, playbooks),
      ...patternProblems(playbooks, logPatterns),
      ...approvalProblems(settings, names),
    ],
  };
}

/** An engine that nobody will ask anything: strategies are made here to be named, not to be applied. */
const strategiesNeed = (settings: Settings, env: Env): StrategyNeeds => ({
  docker: connectDocker({ env }),
  files: hostFiles,
  clock: systemClock,
  throttles: { rememberThrottle: () => undefined, forgetThrottle: () => undefined, throttles: () => [] },
  backups: new Backups({
    docker: connectDocker({ env }),
    store: backupStore(backupFolder(settings.dataFolder)),
    clock: systemClock,
    allowed: () => settings.backups,
    freeSpace: () => hostFiles.freeSpace(settings.dataFolder),
  }),
  allowed: () => settings.disk,
  ports: () => settings.ports,
  drainOf: () => undefined,
  logFile: () => settings.logFile,
  leftAlone: () => undefined,
});

/** Asks each endpoint for its version. */
export async function checkEngines(settings: Settings, env: Env): Promise<readonly EngineChecked[]> {
  const { actHost } = settings;
  if (actHost === undefined) return [await checkEngine('reading and acting', env.DOCKER_HOST, env)];
  return Promise.all([checkEngine('reading', env.DOCKER_HOST, env), checkEngine('acting', actHost, env)]);
}

async function checkEngine(
  purpose: EngineChecked['purpose'],
  host: string | undefined,
  env: Env,
): Promise<EngineChecked> {
  try {
    const { version, apiVersion } = await connectDocker({ host, env }).ping();
    return { purpose, version: `${version}, API ${apiVersion}` };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { purpose, error: error.message };
  }
}

/** Services that cannot be what their labels and the file want, of the projects that the settings name (all, where they name none). */
export async function checkServices(
  settings: Settings,
  env: Env,
  playbooks: ReadonlyMap<string, Playbook>,
): Promise<Checked['services']> {
  const docker = connectDocker({ host: env.DOCKER_HOST, env });
  const stack = new StackKeeper((ref, labels) => policyFor(settings, ref, labels).policy.dependsOn);
  for (const replica of await docker.list(undefined))
    if (!Array.isArray(settings.projects) || settings.projects.includes(replica.project)) stack.put(replica);
  const checked: Checked['services'][number][] = [];
  for (const service of stack.services()) {
    const problems = policyFor(settings, service, service.replicas[0]?.labels ?? {}, playbooks).policy.problems;
    const notScaled = await whyNotScaled(settings, service, stack, docker);
    if (problems.length > 0 || notScaled.length > 0) checked.push({ name: nameOf(service), problems, notScaled });
  }
  return checked;
}

/** Nothing where nobody wants it scaled, and where nothing stands against it. Throws `EngineError`. */
async function whyNotScaled(
  settings: Settings,
  { project, service: name, replicas }: Service,
  stack: StackKeeper,
  docker: Pick<Docker, 'inspect' | 'howMade'>,
): Promise<readonly string[]> {
  const [first] = replicas;
  const asked = first && scalingIfAsked(settings, { project, service: name }, first.labels);
  if (first === undefined || asked?.scaling === undefined) return asked?.problems ?? [];
  const looked = await docker.inspect(first.id);
  const made = await docker.howMade(first.id);
  // Removed meanwhile.
  if (looked === undefined || made === undefined) return [];
  stack.put(looked);
  const service = stack.service({ project, service: name });
  if (service === undefined) return [];
  const others = [...stack.services(project)];
  const making = makingOf(service, made, {
    stack,
    project: others,
    awaited: awaitedIn(others),
    selfId: ownContainerId(),
  });
  return obstaclesTo(making, asked.scaling).map(({ because }) => because);
}
