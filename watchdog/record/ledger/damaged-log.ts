import { existsSync } from 'node:fs';
import { copyAside, setAside } from './set-aside.ts';
import { readIndex } from './write-ahead-index.ts';
import { readLog } from './write-ahead-log.ts';

/** A write-ahead log of which SQLite would leave out transactions that were completed, without a word. Counted in frames. */
export interface LogDamage {
  /** Up to where it would read. */
  readonly readable: number;
  /** Up to the end of the last transaction. */
  readonly written: number;
  /** Of these as many are in the database already. */
  readonly inDatabase: number;
}

/**
 * Compares what a log should hold, by its own marks and by the index beside it, with what SQLite will find in it. To be asked before
 * the database is opened: that makes the index anew.
 *
 * A last transaction that was never finished is no damage. Where the index cannot be believed, as after a power cut, the loss of the
 * last transaction, or of the whole file, looks like that too, and is not found.
 */
export function findDamage(place: string): LogDamage | undefined {
  const found = look(place);
  if (found === undefined) return undefined;
  // Of a log that another process writes to at this moment a half is seen: once more, and it has got on.
  const again = look(place);
  const stays = again?.readable === found.readable && again.written === found.written && again.salts === found.salts;
  return stays ? found : undefined;
}

function look(place: string): (LogDamage & { readonly salts: string | undefined }) | undefined {
  // The index first: who writes counts it up last.
  const index = readIndex(`${place}-shm`);
  const { salts, readable, written } = readLog(`${place}-wal`);
  const committed = Math.max(written, index?.committed ?? 0);
  const inDatabase = index?.inDatabase ?? 0;
  const isWhole = readable >= committed && (index === undefined || index.committed === 0 || index.salts === salts);
  // What is empty, or cannot be read at all, hides nothing of what is in the database.
  const needless = readable === 0 && inDatabase >= committed;
  return isWhole || needless ? undefined : { salts, readable, written: committed, inDatabase };
}

/**
 * Keeps the log for people to look at, before SQLite writes over it. Where all of it is in the database the log is taken away, or its
 * older pages would hide newer ones. @returns where it is kept; undefined where there is none any more
 */
export function keepLog(place: string, { written, inDatabase }: LogDamage): string | undefined {
  const log = `${place}-wal`;
  if (!existsSync(log)) return undefined;
  return inDatabase < written ? copyAside(log) : setAside(log);
}
