import type { Docker } from '../adapters/docker/docker.ts';
import type { Backup } from '../domain/backup.ts';
import type { Mounted } from '../domain/making.ts';
import type { JournalStep, Strategy, Work } from '../domain/repair.ts';
import type { BackupNeeds } from './backup-volume.ts';
import { type HelperFacts, helperOf, type Run, running } from './helper-run.ts';
import { textIn } from './journal.ts';
import { refuseOtherUsers } from './volume-users.ts';

export interface AtRestNeeds extends BackupNeeds {
  readonly docker: Pick<Docker, 'howMade' | 'stop' | 'start' | 'usersOf' | 'help' | 'exec' | 'remove'>;
}

/** What is done to the files of a mount while its container is stopped. */
export interface DeedAtRest<Found extends { readonly mount: Mounted }> {
  /** Looks, changes nothing, and throws where nothing must be done. The container is as it was found. */
  readonly look: (work: Omit<Work, 'journal'>) => Promise<Found>;
  /** Looks once more, now that nobody writes: what it returns is journaled. Throws where nothing must be done. */
  readonly lookAgain: (
    run: Run,
    found: Found,
    work: Omit<Work, 'journal'>,
  ) => Promise<Readonly<Record<string, unknown>>>;
  /** What `lookAgain` found is in the journal, and a backup is taken. */
  readonly change: (run: Run, steps: Change, work: Work) => Promise<void>;
  /** Takes it back; may be called twice. @returns what stands now */
  readonly putBack: (run: Run, steps: Change, signal: AbortSignal) => Promise<string>;
  /** What stands once it was done. */
  readonly done: string;
}

/** What was journaled before a change: where, what was found, and the id of the backup. */
export type Change = HelperFacts & { readonly backup: string } & Readonly<Record<string, unknown>>;

/**
 * The steps of a strategy that changes files: look, stop the container, refuse while others use the mount, look again, take a backup,
 * change, start. The way back puts the files back and starts the container.
 */
export function atRest<Found extends { readonly mount: Mounted }>(
  { docker, backups }: AtRestNeeds,
  deed: DeedAtRest<Found>,
): Pick<Strategy, 'foresee' | 'apply' | 'undo' | 'recover'> {
  const undo = async (steps: readonly JournalStep[], signal: AbortSignal) => {
    const containerId = textIn(steps, 'stop', 'containerId');
    if (containerId === undefined) return undefined;
    const said = ['the container is started again'];
    const change = changeIn(steps);
    if (change !== undefined) {
      await docker.remove(change.name, signal);
      await docker.stop(containerId, undefined, signal);
      said.unshift(await deed.putBack(running(docker, change, signal), change, signal));
    }
    await docker.start(containerId, signal);
    return said.join('; ');
  };
  return {
    foresee: async work => {
      const { target, signal } = work;
      const found = await deed.look(work);
      const helper = { name: helperOf(target.name), patient: target.id, target: found.mount.target };
      return inWords(await deed.lookAgain(running(docker, helper, signal), found, work));
    },
    apply: async work => {
      const { order, target, signal, journal } = work;
      const found = await deed.look(work);
      const { mount } = found;
      const helper = { name: helperOf(target.name), patient: target.id, target: mount.target };
      journal('stop', { containerId: target.id });
      await docker.stop(target.id, order.stopTimeout, signal);
      await refuseOtherUsers(docker, mount.source, target, signal);
      const run = running(docker, helper, signal);
      const facts = await deed.lookAgain(run, found, work);
      journal('found', facts);
      const { id, sha256 }: Backup = await backups.take(target, mount, signal);
      journal('kept', { backup: id, sha256 });
      const change = { ...facts, ...helper, backup: id };
      journal('change', change);
      await deed.change(run, change, work);
      journal('start', {});
      await docker.start(target.id, signal);
      return undefined;
    },
    undo,
    recover: async (steps, signal) => {
      const containerId = textIn(steps, 'stop', 'containerId');
      if (containerId === undefined) return 'nothing had been done yet';
      if (!steps.some(({ step }) => step === 'start')) return (await undo(steps, signal)) ?? 'the container is gone';
      await docker.start(containerId, signal);
      return `${deed.done}, and the container is started`;
    },
  };
}

/** `file=/data/dump.rdb, says=...`: as the journal will have it. */
const inWords = (facts: Readonly<Record<string, unknown>>): string =>
  Object.entries(facts)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');

const changeIn = (steps: readonly JournalStep[]): Change | undefined =>
  steps.findLast(({ step }) => step === 'change')?.data as Change | undefined;
