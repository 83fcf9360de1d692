import { readFileSync, statSync } from 'node:fs';
import { endianness, uptime } from 'node:os';
import { sumOf } from './write-ahead-log.ts';

/** What SQLite keeps beside its write-ahead log to find pages in it, in memory that processes share: the file `-shm`. */
export interface LogIndex {
  /** Of the log that it is about. */
  readonly salts: string;
  /** Frames up to the end of the last transaction. Counted up after they were written, so the log must hold as many. */
  readonly committed: number;
  /** As many of them are in the database as well, and on the disk. */
  readonly inDatabase: number;
}

/** Twice, one after the other, and then how far it was copied: https://www.sqlite.org/walformat.html#the_wal_index_file_format. */
const HEADER = 48;
const VERSION = 3_007_000;

/**
 * Undefined where there is none to believe: it was being written, is of another version, or of before the host was started. What is
 * memory to SQLite outlives a process that was killed; of a host that fell over it may be older than the log.
 */
export function readIndex(file: string, now: number = Date.now()): LogIndex | undefined {
  const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (written === undefined || written < now - uptime() * 1_000) return undefined;
  const bytes = readFileSync(file);
  if (bytes.length < 2 * HEADER + 4 || !bytes.subarray(0, HEADER).equals(bytes.subarray(HEADER, 2 * HEADER)))
    return undefined;
  const isBigEndian = endianness() === 'BE';
  const word = (at: number) => (isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  if (word(0) !== VERSION || sumOf(bytes, [0, 0], isBigEndian, 0, 40).join() !== [word(40), word(44)].join())
    return undefined;
  return { salts: bytes.toString('hex', 32, 40), committed: word(16), inDatabase: word(2 * HEADER) };
}
