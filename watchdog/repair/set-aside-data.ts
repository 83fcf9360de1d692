import type { Docker } from '../adapters/docker/docker.ts';
import type { Strategy, Work } from '../domain/repair.ts';
import { type AtRestNeeds, atRest, type Change } from './at-rest.ts';
import { BACKUP_TAKES } from './backup-volume.ts';
import { entriesAt, refuseOddPath, stepsTo } from './entries-at.ts';
import { OURS } from './file-in-question.ts';
import { helperOf, isThere, must, type Run, reading } from './helper-run.ts';
import { type Place, placeOf } from './mount-in-question.ts';
import { entriesIn, fileAside, fileBack, moveAll } from './move-all.ts';

/** So many names of a listing are kept: it is for people. */
const LISTED = 20;

/**
 * Moves a file, or all that is in a folder, aside on its mount, so that the service starts without. The folder itself stays, with its
 * owner and mode: the service has to write there. Never told by a log what that is, only by a playbook or a person.
 */
export const setAsideData = (needs: AtRestNeeds): Strategy => ({
  name: 'set-aside-data',
  danger: 'data',
  summary:
    'stops the container, moves a file, or all that is in a folder, aside on its mount, and starts it without; nothing is deleted',
  takes: 2 * BACKUP_TAKES,
  ...atRest<Place>(needs, {
    look: work => lookFirst(needs.docker, work),
    lookAgain: async (run, place) => ({ path: place.path, ...(await whatIsAt(run, place)) }),
    change: async (run, change) =>
      await (change.kind === 'file' ? fileAside(run, String(change.path), fileIn(change)) : moveContent(run, change)),
    putBack: async (run, change) => {
      await (change.kind === 'file' ? fileBack(run, String(change.path), fileIn(change)) : contentBack(run, change));
      return `what was at ${change.path} is there again`;
    },
    done: 'what was there is set aside',
  }),
});

async function lookFirst(
  docker: Pick<Docker, 'howMade' | 'help'>,
  { order, target, signal }: Omit<Work, 'journal'>,
): Promise<Place> {
  const { path } = order.with;
  if (path === undefined)
    throw new Error('set-aside-data has to be told what: the parameter path names it in a playbook');
  const place = await placeOf(docker, { with: { path } }, target, signal);
  refuseOddPath(place.path);
  if (place.path.includes(`/${OURS}`)) throw new Error(`${place.path} was set aside before`);
  const helper = { name: helperOf(target.name), patient: target.id, target: place.mount.target };
  await whatIsAt(reading(docker, helper, signal), place);
  return place;
}

interface Content {
  readonly kind: 'file' | 'folder';
  /** How much is moved, of a folder right in it, and some of the names. */
  readonly entries: number;
  readonly among: string;
}

/** @throws Error where nothing is there, or something else than a file or a folder */
async function whatIsAt(run: Run, { mount, path }: Place): Promise<Content> {
  const steps = stepsTo(path, mount.target);
  const entries = await entriesAt(run, steps);
  for (const step of steps) {
    const kind = entries.get(step)?.kind;
    if (kind === undefined) throw new Error(`nothing is at ${step}`);
    if (step === path && kind.startsWith('regular')) return { kind: 'file', entries: 1, among: path };
    if (kind !== 'directory') throw new Error(`${step} is a ${kind}: only files and folders are set aside`);
  }
  const said = await must(run(...entriesIn(path, [`${OURS}*`])), `listing what is in ${path}`);
  const found = said.split('\n').filter(line => line !== '');
  if (found.length === 0) throw new Error(`nothing is in ${path}`);
  return { kind: 'folder', entries: found.length, among: found.slice(0, LISTED).join(', ') };
}

const asideOf = ({ target, backup }: Change): string => `${target.replace(/\/$/, '')}/${OURS}data-${backup}`;

const fileIn = (change: Change): string => `${asideOf(change)}/${String(change.path).split('/').at(-1)}`;

/** Its end is marked by the name of the folder: before it, what is left at the old place is of the old content. */
async function moveContent(run: Run, change: Change): Promise<void> {
  const aside = asideOf(change);
  await must(run('mkdir', '-m', '0700', `${aside}.part`), 'making a folder for what is there');
  await moveAll(run, String(change.path), `${aside}.part`, [`${OURS}*`]);
  await must(run('mv', `${aside}.part`, aside), 'naming the folder of what was there');
}

async function contentBack(run: Run, change: Change): Promise<void> {
  const [path, aside] = [String(change.path), asideOf(change)];
  if (await isThere(run, `${aside}.part`)) return await emptyInto(run, `${aside}.part`, path);
  if (!(await isThere(run, aside))) return;
  // Whoever goes back a second time must not take the old content for what was written since.
  if (!(await isThere(run, `${aside}.since`))) {
    await must(run('mkdir', '-p', '-m', '0700', `${aside}.since.part`), 'making a folder for what was written since');
    await moveAll(run, path, `${aside}.since.part`, [`${OURS}*`]);
    await must(run('mv', `${aside}.since.part`, `${aside}.since`), 'naming the folder of what was written since');
  }
  await emptyInto(run, aside, path);
}

async function emptyInto(run: Run, from: string, to: string): Promise<void> {
  await moveAll(run, from, to, []);
  await must(run('rmdir', from), 'removing the empty folder');
}
