import type { StandingError } from '../domain/error-book.ts';
import type { Replica } from '../domain/service.ts';

const SAYS_SO = /read-only file ?system|\bEROFS\b|\[errno 30\]/i;

/**
 * Why a container may not write where its log says that the file system is read-only: because it was made so, which is a line of its
 * Compose file, or because the file system below is, which is trouble with a disk. Undefined where its log says nothing of the
 * kind, or nobody knows how the container was made.
 */
export function whyReadOnly(
  { error: { captures }, sample }: Pick<StandingError, 'error' | 'sample'>,
  replica: Pick<Replica, 'inspected'> | undefined,
): string | undefined {
  const mayWrite = replica?.inspected?.mayWrite;
  if (!SAYS_SO.test(sample) || mayWrite === undefined) return undefined;
  const places = Object.keys(mayWrite).filter(place => isIn(place, captures.path ?? ''));
  const place = places.toSorted((a, b) => b.length - a.length)[0];
  if (place === undefined) return withoutPath(mayWrite);
  return mayWrite[place] ? ofTheDisk(place) : ofCompose(place);
}

const isIn = (place: string, path: string): boolean =>
  path === place || path.startsWith(place === '/' ? '/' : `${place}/`);

function withoutPath(mayWrite: Readonly<Record<string, boolean>>): string {
  const closed = Object.keys(mayWrite).filter(place => !mayWrite[place]);
  if (closed.length === 0) return ofTheDisk('/');
  return `its Compose file does not let it write at ${closed.join(', ')}; if it is not there, the file system of the host is read-only (dmesg tells)`;
}

const ofCompose = (place: string): string =>
  place === '/'
    ? 'its Compose file says read_only: true for all that is no mount: a volume or a tmpfs there lets it write'
    : `its Compose file mounts ${place} read-only: without :ro (or read_only: true) in the line of that volume it may write there`;

const ofTheDisk = (place: string): string =>
  `its Compose file lets it write at ${place}, so the file system of the host is read-only: the kernel makes it so after errors of the disk (dmesg tells)`;
