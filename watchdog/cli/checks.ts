import { backupFolder, backupStore } from '../adapters/backup-store.ts';
import { systemClock } from '../adapters/clock.ts';
import { connectDocker } from '../adapters/docker/connect.ts';
import { EngineError } from '../adapters/docker/docker.ts';
import { hostFiles } from '../adapters/host-files.ts';
import { approvalProblems } from '../config/approvals.ts';
import { BUILT_IN_PLAYBOOKS, choiceProblems, loadPlaybooks } from '../config/playbooks.ts';
import { policyFor } from '../config/policy-for.ts';
import type { Env } from '../config/read-env.ts';
import type { Problem, Settings } from '../config/settings.ts';
import type { Playbook } from '../domain/playbook.ts';
import { nameOf } from '../domain/service.ts';
import { Backups } from '../repair/backups.ts';
import { loadOwnStrategies } from '../repair/own-strategies.ts';
import { builtInStrategies, type StrategyNeeds } from '../repair/strategies.ts';

/** What `watchdog check` found. */
export interface Checked {
  /** Of settings, playbooks, log patterns and strategy files. */
  readonly problems: readonly Problem[];
  readonly engines: readonly EngineChecked[];
  /** Services with labels that cannot be read; empty also when the engine could not be asked. */
  readonly services: readonly { readonly name: string; readonly problems: readonly string[] }[];
}

export interface EngineChecked {
  readonly purpose: 'reading and acting' | 'reading' | 'acting';
  /** `20.10.24, API 1.41` */
  readonly version?: string;
  readonly error?: string;
}

/** Reads playbooks and strategy files as `run` would. */
export async function checkPlaybooks(
  settings: Settings,
  env: Env,
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
  drainOf: () => undefined,
  logFile: () => settings.logFile,
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

/** Services whose labels cannot be read, of the projects that the settings name (all, where they name none). */
export async function checkServices(
  settings: Settings,
  env: Env,
  playbooks: ReadonlyMap<string, Playbook>,
): Promise<Checked['services']> {
  const replicas = await connectDocker({ host: env.DOCKER_HOST, env }).list(undefined);
  const inScope = replicas.filter(
    ({ project }) => !Array.isArray(settings.projects) || settings.projects.includes(project),
  );
  const found = inScope.map(replica => ({
    name: nameOf(replica),
    problems: policyFor(settings, replica, replica.labels, playbooks).policy.problems,
  }));
  // Replicas of one service share their labels.
  return [...new Map(found.filter(({ problems }) => problems.length > 0).map(each => [each.name, each])).values()];
}
