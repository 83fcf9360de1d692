import type { Helped } from '../adapters/docker/docker.ts';
import type { Mounted } from '../domain/making.ts';
import type { Order, Strategy, Work } from '../domain/repair.ts';
import { type AtRestNeeds, atRest, type Change } from './at-rest.ts';
import { BACKUP_TAKES } from './backup-volume.ts';
import { helperOf, must, type Run, reading } from './helper-run.ts';
import { isOfSystem, isWithin, type Place, placeOf } from './mount-in-question.ts';
import { type ProcessUser, processUser } from './process-user.ts';
import { type TarEntry, tarEntries } from './tar-entries.ts';

/** So many paths of a listing are kept: it is for people. */
const LISTED = 20;
/** Paths in one command: the kernel takes 2 MiB of arguments, a path has up to 4 KiB. */
const AT_ONCE = 200;

/**
 * Gives what is under a mount to the user as whom the container works, and that user the right to read and write it. Only what is
 * somebody else's, or what its owner may not use, is changed; rights are added, never taken. The container is stopped for it, and a
 * backup taken, which also knows every owner and mode for the way back.
 */
export const fixPermissions = (needs: AtRestNeeds): Strategy => ({
  name: 'fix-permissions',
  danger: 'data',
  summary:
    'stops the container, takes a backup of the mount, gives what is in it to the user as whom the container works, and starts it again',
  takes: 2 * BACKUP_TAKES,
  ...atRest<Found>(needs, {
    look: work => lookFirst(needs.docker, work),
    lookAgain: async (run, { path, wanted }) => ({ path, ...wanted, ...(await listed(run, path, wanted)) }),
    change: (run, { path, ...wanted }) => change(run, String(path), wanted as unknown as Wanted),
    putBack: (run, steps) => asBefore(needs.backups, run, steps),
    done: 'the files belong to whom they should',
  }),
});

interface Found extends Place {
  readonly wanted: Wanted;
}

/** Whose everything shall be; `mode` of the folder itself, where the playbook says one. */
interface Wanted extends ProcessUser {
  readonly mode?: string;
}

interface Listing {
  readonly entries: number;
  /** How many of them there are of each owner and mode: `2 of 0:0 755, 1 of 0:0 644`. */
  readonly now: string;
  /** Some of their paths. */
  readonly among: string;
}

async function lookFirst(
  docker: AtRestNeeds['docker'],
  { order, target, signal }: Omit<Work, 'journal'>,
): Promise<Found> {
  const place = await placeOf(docker, order, target, signal);
  refuseSystemFolders(place.mount);
  const helper = { name: helperOf(target.name), patient: target.id, target: place.mount.target };
  const wanted = { ...(await processUser(docker, target, helper, signal)), ...modeIn(order) };
  const { entries } = await listed(reading(docker, helper, signal), place.path, wanted);
  if (entries === 0)
    throw new Error(`all under ${place.path} belongs to ${wanted.uid} already, which may read and write it`);
  return { ...place, wanted };
}

function refuseSystemFolders({ type, source }: Mounted): void {
  if (type !== 'bind') return;
  if (isOfSystem(source)) throw new Error(`${source} is a folder of the host's system: its owners are left to people`);
}

/** YAML takes `0700` for the number 700. */
function modeIn({ with: { mode } }: Pick<Order, 'with'>): { readonly mode?: string } {
  if (mode === undefined) return {};
  if (/^0?[0-7]{3}$/.test(String(mode))) return { mode: String(mode).padStart(4, '0') };
  throw new Error(`the parameter mode of fix-permissions: found ${mode}, expected three octal digits, such as 700`);
}

const SOMEBODY_ELSES = ({ uid }: Wanted) => ['!', '-user', String(uid)];
const CLOSED_FOLDER = ['-type', 'd', '!', '-perm', '-0700'];
const CLOSED_FILE = ['-type', 'f', '!', '-perm', '-0600'];

