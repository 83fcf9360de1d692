import { bytesInWords } from '../domain/bytes.ts';
import type { Order, Strategy } from '../domain/repair.ts';
import { type AtRestNeeds, atRest, type Change } from './at-rest.ts';
import { BACKUP_TAKES } from './backup-volume.ts';
import { filesNamed, OURS, theOnly } from './file-in-question.ts';
import { must, type Run } from './helper-run.ts';
import type { Place } from './mount-in-question.ts';

/**
 * Bytes. A page of the kernel, which is what a crash tears: a write that did not get to its end. What lies beyond it was whole once,
 * and there are commands in it that were answered with OK.
 */
export const AOF_LIMIT = 4_096;
/** Of the whole append-only file, base and all: of a small one a page would be everything. */
const LARGEST_SHARE = 0.1;

/**
 * Cuts an append-only file of Redis behind its last whole command, which is all that `redis-check-aof --fix` does (its source,
 * src/redis-check-aof.c: `ftruncate`; it asks at a terminal first, which a helper has not). Redis 7 and later have a folder with a
 * manifest, a base and files of commands, of which only the last may be cut; earlier ones have a single file.
 */
export const repairAof = (needs: AtRestNeeds): Strategy => ({
  name: 'repair-aof',
  danger: 'data',
  summary: `stops Redis, keeps a copy of its append-only file, cuts it behind its last whole command, and starts it again; only while no more than ${bytesInWords(AOF_LIMIT)} (parameter limit) and a tenth of it are lost`,
  ...cutting(needs, requireLittle),
});

/** The same, however much is lost. Its own strategy, so that whoever allows the one beforehand has not allowed the other. */
export const cutAof = (needs: AtRestNeeds): Strategy => ({
  name: 'cut-aof',
  danger: 'data',
  summary:
    'stops Redis, keeps a copy of its append-only file, cuts it behind its last whole command however much is lost, and starts it again',
  ...cutting(needs, () => undefined),
});

type Allowed = (damage: Damage, order: Pick<Order, 'with'>) => void;

const cutting = (needs: AtRestNeeds, allowed: Allowed): Omit<Strategy, 'name' | 'danger' | 'summary'> => ({
  takes: 2 * BACKUP_TAKES,
  ...atRest<Place>(needs, {
    look: async work => {
      const files = await filesNamed(needs.docker, work, ['*.manifest', '*.aof']);
      const manifests = files.filter(({ path }) => path.endsWith('.manifest'));
      return theOnly(manifests.length > 0 ? manifests : files, 'the append-only file', work.target.name);
    },
    lookAgain: async (run, { path }, { order }) => {
      const damage = await damageOf(run, path);
      allowed(damage, order);
      return { ...damage };
    },
    change: cut,
    putBack: uncut,
    done: 'the append-only file is cut behind its last whole command',
  }),
});

/** Bytes, as redis-check-aof counts them. */
interface Damage {
  /** What is given to redis-check-aof: the manifest, or the single file. */
  readonly checked: string;
  /** The one that is damaged. */
  readonly file: string;
  readonly size: number;
  readonly keeps: number;
  readonly loses: number;
  /** Of all files together. */
  readonly whole: number;
}

/**
 * Reads and changes nothing, though redis-check-aof wants to open the file for writing.
 * @throws Error where nothing is wrong, or where cutting would not mend it
 */
async function damageOf(run: Run, checked: string): Promise<Damage> {
  const { exitCode, said } = await run('redis-check-aof', checked);
  if (exitCode === 0) throw new Error(`redis-check-aof finds nothing wrong with ${checked}`);
  const analyzed = [
    ...said.matchAll(/AOF analyzed: (?:filename=([^,\n]{1,500}), )?size=(\d{1,15}), ok_up_to=(\d{1,15}),/g),
  ];
  const [, name = checked, size = '', keeps = ''] = analyzed.at(-1) ?? [];
  const loses = Number(size) - Number(keeps);
  if (!(loses > 0))
    throw new Error(`${checked} cannot be mended by cutting it: redis-check-aof says ${lastLineOf(said)}`);
  const file = name.startsWith('/') ? name : `${checked.slice(0, checked.lastIndexOf('/'))}/${name}`;
  await requireLast(run, checked, file);
  const whole = analyzed.reduce((sum, [, , bytes]) => sum + Number(bytes), 0);
  return { checked, file, size: Number(size), keeps: Number(keeps), loses, whole };
}

/** What comes after the cut would be carried out upon a state that it was not written for. */
async function requireLast(run: Run, checked: string, file: string): Promise<void> {
  if (file === checked) return;
  const manifest = await must(run('cat', checked), `reading ${checked}`);
  // redis.conf, appendfilename: `file appendonly.aof.1.incr.aof seq 1 type i`, the oldest first; `h` is not loaded any more.
  const loaded = manifest.split('\n').filter(line => / type [bi](?: |$)/.test(line));
  const last = loaded.findLast(line => line.includes(' type i')) ?? loaded.at(-1) ?? '';
  if (!last.startsWith(`file ${file.slice(file.lastIndexOf('/') + 1)} `))
    throw new Error(`${file} is damaged, and others are loaded after it: cutting it would mix up what is in them`);
}

function requireLittle({ file, loses, whole, keeps }: Damage, { with: { limit } }: Pick<Order, 'with'>): void {
  const most = limit ?? AOF_LIMIT;
  if (typeof most !== 'number' || !(most >= 0))
    throw new Error(`the parameter limit of repair-aof: found ${most}, expected a number of bytes`);
  if (loses <= most && loses <= LARGEST_SHARE * whole) return;
  throw new Error(
    `${loses} of ${whole} bytes would be lost: ${file} is whole up to byte ${keeps} only. Allowed are ${most} bytes, and a tenth`,
  );
}

/** Nothing of the copy is deleted: people do that when they are sure. */
const folderOf = ({ target, backup }: Change): string => `${target}/${OURS}aof-${backup}`;
const copyOf = (change: Change): string => `${folderOf(change)}/${baseName(String(change.file))}`;
const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

async function cut(run: Run, change: Change): Promise<void> {
  const { checked, file, keeps } = change;
  await must(run('mkdir', '-p', '-m', '0700', folderOf(change)), 'making a folder for the copy');
  await must(run('cp', '-p', String(file), copyOf(change)), `copying ${file}`);
  await must(run('truncate', '-s', String(keeps), String(file)), `cutting ${file}`);
  const { exitCode, said } = await run('redis-check-aof', String(checked));
  if (exitCode !== 0) throw new Error(`${file} is damaged still: redis-check-aof says ${lastLineOf(said)}`);
}

/** Only where nobody has written since: what is in the file then is nowhere else. */
async function uncut(run: Run, change: Change): Promise<string> {
  const { file, size, keeps } = change;
  const now = Number((await must(run('stat', '-c', '%s', String(file)), `looking at ${file}`)).trim());
  if (now === keeps) await must(run('cp', '-p', copyOf(change), String(file)), `putting ${file} back`);
  return now === keeps || now === size
    ? `${file} is as it was`
    : `${file} stays cut, because Redis has written to it since; what it was lies in ${copyOf(change)}`;
}

const lastLineOf = (said: string): string => said.trim().split('\n').at(-1)?.slice(0, 200) || 'nothing';
