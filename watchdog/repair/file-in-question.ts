import type { Docker } from '../adapters/docker/docker.ts';
import type { Work } from '../domain/repair.ts';
import { helperOf, must, reading } from './helper-run.ts';
import { type Place, placeOf, writableMounts } from './mount-in-question.ts';

/** How deep below a mount files are sought: `/data/appendonlydir/appendonly.aof.manifest` is two. */
const DEPTH = 3;
/** What we have moved or copied aside ourselves. */
export const OURS = '.watchdog-';

/**
 * The files of a mount of the container with one of these names (`find -name`), sought on all that it can write to; where the order
 * names one as `path`, that one.
 */
export async function filesNamed(
  docker: Pick<Docker, 'howMade' | 'help'>,
  work: Omit<Work, 'journal'>,
  names: readonly string[],
): Promise<readonly Place[]> {
  const { order, target, signal } = work;
  if (order.with.path !== undefined) return [await placeOf(docker, order, target, signal)];
  return await filesOnMounts(docker, work, names, DEPTH);
}

/** The same, whatever the order names. @param depth how far below a mount */
export async function filesOnMounts(
  docker: Pick<Docker, 'howMade' | 'help'>,
  { target, signal }: Pick<Work, 'target' | 'signal'>,
  names: readonly string[],
  depth: number,
): Promise<readonly Place[]> {
  const found: Place[] = [];
  for (const mount of await writableMounts(docker, target, signal)) {
    const run = reading(docker, { name: helperOf(target.name), patient: target.id, target: mount.target }, signal);
    const any = names.flatMap((name, n) => (n === 0 ? ['-name', name] : ['-o', '-name', name]));
    const not = ['!', '-path', `*/${OURS}*`, '!', '-name', 'temp-*'];
    const what = `seeking ${names.join(' and ')} under ${mount.target}`;
    const said = await must(
      run('find', mount.target, '-maxdepth', String(depth), '-type', 'f', '(', ...any, ')', ...not),
      what,
    );
    for (const path of said.split('\n')) if (path !== '') found.push({ mount, path });
  }
  return found;
}

/** @throws Error where it is not exactly one */
export function theOnly(files: readonly Place[], what: string, container: string): Place {
  const [only, ...others] = files;
  if (only !== undefined && others.length === 0) return only;
  const found = files.map(({ path }) => path).join(', ') || 'none';
  throw new Error(`${what} of ${container}: found ${found}, expected one; the parameter path names it in a playbook`);
}
