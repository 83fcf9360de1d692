import type { Order, Work } from '../domain/repair.ts';
import { type AtRestNeeds, atRest, type Change } from './at-rest.ts';
import { entriesAt, refuseOddPath, stepsTo } from './entries-at.ts';
import { helperOf, must, type Run, reading } from './helper-run.ts';
import { type Place, placeOf } from './mount-in-question.ts';
import { type ProcessUser, startedAs } from './process-user.ts';

/** So many folders in one another: whoever names a deeper place means another one. */
const MOST = 4;

interface Found extends Place {
  /** Whose they shall be. */
  readonly user: ProcessUser;
}

/**
 * Makes a folder that the program misses on a mount of its own. The container is stopped for it and the mount kept in a backup, as for
 * whatever touches files.
 */
export const missingFolder = (needs: AtRestNeeds) =>
  atRest<Found>(needs, {
    look: async work => {
      const place = await placeWanted(needs, work);
      const { name, id } = work.target;
      const helper = { name: helperOf(name), patient: id, target: place.mount.target };
      const { holder } = await gapOn(reading(needs.docker, helper, work.signal), place);
      const user = await startedAs(needs.docker, work.target, helper, work.signal);
      // Who is started as root and becomes somebody else later owns the folder in which the other one is missed.
      return { ...place, user: user.uid === 0 ? holder : user };
    },
    lookAgain: async (run, { user: { uid, gid }, ...place }) => {
      const { missing } = await gapOn(run, place);
      return { makes: missing, uid, gid, mode: '755' };
    },
    change: makeFolders,
    putBack: removeFolders,
    done: 'the folder is there',
  });

async function placeWanted({ docker }: AtRestNeeds, { order, target, signal }: Omit<Work, 'journal'>): Promise<Place> {
  const path = folderNamed(order);
  refuseOddPath(path);
  return await placeOf(docker, { with: { path } }, target, signal);
}

/** What a log captures as `path` is a file, as far as anybody knows: what is above it is certain to be a folder. */
function folderNamed({ with: told, error }: Pick<Order, 'with' | 'error'>): string {
  if (told.path !== undefined) return String(told.path).replace(/(?<=.)\/$/, '');
  const { folder, path } = error?.captures ?? {};
  if (folder !== undefined) return folder.replace(/(?<=.)\/$/, '');
  if (path?.includes('/')) return path.slice(0, path.lastIndexOf('/'));
  throw new Error(
    'which folder is missing cannot be told: the log names none; the parameter path names it in a playbook',
  );
}

interface Gap {
  /** Outermost first. */
  readonly missing: readonly string[];
  /** Whose the folder is in which they are missed. */
  readonly holder: ProcessUser;
}

/** @throws Error where nothing is missing, or what stands on the way is no folder */
async function gapOn(run: Run, { mount, path }: Place): Promise<Gap> {
  const steps = stepsTo(path, mount.target);
  const entries = await entriesAt(run, steps);
  let holder: ProcessUser | undefined;
  for (const [index, step] of steps.entries()) {
    const entry = entries.get(step);
    if (entry === undefined) return gapOf(steps.slice(index), holder);
    if (entry.kind !== 'directory')
      throw new Error(`${step} is a ${entry.kind}: no folder is made over it or through it`);
    holder = { uid: entry.uid, gid: entry.gid };
  }
  throw new Error(`${path} is there already`);
}

function gapOf(missing: readonly string[], holder: ProcessUser | undefined): Gap {
  if (holder === undefined) throw new Error(`what stands at ${missing[0]} cannot be told: stat said nothing of it`);
  if (missing.length > MOST)
    throw new Error(
      `${missing.at(-1)} is missing with ${missing.length - 1} folders above it: found more than ${MOST}, left to people`,
    );
  return { missing, holder };
}

/** Each fails where something stands by now. */
async function makeFolders(run: Run, change: Change): Promise<void> {
  for (const folder of madeIn(change)) {
    await must(run('mkdir', '-m', '0755', folder), `making ${folder}`);
    await must(run('chown', `${change.uid}:${change.gid}`, folder), `chown of ${folder}`);
  }
}

/** Those that nobody has put anything in. */
async function removeFolders(run: Run, change: Change): Promise<string> {
  const made = madeIn(change);
  for (const folder of made.toReversed()) await run('rmdir', folder);
  const left = [...(await entriesAt(run, made)).keys()];
  return left.length === 0 ? `${made[0]} is gone again` : `${left.join(', ')} stays, because something is in it`;
}

const madeIn = ({ makes }: Change): readonly string[] => makes as readonly string[];
