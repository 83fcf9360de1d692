import type { Run } from './helper-run.ts';
import type { ProcessUser } from './process-user.ts';

/** What stands at a path. */
export interface Entry extends ProcessUser {
  /** `directory`, `regular file`, `symbolic link`: in the words of `stat`. */
  readonly kind: string;
}

/** What stands at each of these paths; those at which nothing stands are left out. Links are not followed. */
export async function entriesAt(run: Run, paths: readonly string[]): Promise<ReadonlyMap<string, Entry>> {
  // It fails as soon as one of them is not there, and tells of the others all the same.
  const { said } = await run('stat', '-c', '%u:%g %F %n', ...paths);
  const entries = new Map<string, Entry>();
  for (const line of said.split('\n')) {
    const path = paths.find(each => line.endsWith(` ${each}`));
    const [, uid, gid, kind] =
      /^(\d+):(\d+) (.+)$/.exec(path === undefined ? '' : line.slice(0, -path.length - 1)) ?? [];
    if (path !== undefined && kind !== undefined) entries.set(path, { uid: Number(uid), gid: Number(gid), kind });
  }
  return entries;
}

/** From a folder down to a path in it, both included: `/data`, `/data/logs`, `/data/logs/web`. */
export function stepsTo(path: string, folder: string): readonly string[] {
  const top = folder.length > 1 && folder.endsWith('/') ? folder.slice(0, -1) : folder;
  const below = path
    .slice(top.length)
    .split('/')
    .filter(name => name !== '');
  const inTop = top === '/' ? '' : top;
  return [top, ...below.map((_, index) => `${inTop}/${below.slice(0, index + 1).join('/')}`)];
}

/** @throws Error where a path could not be handed on as it is, or shown to people */
export function refuseOddPath(path: string): void {
  const names = path.split('/').slice(1);
  const plain = path.startsWith('/') && names.every(name => name !== '' && name !== '.' && name !== '..');
  if (!plain || /\p{C}/u.test(path)) throw new Error(`${JSON.stringify(path)}: expected a whole path without . and ..`);
}
