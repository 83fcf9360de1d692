import { lstat, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instant } from '../domain/time.ts';

/**
 * Names that only a rotation gives: `app.log.1`, `app.log.2.gz`, `app.log-20260301`, `app.log.old`, `app-2026-03-01.log`,
 * `syslog.1`. A file that is still written to has none of them, nor has a dump that lies beside the logs.
 */
const ROTATED = [
  /log[.-](?:\d[\d._-]*|old)(?:\.(?:gz|bz2|xz|zst))?$/i,
  /[._-]\d{4}-?\d{2}-?\d{2}\.log(?:\.(?:gz|bz2|xz|zst))?$/i,
];

/** Sizes on the disk are told in blocks of 512 bytes (man 2 stat). */
const BLOCK = 512;

export interface OldLogs {
  readonly folder: string;
  /** Those last written before that. */
  readonly before: Instant;
  /** The log that is being written, whatever it is called. */
  readonly inUse: string;
}

/** @returns the bytes that the disk got back */
export type RemoveOldLogs = (logs: OldLogs, signal: AbortSignal) => Promise<number>;

/**
 * Removes rotated logs from a folder, and from none below it: regular files only. A symbolic link is neither followed nor
 * removed, so nothing outside the folder is reached. A folder that is not there holds no logs.
 * @throws NodeJS.ErrnoException when the folder cannot be read, or when a file could not be removed: after the others were
 */
export const removeOldLogs: RemoveOldLogs = async ({ folder, before, inUse }, signal) => {
  let freed = 0;
  let failed: unknown;
  const written = await lstat(inUse).catch(() => undefined);
  for (const name of await namesIn(folder)) {
    signal.throwIfAborted();
    if (!ROTATED.some(pattern => pattern.test(name))) continue;
    const path = join(folder, name);
    try {
      const file = await lstat(path);
      const isWritten = file.ino === written?.ino && file.dev === written.dev;
      if (!file.isFile() || isWritten || file.mtimeMs >= before) continue;
      await unlink(path);
      // Whoever else holds a name of the same file keeps its bytes.
      if (file.nlink === 1) freed += file.blocks * BLOCK;
    } catch (error) {
      failed = error;
    }
  }
  if (failed !== undefined) throw failed;
  return freed;
};

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (Error.isError(error) && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
