import type { Strategy } from '../domain/repair.ts';
import { minutes } from '../domain/time.ts';
import type { Backups } from './backups.ts';

export interface BackupNeeds {
  readonly backups: Pick<Backups, 'volumesOf' | 'take' | 'sound' | 'read'>;
}

/** Gigabytes go through the engine's socket, and are read once more. */
export const BACKUP_TAKES = minutes(30);

/**
 * Takes a backup of each volume of the container that it can write to, or of the one at `path`. The container goes on meanwhile:
 * what it was writing may be there by half, which the backup's note says. Of what has to be whole, stop the service before.
 */
export const backupVolume = ({ backups }: BackupNeeds): Strategy => ({
  name: 'backup-volume',
  danger: 'none',
  summary: "keeps a tar of the container's volumes in the watchdog's data folder, with its checksum",
  takes: BACKUP_TAKES,
  apply: async ({ order, target, signal, journal }) => {
    const path = order.with.path === undefined ? undefined : String(order.with.path);
    for (const volume of await backups.volumesOf(target, path, signal)) {
      journal('backup', { path: volume.target });
      const { id, bytes, sha256 } = await backups.take(target, volume, signal);
      journal('kept', { backup: id, bytes, sha256 });
    }
    return undefined;
  },
  // What was written by half counts for nothing, and goes with the next backup.
  undo: async () => undefined,
  recover: async steps => {
    const kept = steps.filter(({ step }) => step === 'kept').map(({ data }) => data.backup);
    return kept.length === 0 ? 'no backup was complete' : `complete were ${kept.join(', ')}`;
  },
});
