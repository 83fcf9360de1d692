import { LedgerError } from './ledger.ts';

/** SQLite's primary result codes that call for a word of their own (https://www.sqlite.org/rescode.html). */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** What `PRAGMA quick_check` found; counts as SQLite's own CORRUPT. */
export class DamageFound extends Error {
  readonly errcode = CORRUPT;
}

/** The file's content is broken; another try on the same file cannot help. */
export const isDamage = (cause: unknown): boolean => {
  const code = primaryCode(cause);
  return code === CORRUPT || code === NOTADB;
};

/** The disk has no room for what was to be written. */
export const isFull = (cause: unknown): boolean => primaryCode(cause) === FULL;

/**
 * The same failure in a sentence that names the place and what to do about it. What is neither SQLite's nor the file
 * system's is a defect of ours and comes back as it is.
 */
export function explained(place: string, cause: unknown): unknown {
  const isOurs = !Error.isError(cause) || !('errcode' in cause || 'syscall' in cause);
  if (isOurs) return cause;
  const code = 'code' in cause && cause.code === 'ENOSPC' ? FULL : primaryCode(cause);
  const sentence = `the ledger ${place} cannot be used: ${cause.message}; ${remedyFor(code)}`;
  return new LedgerError(sentence, { cause });
}

function remedyFor(code: number | undefined): string {
  switch (code) {
    case BUSY:
      return 'another process holds it: end a second watchdog, or try again';
    case FULL:
      return 'free some space on its disk';
    case READONLY:
    case CANTOPEN:
    case undefined:
      return 'its folder and file must exist and be writable for the user the watchdog runs as (WATCHDOG_DATA says where)';
    case IOERR:
      return 'its disk does not read or write properly: look at the kernel log and at the free space';
    case CORRUPT:
    case NOTADB:
      return 'move it away to begin a new ledger';
    default:
      return 'this is a defect of the watchdog: please report it with this line';
  }
}

/** The low byte of `errcode` is the primary code; the rest is detail. Undefined for what is not SQLite's. */
function primaryCode(cause: unknown): number | undefined {
  if (!Error.isError(cause) || !('errcode' in cause)) return undefined;
  return typeof cause.errcode === 'number' ? cause.errcode & 0xff : undefined;
}
