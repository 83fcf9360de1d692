import type { Docker } from '../adapters/docker/docker.ts';
import type { Mounted } from '../domain/making.ts';
import type { JournalStep, Work } from '../domain/repair.ts';
import type { Replica } from '../domain/service.ts';
import { refuseOddPath } from './entries-at.ts';
import { helperOf, must } from './helper-run.ts';
import { textIn } from './journal.ts';
import { isOfSystem } from './mount-in-question.ts';
import { type ProcessUser, startedAs } from './process-user.ts';

export type BindEngine = Pick<Docker, 'howMade' | 'help' | 'isOnHost' | 'remove' | 'start'>;
type LookWork = Omit<Work, 'journal'>;

/** What is found of the folders of the host that a container is to have mounted. */
export interface Binds {
  readonly missing: readonly Mounted[];
  /** The engine named one as missing that is there by now: somebody has made it meanwhile. */
  readonly backAgain: string | undefined;
}

/** Looks which of them are not there. Of a container that runs none is: it would not have been started. */
export async function bindsOf(docker: BindEngine, { order, target, signal }: LookWork): Promise<Binds> {
  if (hasBegun(target)) return { missing: [], backAgain: undefined };
  const missing: Mounted[] = [];
  let backAgain: string | undefined;
  const made = await docker.howMade(target.id, signal);
  for (const bind of made?.mounts.filter(({ type }) => type === 'bind') ?? []) {
    const { source } = bind;
    if (!(await docker.isOnHost(source, helperFor(target), signal))) missing.push(bind);
    else if (source === order.error?.captures.path) backAgain = source;
  }
  return { missing, backAgain };
}

const hasBegun = ({ state }: Replica): boolean => state === 'running' || state === 'restarting' || state === 'paused';

const helperFor = ({ id, name }: Replica) => ({ name: helperOf(name), patient: id });

/** What `makeBinds` would do, in words. @throws Error where it must not be done */
export async function foreseeBinds(docker: BindEngine, work: LookWork, { missing, backAgain }: Binds): Promise<string> {
  if (missing.length === 0) return `${backAgain} is there by now; starts the container`;
  const { user, folders } = await planFor(docker, work, missing);
  const told = folders.map(({ source, at, holder }) => `${source} for ${at} (of what is above it ${holder} is there)`);
  return `makes on the host ${told.join(' and ')}, empty, of ${user.uid}:${user.gid}, mode 755; is there no disk that belongs there?`;
}

/**
 * Makes folders of the host that the container is to have mounted and that are not there, and starts it. The engine makes them, as it
 * does where a Compose file mounts the short way, so no program of the image ever sees what lies beside them.
 */
export async function makeBinds(docker: BindEngine, work: Work, { missing }: Binds): Promise<undefined> {
  const { target, signal, journal } = work;
  if (missing.length > 0) {
    const { user, folders } = await planFor(docker, work, missing);
    for (const { source, at } of folders) {
      const helper = helperFor(target);
      journal('make', { ...helper, source, for: at, ...user });
      const argv = ['chown', `${user.uid}:${user.gid}`, at];
      await must(docker.help({ ...helper, source, target: at, writable: true, argv }, signal), `making ${source}`);
    }
  }
  journal('start', { containerId: target.id });
  await docker.start(target.id, signal);
  return undefined;
}

/**
 * A folder that was made stays: it is empty, and whoever removes it has to be let into the one above, where other people's files lie.
 * @returns undefined where none was made
 */
export async function leaveBinds(
  docker: BindEngine,
  steps: readonly JournalStep[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const helper = textIn(steps, 'make', 'name');
  if (helper === undefined) return undefined;
  await docker.remove(helper, signal);
  const made = steps.flatMap(({ step, data }) => (step === 'make' ? [String(data.source)] : []));
  return `${made.join(' and ')}: made, and left there`;
}

export async function recoverBinds(
  docker: BindEngine,
  steps: readonly JournalStep[],
  signal: AbortSignal,
): Promise<string> {
  const left = await leaveBinds(docker, steps, signal);
  const containerId = textIn(steps, 'start', 'containerId');
  if (containerId === undefined) return `${left ?? 'nothing had been done yet'}; the container was not started`;
  await docker.start(containerId, signal);
  return `${left ?? 'nothing was missing any more'}; the container is started`;
}

interface Plan {
  readonly user: ProcessUser;
  readonly folders: readonly { readonly source: string; readonly at: string; readonly holder: string }[];
}

/** @throws Error where one of them must not be made */
async function planFor(docker: BindEngine, work: LookWork, missing: readonly Mounted[]): Promise<Plan> {
  const folders: Plan['folders'][number][] = [];
  for (const bind of missing) {
    refuseUnfit(bind, work);
    await refuseFile(docker, bind, work);
    folders.push({ source: bind.source, at: bind.target, holder: await holderOf(docker, bind.source, work) });
  }
  const { target, signal } = work;
  return { user: await startedAs(docker, target, { name: helperOf(target.name), target: undefined }, signal), folders };
}

function refuseUnfit({ source, target: at, writable }: Mounted, { order }: LookWork): void {
  refuseOddPath(source);
  const missing = `${source}, which is to be mounted at ${at}, is not there`;
  if (isOfSystem(source)) throw new Error(`${missing}: a folder of the host's system is left to people`);
  if (!writable) throw new Error(`${missing}: it is mounted read-only, so what belongs in it has to be put back`);
  // The engine would read on behind it as where to mount, and how.
  if (source.includes(':')) throw new Error(`${missing}: make it by hand, the engine cannot be told of a colon`);
  if (order.danger !== 'host' && !order.asked)
    throw new Error(`${missing}: to make it on the host the rung has to say danger: host`);
}

/** A folder in the place of a file keeps the service from starting for good. What the image has there shows which is meant. */
async function refuseFile(
  docker: BindEngine,
  { source, target: at }: Mounted,
  { order, target, signal }: LookWork,
): Promise<void> {
  const look = { ...helperFor(target), target: undefined, writable: false, argv: ['stat', '-L', '-c', '%F', at] };
  const { exitCode, said } = await docker.help(look, signal);
  if (exitCode === 0 && said.trim() === 'directory') return;
  if (exitCode === 0)
    throw new Error(`${source} is not there: the image has a ${said.trim()} at ${at}, so no folder is meant`);
  // Nothing there in the image: a name is all there is to go by.
  if (order.with.path !== at && /.\.[a-z0-9]{1,8}$/i.test(source))
    throw new Error(
      `${source} is not there: it may be meant as a file; with path: ${at} a playbook says that a folder is`,
    );
}

/** The innermost folder above a path that is there. */
async function holderOf(docker: BindEngine, source: string, { target, signal }: LookWork): Promise<string> {
  for (let at = aboveOf(source); at !== ''; at = aboveOf(at))
    if (await docker.isOnHost(at, helperFor(target), signal)) return at;
  throw new Error(`${source} is not there, nor anything above it: folders right under / are left to people`);
}

const aboveOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
