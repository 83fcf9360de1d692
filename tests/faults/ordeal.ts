import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { aProject, CHECK, type Project, type ProjectOptions } from '../engine/project.ts';
import { aWatchdogProcess, type ProcessOptions, type WatchdogProcess } from '../engine/watchdog-process.ts';
import { SHORT } from '../engine/watched.ts';
import { patientImage, watchdogImage } from '../images/names.ts';
import { type Breaking, breakingOf } from './breaking.ts';
import { dice } from './effort.ts';
import { anEngineAccount } from './engine-account.ts';
import { type Evidence, type Judgement, judge, type Standing, standingOf } from './judgement.ts';
import { recordsIn } from './ledger-records.ts';

/** A service of the ordeal: what Compose is told besides its image and its health check, and what makes it ill. */
export interface Member {
  readonly yaml: string;
  readonly ill: readonly string[];
}

const run = promisify(execFile);

/** Who does not stand as before at the last of them is lost. */
const LOOKS = 10;

/** Of forty containers, on a busy machine. */
const LONGEST_START = 300_000;

const SICK = ['patient', 'sick'];

/** One for each strategy that is used on a container, and for each way in which it can be caught half way. */
const MEMBERS = {
  web: { yaml: '', ill: SICK },
  slow: { yaml: 'stop_grace_period: 20s, environment: { PATIENT_STOP_DELAY: 2 }', ill: SICK },
  worker: { yaml: '', ill: ['patient', 'exit', '3'] },
  tidy: { yaml: 'labels: { auto_repair.playbook.unhealthy: tidily }', ill: SICK },
  anew: {
    yaml: 'labels: { auto_repair.playbook.unhealthy: anew }, networks: [front, back], volumes: [/data], stop_grace_period: 1s',
    ill: SICK,
  },
} satisfies Readonly<Record<string, Member>>;

/** Some of them, for a test that is not about the ways in which a repair can be caught half way. */
export const picked = (...names: readonly (keyof typeof MEMBERS)[]): Readonly<Record<string, Member>> =>
  Object.fromEntries(names.map(name => [name, MEMBERS[name]]));

const PLAYBOOKS = {
  'tidily.yml': 'name: tidily\ncondition: unhealthy\nladder: [{ strategy: clean-restart }]\n',
  'anew.yml': 'name: anew\ncondition: unhealthy\nladder: [{ strategy: recreate }]\n',
};

export interface OrdealOptions extends ProjectOptions, ProcessOptions {
  /** All that this file knows, where none are named. */
  readonly members?: Readonly<Record<string, Member>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The product as its image, in a container of that name with these limits, in place of a process on the host. */
  readonly image?: { readonly name: string; readonly limits: readonly string[] };
}

export interface JudgedBy {
  /** Only what fell ill since then, in milliseconds since 1970: what was before is written somewhere else. */
  readonly since?: number;
  readonly startsAllowed?: Evidence['startsAllowed'];
}

/** A project whose services fall ill, and the product that has to heal them, while a test does to it what it is about. */
export interface Ordeal extends Breaking {
  readonly project: Project;
  readonly watchdog: WatchdogProcess;
  /** By the engine's account. */
  readonly allWell: () => Promise<void>;
  /** And the ledger has nothing open or unfinished. */
  readonly settled: () => Promise<void>;
  /** Lets nobody fall ill any more, waits until it is settled, ends the watchdog, and judges. */
  readonly judged: (by?: JudgedBy) => Promise<Judgement>;
  readonly tearDown: () => Promise<void>;
}

/** Brings the project up and starts no watchdog. `tearDown` it whatever happens. */
export async function anOrdeal({ members = MEMBERS, image, ...options }: OrdealOptions = {}): Promise<Ordeal> {
  const project = aProject(yamlOf(members), options);
  const account = anEngineAccount(project.name, options.engine?.replace('unix://', ''));
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'cwt-faults-'));
  const env = { ...settingsOf(project, folder), ...options.env };
  const watchdog = await (image === undefined
    ? aWatchdogProcess(env, { ...options, folder })
    : aWatchdogContainer(env, folder, image));
  const names = Object.keys(members);
  const fragile = Object.fromEntries(Object.entries(members).map(([name, { ill }]) => [name, ill]));
  const breaking = breakingOf(project, fragile, account, dice.fork());
  const standing = async (): Promise<Standing> => {
    const found = await Promise.all(names.map(async name => standingOf(await project.containers(name))));
    return Object.fromEntries(names.map((name, index) => [name, found[index] ?? []]));
  };
  const allWell = async () => {
    await watchdog.until('all are well', () => names.every(account.well));
  };
  const settled = async () => {
    await watchdog.until('all are well, and nothing is open or unfinished', () => {
      if (!names.every(account.well)) return false;
      const { incidents, repairs } = recordsIn(folder, project.name);
      return incidents.every(each => each.state === 'resolved') && repairs.every(each => each.outcome);
    });
  };
  // Not `--wait`, which gives up at the first probe that a busy machine does not run in time.
  await project.compose('up', '-d');
  await account.until('all are well', () => names.every(account.well), LONGEST_START);
  const before = await standing();
  return {
    ...breaking,
    ...{ project, watchdog, allWell, settled },
    judged: async ({ since = 0, startsAllowed = { anew: 2 } } = {}) => {
      await breaking.end();
      await settled();
      // While it is watched over: on a busy machine a probe fails at any time, and nobody heals that afterwards.
      let after = await standing();
      for (let look = 1; look < LOOKS && !isDeepStrictEqual(after, before); look += 1) {
        await settled();
        after = await standing();
      }
      await watchdog.stop();
      const illnesses = breaking.illnesses.filter(({ at }) => at >= since);
      const evidence = { illnesses, deeds: account.deeds, before, after, startsAllowed };
      return judge({ ...evidence, ...recordsIn(folder, project.name) });
    },
    tearDown: async () => {
      await breaking.end();
      await watchdog.close();
      if (image !== undefined) await run('docker', ['rm', '-f', image.name]);
      account.close();
      await project.tearDown();
    },
  };
}

/** The image as people run it, but for the network, which is the host's: so are the ports. */
async function aWatchdogContainer(
  env: Readonly<Record<string, string>>,
  folder: string,
  { name, limits }: NonNullable<OrdealOptions['image']>,
): Promise<WatchdogProcess> {
  await run('chown', ['-R', '1000:1000', folder]);
  const inside = { ...env, WATCHDOG_CONFIG: '/data/watchdog.yml', WATCHDOG_HOST: '127.0.0.1' };
  const passedOn = ['WATCHDOG_PORT', ...Object.keys(inside)].flatMap(key => ['--env', key]);
  const mounts = [`${folder}:/data`, '/var/run/docker.sock:/var/run/docker.sock'].flatMap(mount => ['--volume', mount]);
  const image = process.env.COMPOSE_WATCHDOG_IMAGE || watchdogImage;
  const words = ['run', '--name', name, '--network', 'host', '--read-only', ...limits, ...mounts, ...passedOn, image];
  return await aWatchdogProcess(inside, { folder, program: ['docker', ...words] });
}

/** Writes its configuration file. @returns the environment that says so */
function settingsOf(project: Project, folder: string): Readonly<Record<string, string>> {
  const config = join(folder, 'watchdog.yml');
  mkdirSync(join(folder, 'playbooks'), { recursive: true });
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