async function listed(run: Run, path: string, wanted: Wanted): Promise<Listing> {
  const which = ['(', ...SOMEBODY_ELSES(wanted), '-o', ...CLOSED_FOLDER, '-o', ...CLOSED_FILE, ')'];
  const what = `listing what is under ${path}`;
  const told = ['-exec', 'stat', '-c', '%u:%g %a %n', '{}', '+'];
  const lines = entriesIn(await must(run('find', path, ...which, ...told), what));
  if (wanted.mode !== undefined)
    lines.push(...entriesIn(await must(run('find', path, '-maxdepth', '0', '!', '-perm', wanted.mode, ...told), what)));
  const owners = Map.groupBy(lines, line => line.split(' ', 2).join(' '));
  return {
    entries: lines.length,
    now: [...owners].map(([owner, { length }]) => `${length} of ${owner}`).join(', '),
    among: lines.slice(0, LISTED).map(pathIn).join(', '),
  };
}

const pathIn = (line: string): string => line.split(' ').slice(2).join(' ');

const entriesIn = (said: string): string[] => linesOf(said).filter(line => /^\d+:\d+ \d+ /.test(line));

async function change(run: Run, path: string, wanted: Wanted): Promise<void> {
  const { uid, gid, mode } = wanted;
  // Links are not followed: what they lead to may lie elsewhere.
  await must(run('find', path, ...SOMEBODY_ELSES(wanted), '-exec', 'chown', '-h', `${uid}:${gid}`, '{}', '+'), 'chown');
  await must(run('find', path, ...CLOSED_FOLDER, '-exec', 'chmod', 'u+rwx', '{}', '+'), 'chmod of folders');
  await must(run('find', path, ...CLOSED_FILE, '-exec', 'chmod', 'u+rw', '{}', '+'), 'chmod of files');
  if (mode !== undefined) await must(run('chmod', mode, path), `chmod of ${path}`);
  // busybox' find says nothing of a command that failed.
  const { entries, among } = await listed(run, path, wanted);
  if (entries > 0) throw new Error(`${entries} entries under ${path} could not be changed: ${among}`);
}

/** Owners and modes as the backup has them; what is in the files stays as it is now. */
async function asBefore(backups: AtRestNeeds['backups'], run: Run, change: Change): Promise<string> {
  const backup = await backups.sound(change.backup).catch(() => undefined);
  // The service must not stand still for it.
  if (backup === undefined)
    return `owners and modes stay as they are: backup ${change.backup}, which had the old ones, is gone`;
  const changed = await changedIn(tarEntries(backups.read(backup)), change);
  await giveBack(run, changed);
  return `owners and modes of ${changed.length} entries are as they were`;
}

interface Before extends TarEntry {
  readonly path: string;
}

/** Those of the backup that the change was about. */
async function changedIn(
  entries: AsyncIterable<TarEntry>,
  { target: mount, path: under, uid }: Change,
): Promise<readonly Before[]> {
  const changed: Before[] = [];
  for await (const entry of entries) {
    const path = entry.name === '' ? mount : `${mount.replace(/\/$/, '')}/${entry.name}`;
    const needs = entry.isFolder ? 0o700 : 0o600;
    const closed = !entry.isLink && (entry.mode & needs) !== needs;
    if (isWithin(path, String(under)) && (entry.uid !== uid || closed || path === under))
      changed.push({ ...entry, path });
  }
  return changed;
}

async function giveBack(run: Run, entries: readonly Before[]): Promise<void> {
  const owners = Map.groupBy(entries, ({ uid, gid }) => `${uid}:${gid}`);
  for (const [owner, of] of owners) for (const some of inParts(of)) await back(run('chown', '-h', owner, ...some));
  // After the owners: a change of owner takes set-id bits away.
  const modes = Map.groupBy(
    entries.filter(({ isLink }) => !isLink),
    ({ mode }) => mode.toString(8).padStart(4, '0'),
  );
  for (const [mode, of] of modes) for (const some of inParts(of)) await back(run('chmod', mode, ...some));
}

/** What the service has removed meanwhile has no owner to get back. */
async function back(deed: Promise<Helped>): Promise<void> {
  const { exitCode, said } = await deed;
  const wrong = linesOf(said).filter(line => !line.includes('No such file or directory'));
  if (exitCode !== 0 && (wrong.length > 0 || said.trim() === ''))
    throw new Error(
      `putting owners and modes back failed with ${exitCode}: ${wrong[0]?.slice(0, 200) ?? 'no word why'}`,
    );
}

const linesOf = (said: string): string[] => said.split('\n').filter(line => line !== '');

function* inParts(entries: readonly Before[]): Generator<string[]> {
  for (let at = 0; at < entries.length; at += AT_ONCE) yield entries.slice(at, at + AT_ONCE).map(({ path }) => path);
}
