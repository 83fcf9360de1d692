import type { Docker } from '../adapters/docker/docker.ts';
import type { Mounted } from '../domain/making.ts';
import type { JournalStep, Order, Strategy, Work } from '../domain/repair.ts';
import type { Replica } from '../domain/service.ts';
import { BACKUP_TAKES, type BackupNeeds } from './backup-volume.ts';
import { filesOnMounts } from './file-in-question.ts';
import { type HelperFacts, helperOf, isThere, must, type Run, reading, running } from './helper-run.ts';
import { textIn } from './journal.ts';
import { type LockFile, lockFileIn } from './lock-file.ts';
import { isWithin } from './mount-in-question.ts';
import { refuseOtherUsers } from './volume-users.ts';

type Engine = Pick<Docker, 'howMade' | 'inspect' | 'stop' | 'start' | 'usersOf' | 'help' | 'exec' | 'remove'>;

export interface StaleLockNeeds extends BackupNeeds {
  readonly docker: Engine;
}

const LOCK = 'postmaster.pid';
/** The data directory is the mount, or lies a little below it: `/var/lib/postgresql/18/docker`. */
const DEPTH = 4;
/** The names of a server's processes, as the kernel has them. */
const SERVERS = ['postgres', 'postmaster'];

/**
 * Sets a PostgreSQL server's `postmaster.pid` aside that no server holds. Nobody can hold it when the container is stopped, and with
 * it every process that it could see; when no other container that runs has the volume; and when the file was written by a server
 * that had it where this container has it, not by one on the host. Whatever of that cannot be told is a reason to touch nothing.
 */
export const removeStaleLock = ({ docker, backups }: StaleLockNeeds): Strategy => ({
  name: 'remove-stale-lock',
  danger: 'data',
  summary:
    "stops the container, takes a backup of the volume, sets PostgreSQL's postmaster.pid aside where no server holds it, and starts it again",
  takes: 2 * BACKUP_TAKES,
  apply: async work => {
    const { order, target, signal, journal } = work;
    const found = await lookFirst(docker, work);
    const { volume, path, text, helper } = found;
    journal('found', { path, volume: volume.source, ...lockFileIn(text) });
    journal('stop', { containerId: target.id, ran: await runs(docker, target, signal) });
    await docker.stop(target.id, order.stopTimeout, signal);
    await mustBeStill(docker, volume, target, signal);
    if (await isUnchanged(reading(docker, helper, signal), found)) {
      const { id, sha256 } = await backups.take(target, volume, signal);
      journal('kept', { backup: id, sha256 });
      // The backup may have taken long.
      await mustBeStill(docker, volume, target, signal);
      const aside = `${path}.stale-${id}`;
      journal('aside', { ...helper, aside });
      await setAside(running(docker, helper, signal), path, aside);
    }
    journal('start', {});
    await docker.start(target.id, signal);
    return undefined;
  },
  // A start that was tried is not tried again here: that is for the next attempt, through the gates.
  undo: (steps, signal) => goOn(docker, steps, ranBefore(steps) && !hasStarted(steps), signal),
  recover: async (steps, signal) =>
    (await goOn(docker, steps, ranBefore(steps) || hasStarted(steps), signal)) ?? 'nothing had been done yet',
});

const ranBefore = (steps: readonly JournalStep[]): boolean => steps.some(({ data }) => data.ran === true);
const hasStarted = (steps: readonly JournalStep[]): boolean => steps.some(({ step }) => step === 'start');

async function runs(docker: Engine, { id }: Replica, signal: AbortSignal): Promise<boolean> {
  const now = await docker.inspect(id, signal);
  return now?.state === 'running' || now?.state === 'restarting';
}

/** Nobody runs who could hold the lock. */
async function mustBeStill(docker: Engine, { source }: Mounted, target: Replica, signal: AbortSignal): Promise<void> {
  if (await runs(docker, target, signal)) throw new Error(`${target.name} was started again by somebody else`);
  await refuseOtherUsers(docker, source, target, signal);
}

interface Found {
  readonly volume: Mounted;
  /** As the container sees it. */
  readonly path: string;
  readonly text: string;
  readonly helper: HelperFacts;
}

