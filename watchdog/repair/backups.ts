import type { BackupStore } from '../adapters/backup-store.ts';
import type { Clock } from '../adapters/clock.ts';
import type { Docker } from '../adapters/docker/docker.ts';
import type { Space } from '../adapters/free-space.ts';
import type { Backup } from '../domain/backup.ts';
import type { Mounted } from '../domain/making.ts';
import type { Replica } from '../domain/service.ts';

export interface BackupTools {
  readonly docker: Pick<Docker, 'archive' | 'howMade' | 'inspect'>;
  readonly store: BackupStore;
  readonly clock: Pick<Clock, 'now'>;
  /** Asked afresh each time, so that a reload holds at once. */
  readonly allowed: () => { readonly keep: number; readonly maxBytes: number };
  /** Of the disk on which the backups lie. */
  readonly freeSpace: () => Promise<Space>;
}

/** Of the free disk a backup may take no more than this: the ledger is on it as well. */
const SHARE_OF_FREE = 0.8;

/** Takes backups of the volumes of containers, and finds them again. */
export class Backups {
  readonly #tools: BackupTools;

  constructor(tools: BackupTools) {
    this.#tools = tools;
  }

  /**
   * The volumes of this container that it can write to, or the one that it has there.
   * @throws Error when there is none
   */
  async volumesOf(target: Replica, path: string | undefined, signal: AbortSignal): Promise<readonly Mounted[]> {
    const made = await this.#tools.docker.howMade(target.id, signal);
    const volumes = made?.mounts.filter(({ type, writable }) => type === 'volume' && writable) ?? [];
    const wanted = volumes.filter(volume => path === undefined || volume.target === path);
    if (wanted.length > 0) return wanted;
    const known = volumes.map(volume => volume.target).join(', ') || 'none';
    throw new Error(
      `${target.name} has no volume that it can write to${path === undefined ? '' : ` at ${path}`}; it has ${known}`,
    );
  }

  /** A backup of this volume as it stands: written, read again, and only then there. Old ones of the same volume may go for it. */
  async take(target: Replica, volume: Mounted, signal: AbortSignal): Promise<Backup> {
    const { docker, store, clock, allowed, freeSpace } = this.#tools;
    const { keep, maxBytes } = allowed();
    const { freeBytes } = await freeSpace();
    const now = await docker.inspect(target.id, signal);
    const { project, service, name: container } = target;
    const { source, target: at } = volume;
    const of = { project, service, container, source, target: at, whileRunning: now?.state === 'running' };
    const limit = Math.min(maxBytes, Math.floor(freeBytes * SHARE_OF_FREE));
    // With the dot the names in the tar begin below the mount, so that it can be unpacked under it again.
    const backup = await docker.archive(target.id, `${at}/.`, tar => store.write(of, tar, limit, clock.now()), signal);
    await store.keepOnly(keep);
    return backup;
  }

  /** @throws Error when there is none of that id, or it is damaged */
  async sound(id: string): Promise<Backup> {
    const { store } = this.#tools;
    const backups = await store.list();
    const backup = backups.find(each => each.id === id);
    if (backup === undefined) throw new Error(`there is no backup ${id}; watchdog backups list shows those there are`);
    await store.verify(backup);
    return backup;
  }

  read(backup: Backup): AsyncIterable<Uint8Array> {
    return this.#tools.store.read(backup);
  }
}
