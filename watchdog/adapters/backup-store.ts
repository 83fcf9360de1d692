import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Backup, BackupOf } from '../domain/backup.ts';
import { bytesInWords } from '../domain/bytes.ts';
import { nameOf } from '../domain/service.ts';
import type { Instant } from '../domain/time.ts';

/** Tars on the disk: `ID.tar`, and beside it `ID.json`, which is written last and makes it count. */
export interface BackupStore {
  /**
   * Writes the tar, reads it again, and only then lets it count.
   * @param limit bytes; a larger one is broken off and nothing is left of it
   * @throws Error with what to do, when it does not fit, cannot be written, or is not what was written
   */
  write(of: BackupOf, tar: AsyncIterable<Uint8Array>, limit: number, now: Instant): Promise<Backup>;
  /** Newest first. What is not whole is not listed. */
  list(): Promise<readonly Backup[]>;
  /** Reads the whole tar and compares it with its checksum. @throws Error when it differs or is gone */
  verify(backup: Backup): Promise<void>;
  read(backup: Backup): AsyncIterable<Uint8Array>;
  /** Of each mount only the newest so many stay. @returns the ids of those that are gone */
  keepOnly(newest: number): Promise<readonly string[]>;
}

/** Where they lie in the data folder. */
export const backupFolder = (dataFolder: string): string => join(dataFolder, 'backups');

/** Backups in this folder; made when the first is written. They hold data: nobody else may read them. */
export function backupStore(folder: string): BackupStore {
  const tarOf = (id: string) => join(folder, `${id}.tar`);
  const noteOf = (id: string) => join(folder, `${id}.json`);
  const list = async () => {
    const files = await readdir(folder).catch(unlessMissing);
    const notes = files.filter(file => file.endsWith('.json')).map(file => readNote(join(folder, file)));
    return (await Promise.all(notes))
      .flatMap(note => note ?? [])
      .toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  };
  const verify = async (backup: Backup) => {
    const found = await checksumOf(createReadStream(tarOf(backup.id)));
    if (found.sha256 === backup.sha256) return;
    throw new Error(
      `backup ${backup.id}: found ${tarOf(backup.id)} with the checksum ${found.sha256}, expected ${backup.sha256}. It is damaged; take another one.`,
    );
  };
  let tidied: Promise<void> | undefined;
  return {
    list,
    verify,
    read: backup => createReadStream(tarOf(backup.id)),
    write: async (of, tar, limit, now) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // Only once, and before the first: what is by half then was left by a watchdog that died over it.
      tidied ??= removeHalves(
        folder,
        (await list()).map(({ id }) => id),
      );
      await tidied;
      const id = await freeId(of, now, noteOf);
      const part = `${tarOf(id)}.part`;
      try {
        const written = await writeTar(part, tar, limit, of);
        await rename(part, tarOf(id));
        const backup: Backup = { ...of, id, at: now, ...written };
        await verify(backup);
        await writeFile(noteOf(id), `${JSON.stringify(backup, undefined, 2)}\n`, { mode: 0o600, flush: true });
        return backup;
      } catch (error) {
        await Promise.all([part, tarOf(id), noteOf(id)].map(file => rm(file, { force: true })));
        throw error;
      }
    },
    keepOnly: async newest => {
      const byMount = Map.groupBy(await list(), backup => `${nameOf(backup)} ${backup.source} ${backup.target}`);
      const old = [...byMount.values()].flatMap(backups => backups.slice(newest));
      for (const { id } of old) {
        // The note first: what is half gone must not count.
        await rm(noteOf(id), { force: true });
        await rm(tarOf(id), { force: true });
      }
      return old.map(({ id }) => id);
    },
  };
}

async function removeHalves(folder: string, whole: readonly string[]): Promise<void> {
  const ours = /^(\d{8}T\d{6}Z-.+)\.(json|tar|tar\.part)$/;
  for (const file of await readdir(folder)) {
    const [, id] = ours.exec(file) ?? [];
    if (id !== undefined && !whole.includes(id)) await rm(join(folder, file), { force: true });
  }
}

async function writeTar(part: string, tar: AsyncIterable<Uint8Array>, limit: number, of: BackupOf) {
  const hash = createHash('sha256');
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      hash.update(chunk);
      if (bytes <= limit) return done(undefined, chunk);
      return done(
        new Error(
          `backup of ${of.target} of ${nameOf(of)}: found more than ${bytesInWords(limit)}, which is what backups.max_size and the free disk allow. Raise the one or make room on the other.`,
        ),
      );
    },
  });
  await pipeline(Readable.from(tar), count, createWriteStream(part, { mode: 0o600, flush: true }));
  if (bytes === 0) throw new Error(`backup of ${of.target} of ${nameOf(of)}: found nothing at all, expected a tar`);
  return { bytes, sha256: hash.digest('hex') };
}

async function checksumOf(content: AsyncIterable<Uint8Array>): Promise<{ readonly sha256: string }> {
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk);
  return { sha256: hash.digest('hex') };
}

/** `20261122T131500Z-shop-db-1`: what sorts, and what people recognise. A second one in the same second gets a number. */
async function freeId({ container }: BackupOf, now: Instant, noteOf: (id: string) => string): Promise<string> {
  const stamp = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const base = `${stamp}-${container.replaceAll(/[^a-zA-Z0-9_.-]/g, '_')}`;
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? base : `${base}-${n}`;
    // Made exclusively, so that two that are taken at once do not get the same; it holds nothing that counts yet.
    const file = await open(noteOf(id), 'wx', 0o600).catch(error => {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
      throw error;
    });
    await file?.close();
    if (file !== undefined) return id;
  }
}

async function readNote(file: string): Promise<Backup | undefined> {
  try {
    const note = JSON.parse(await readFile(file, 'utf8')) as Backup;
    return typeof note.sha256 === 'string' ? note : undefined;
  } catch {
    // Empty while its tar is being written, or gone meanwhile.
    return undefined;
  }
}

function unlessMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
