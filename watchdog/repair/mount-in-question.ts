import type { Docker } from '../adapters/docker/docker.ts';
import type { Mounted } from '../domain/making.ts';
import type { Order } from '../domain/repair.ts';
import type { Replica } from '../domain/service.ts';

/** A mount, and the folder in it that an order is about. */
export interface Place {
  readonly mount: Mounted;
  /** As the container sees it, without a slash at its end. */
  readonly path: string;
}

/**
 * Where on which mount of the container the order has to work: at its parameter `path`, else on the mount that holds the path that
 * the log names, else on the only one that the container can write to.
 * @throws Error when that is not one place
 */
export async function placeOf(
  docker: Pick<Docker, 'howMade'>,
  { with: told, error }: Pick<Order, 'with' | 'error'>,
  target: Replica,
  signal: AbortSignal,
): Promise<Place> {
  const mounts = await writableMounts(docker, target, signal);
  const known = mounts.map(mount => mount.target).join(', ') || 'none';
  if (told.path !== undefined) {
    const path = withoutEnd(String(told.path));
    const mount = innermost(mounts, path);
    if (mount !== undefined && isPlain(path)) return { mount, path };
    throw new Error(`${target.name} has no volume or folder that it can write to at ${path}; it has ${known}`);
  }
  // A log is the word of a stranger: it may say which of the mounts, and nothing more.
  const mount = innermost(mounts, error?.captures.path ?? '') ?? (mounts.length === 1 ? mounts[0] : undefined);
  if (mount !== undefined) return { mount, path: withoutEnd(mount.target) };
  throw new Error(
    `which mount of ${target.name} is meant cannot be told: found ${known}; the parameter path names one in a playbook`,
  );
}

/** Volumes and folders of the host that the container can write to; what lies in memory has no files to mend. */
export async function writableMounts(
  docker: Pick<Docker, 'howMade'>,
  { id }: Pick<Replica, 'id'>,
  signal: AbortSignal,
): Promise<readonly Mounted[]> {
  const made = await docker.howMade(id, signal);
  return made?.mounts.filter(({ type, writable }) => type !== 'tmpfs' && writable) ?? [];
}

const innermost = (mounts: readonly Mounted[], path: string): Mounted | undefined =>
  mounts
    .filter(({ target }) => isWithin(path, withoutEnd(target)))
    .toSorted((a, b) => b.target.length - a.target.length)[0];

export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);

/** Folders of the host that belong to the system, with all that is in them. */
const SYSTEM = ['/boot', '/dev', '/etc', '/lib', '/proc', '/run', '/sys', '/usr', '/var/lib/docker', '/var/run'];

/** Whether a folder of the host is its system's, or lies right under `/`: nothing there is touched, whatever anybody says. */
export const isOfSystem = (source: string): boolean =>
  source.split('/').filter(part => part !== '').length < 2 || SYSTEM.some(folder => isWithin(source, folder));

const isPlain = (path: string): boolean => !path.split('/').includes('..');

const withoutEnd = (path: string): string => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path);
