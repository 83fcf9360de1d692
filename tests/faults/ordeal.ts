import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aProject, CHECK, type Project, type ProjectOptions } from '../engine/project.ts';
import { aWatchdogProcess, type ProcessOptions, type WatchdogProcess } from '../engine/watchdog-process.ts';
import { SHORT } from '../engine/watched.ts';
import { patientImage } from '../images/names.ts';
import { type Breaking, breakingOf } from './breaking.ts';
import { dice } from './effort.ts';
import { anEngineAccount, type EngineAccount } from './engine-account.ts';
import { type Judgement, judge, type Standing, standingOf } from './judgement.ts';
import { recordsIn } from './ledger-records.ts';

/** A service of the ordeal: what Compose is told besides its image and its health check, and what makes it ill. */
interface Member {
  readonly yaml: string;
  readonly ill: readonly string[];
}

const SICK = ['patient', 'sick'];

/** One for each strategy that is used on a container, and for each way in which it can be caught half way. */
export const MEMBERS: Readonly<Record<string, Member>> = {
  web: { yaml: '', ill: SICK },
  slow: { yaml: 'stop_grace_period: 20s, environment: { PATIENT_STOP_DELAY: 2 }', ill: SICK },
  worker: { yaml: '', ill: ['patient', 'exit', '3'] },
  tidy: { yaml: 'labels: { auto_repair.playbook.unhealthy: tidily }', ill: SICK },
  anew: {
    yaml: 'labels: { auto_repair.playbook.unhealthy: anew }, networks: [front, back], volumes: [/data], stop_grace_period: 1s',
    ill: SICK,
  },
};

const PLAYBOOKS = {
  'tidily.yml': 'name: tidily\ncondition: unhealthy\nladder: [{ strategy: clean-restart }]\n',
  'anew.yml': 'name: anew\ncondition: unhealthy\nladder: [{ strategy: recreate }]\n',
};

export interface OrdealOptions extends ProjectOptions, ProcessOptions {
  /** Names of `MEMBERS`, all by default; or services of the test's own. */
  readonly members?: Readonly<Record<string, Member>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A project whose services fall ill, and the product that has to heal them, while a test does to it what it is about. */
export interface Ordeal extends Breaking {
  readonly project: Project;
  readonly account: EngineAccount;
  readonly watchdog: WatchdogProcess;
  /** Waits until all are well and the watchdog has put that down, ends it, and judges. Lets nobody fall ill any more. */
  readonly judged: () => Promise<Judgement>;
  readonly tearDown: () => Promise<void>;
}

/** Brings the project up and starts no watchdog. `tearDown` it whatever happens. */
export async function anOrdeal({ members = MEMBERS, env = {}, ...options }: OrdealOptions = {}): Promise<Ordeal> {
  const project = aProject(yamlOf(members), options);
  const account = anEngineAccount(project.name, options.engine?.replace('unix://', ''));
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'cwt-faults-'));
  const watchdog = await aWatchdogProcess({ ...settingsOf(project, folder), ...env }, { ...options, folder });
  const names = Object.keys(members);
  const fragile = Object.fromEntries(Object.entries(members).map(([name, { ill }]) => [name, ill]));
  const breaking = breakingOf(project, fragile, account, dice.fork());
  const standing = async (): Promise<Standing> => {
    const found = await Promise.all(names.map(async name => standingOf(await project.containers(name))));
    return Object.fromEntries(names.map((name, index) => [name, found[index] ?? []]));
  };
  await project.compose('up', '-d', '--wait');
  const before = await standing();
  return {
    ...breaking,
    project,
    account,
    watchdog,
    judged: async () => {
      await breaking.end();
      await watchdog.until('all are well, and nothing is open or unfinished', () => {
        if (!names.every(account.well)) return false;
        const { incidents, repairs } = recordsIn(folder, project.name);
        return incidents.every(each => each.state === 'resolved') && repairs.every(each => each.outcome);
      });
      await watchdog.stop();
      const { illnesses } = breaking;
      const undoable = names.filter(name => name === 'anew');
      const evidence = { illnesses, deeds: account.deeds, before, after: await standing(), undoable };
      return judge({ ...evidence, ...recordsIn(folder, project.name) });
    },
    tearDown: async () => {
      await breaking.end();
      await watchdog.close();
      account.close();
      await project.tearDown();
    },
  };
}

/** Writes its configuration file. @returns the environment that says so */
function settingsOf(project: Project, folder: string): Readonly<Record<string, string>> {
  const config = join(folder, 'watchdog.yml');
  mkdirSync(join(folder, 'playbooks'));
  for (const [file, text] of Object.entries(PLAYBOOKS)) writeFileSync(join(folder, 'playbooks', file), text);
  writeFileSync(config, 'playbooks: { folders: [playbooks] }\n');
  return { ...SHORT, MAX_RESTART_ATTEMPTS: '1000', WATCHDOG_PROJECTS: project.name, WATCHDOG_CONFIG: config };
}

function yamlOf(members: Readonly<Record<string, Member>>): string {
  const services = Object.entries(members).map(
    ([name, { yaml }]) => `  ${name}: { image: ${patientImage}, ${CHECK}${yaml && `, ${yaml}`} }`,
  );
  return `services:\n${services.join('\n')}\nnetworks: { front: {}, back: {} }\n`;
}