/** Finds the lock, and all that speaks for somebody who holds it. Changes nothing. @throws Error when it must not be touched */
async function lookFirst(docker: Engine, work: Work): Promise<Found> {
  const { target, signal } = work;
  const made = await docker.howMade(target.id, signal);
  if (made?.sharedProcesses !== undefined)
    throw new Error(
      `${target.name} shares the processes of ${made.sharedProcesses}: whether one of them holds the lock cannot be told when it is stopped`,
    );
  const found = await theLock(docker, work);
  if (found.volume.type !== 'volume')
    throw new Error(
      `${found.path} lies in ${found.volume.source} of the host: a server outside of Docker may hold it, which cannot be seen from here`,
    );
  await refuseOtherUsers(docker, found.volume.source, target, signal);
  const { pid, dataFolder } = lockFileIn(found.text);
  refuseStrangers(found.path, dataFolder);
  if (pid !== undefined && (await runs(docker, target, signal))) await refuseServer(docker, target, pid, signal);
  return found;
}

/** @throws Error when there is none, or more than one */
async function theLock(docker: Engine, { order, target, signal }: Work): Promise<Found> {
  const within = pathIn(order);
  const locks = await filesOnMounts(docker, { target, signal }, [LOCK], DEPTH);
  const [lock, ...more] = locks.filter(({ path }) => isWithin(path, within ?? '/'));
  if (lock === undefined)
    throw new Error(
      `there is no ${LOCK} on what ${target.name} has mounted${within === undefined ? '' : ` under ${within}`}`,
    );
  const { mount, path } = lock;
  if (more.length > 0) {
    const paths = [lock, ...more].map(each => each.path).join(', ');
    throw new Error(
      `which lock is meant cannot be told: found ${paths}; the parameter path names the folder in a playbook`,
    );
  }
  const helper = { name: helperOf(target.name), patient: target.id, target: mount.target };
  const text = await must(reading(docker, helper, signal)('cat', path), `reading ${path}`);
  return { volume: mount, path, helper, text };
}

const pathIn = ({ with: { path } }: Pick<Order, 'with'>): string | undefined =>
  path === undefined ? undefined : String(path).replace(/(?<=.)\/$/, '');

/** Who had the volume somewhere else may have it still: a server on the host, or in a container of another engine. */
function refuseStrangers(path: string, dataFolder: LockFile['dataFolder']): void {
  if (dataFolder !== undefined && `${dataFolder}/${LOCK}` !== path)
    throw new Error(`${path} was written by a server that has its data at ${dataFolder}: that is not this container`);
}

/** While the container runs, its own server may be alive: that lock is none to remove. */
async function refuseServer(docker: Engine, target: Replica, pid: number, signal: AbortSignal): Promise<void> {
  const asked = docker.exec(target.id, ['cat', `/proc/${pid}/comm`], signal);
  const { exitCode, said } = await asked.catch(async error => {
    if (await runs(docker, target, signal)) throw error;
    return { exitCode: undefined, said: '' };
  });
  if (exitCode === 0 && SERVERS.includes(said.trim()))
    throw new Error(`the lock is a live one: process ${pid} in ${target.name} is ${said.trim()}`);
}

/** The server takes its own lock away when it is stopped. @throws Error when somebody has written another one meanwhile */
async function isUnchanged(run: Run, { path, text }: Found): Promise<boolean> {
  if (!(await isThere(run, path))) return false;
  if ((await must(run('cat', path), `reading ${path}`)) === text) return true;
  throw new Error(`${path} has changed since it was looked at: somebody holds it`);
}

async function setAside(run: Run, path: string, aside: string): Promise<void> {
  await must(run('mv', '-n', path, aside), `setting ${path} aside`);
  if (await isThere(run, path)) throw new Error(`${path} could not be moved to ${aside}`);
}

/** The lock is not put back: nobody holds it, and the server makes its own. */
async function goOn(
  docker: Engine,
  steps: readonly JournalStep[],
  start: boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  const containerId = textIn(steps, 'stop', 'containerId');
  if (containerId === undefined) return undefined;
  const helper = textIn(steps, 'aside', 'name');
  if (helper !== undefined) await docker.remove(helper, signal);
  const said = helper === undefined ? 'no lock was touched' : `the lock, where it was set aside, stays so`;
  if (!start || (await docker.inspect(containerId, signal)) === undefined) return said;
  await docker.start(containerId, signal);
  return `${said}; the container is started again`;
}
