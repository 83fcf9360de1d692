import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * What stands in SQLite's write-ahead log, by the rules after which its recovery reads it
 * (https://www.sqlite.org/fileformat2.html#the_write_ahead_log). A frame is one page of the database and what is said about it.
 */
export interface LogReading {
  /** Others for each time that the log is begun anew; undefined where its header is broken, and SQLite reads none of it. */
  readonly salts: string | undefined;
  /** Frames up to the end of the last transaction that SQLite finds. What comes after a broken frame it takes for never written. */
  readonly readable: number;
  /** Frames up to the end of the last transaction that was written into this log, whether or not SQLite finds it. */
  readonly written: number;
}

const HEADER = 32;
const FRAME_HEADER = 24;
/** How much of each header its checksum is about, in bytes. */
const SUMMED = { header: 24, frame: 8 } as const;
const MAGIC = 0x377f0682;
/** What SQLite takes where nothing else was said, and here nothing was. */
const USUAL_PAGE = 4_096;

const NOTHING: LogReading = { salts: undefined, readable: 0, written: 0 };

type Checksum = readonly [number, number];

/**
 * Of a file that is not there, or holds no frame, nothing was written.
 *
 * A process that is killed while it writes leaves its last transaction without an end, and so does one that rolls back: the frame that
 * ends a transaction is its last. Whatever stands behind a broken frame and ends a transaction of the same log was therefore there, and
 * is lost.
 */
export function readLog(file: string): LogReading {
  const descriptor = openIfThere(file);
  if (descriptor === undefined) return NOTHING;
  try {
    const header = Buffer.alloc(HEADER);
    if (readSync(descriptor, header, 0, HEADER, 0) < HEADER) return NOTHING;
    return readFrames(descriptor, header);
  } finally {
    closeSync(descriptor);
  }
}

function readFrames(descriptor: number, header: Buffer): LogReading {
  const isBigEndian = header.readUInt32BE(0) === MAGIC + 1;
  const isSound =
    (header.readUInt32BE(0) & ~1) === MAGIC &&
    sumOf(header, [0, 0], isBigEndian, 0, SUMMED.header).join() === sumIn(header, 24).join();
  const pageSize = isSound ? header.readUInt32BE(8) : USUAL_PAGE;
  const frame = Buffer.alloc(FRAME_HEADER + pageSize);
  const frames = Math.floor((fstatSync(descriptor).size - HEADER) / frame.length);
  // Of a log whose header is broken the first frame tells which one it is.
  let salts = isSound ? saltsIn(header, 16) : undefined;
  let sum: Checksum | undefined = isSound ? sumIn(header, 24) : undefined;
  let readable = 0;
  let written = 0;
  for (let number = 1; number <= frames; number += 1) {
    readSync(descriptor, frame, 0, frame.length, HEADER + (number - 1) * frame.length);
    salts ??= saltsIn(frame, 8);
    const isOfThisLog = saltsIn(frame, 8) === salts;
    const endsTransaction = frame.readUInt32BE(4) !== 0;
    sum = sum && isOfThisLog ? soundSumOf(frame, sum, isBigEndian) : undefined;
    if (sum && endsTransaction) readable = number;
    if (isOfThisLog && endsTransaction) written = number;
  }
  return { salts: isSound ? salts : undefined, readable, written };
}

/** @returns undefined where the frame is broken, or was never finished. */
function soundSumOf(frame: Buffer, before: Checksum, isBigEndian: boolean): Checksum | undefined {
  const ofHeader = sumOf(frame, before, isBigEndian, 0, SUMMED.frame);
  const sum = sumOf(frame, ofHeader, isBigEndian, FRAME_HEADER, frame.length);
  return sum.join() === sumIn(frame, 16).join() ? sum : undefined;
}

const saltsIn = (bytes: Buffer, at: number): string => bytes.toString('hex', at, at + 8);

const sumIn = (bytes: Buffer, at: number): Checksum => [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];

/** SQLite's own checksum, section 4.2 of the format: of pairs of 32 bit words, each frame's going on from that of the one before. */
export function sumOf(bytes: Buffer, before: Checksum, isBigEndian: boolean, from: number, to: number): Checksum {
  const word = (at: number) => (isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  let [first, second] = before;
  for (let at = from; at < to; at += 8) {
    first = (first + word(at) + second) >>> 0;
    second = (second + word(at + 4) + first) >>> 0;
  }
  return [first, second];
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (cause) {
    if (Error.isError(cause) && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}
