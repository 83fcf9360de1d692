import { copyFileSync, existsSync, renameSync, statSync } from 'node:fs';

/** A SQLite database in WAL mode is these three files; a log that stayed behind would be applied to the next ledger. */
const PARTS = ['', '-wal', '-shm'];

/**
 * Renames a damaged ledger out of the way, for people to look at: `ledger.sqlite.damaged-20260131T175900Z`, after the
 * time of its last write.
 *
 * @returns its new name.
 */
export function setAside(file: string): string {
  const name = nameAside(file);
  for (const part of PARTS) {
    if (existsSync(file + part)) renameSync(file + part, name + part);
  }
  return name;
}

/** Keeps a copy for people to look at, under such a name. @returns it */
export function copyAside(file: string): string {
  const name = nameAside(file);
  copyFileSync(file, name);
  return name;
}

/** One that nobody has. */
function nameAside(file: string): string {
  const lastWrite = statSync(file)
    .mtime.toISOString()
    .replace(/[-:]|\.\d+/g, '');
  const wanted = `${file}.damaged-${lastWrite}`;
  let name = wanted;
  for (let n = 2; existsSync(name); n += 1) name = `${wanted}-${n}`;
  return name;
}
