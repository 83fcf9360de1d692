import type { Readable } from 'node:stream';
import type { ListEntry } from './engine-shapes.ts';

/** Where one entry ends and the next begins, as Go writes it: inside a string the quotes would be escaped. */
const BOUNDARY = Buffer.from('},{"Id":"');

/**
 * Reads the answer of a container list entry by entry while it comes in. Parsed as a whole, a list of 5,000 containers is
 * 9 MB of text and several times as much in objects, every round anew.
 * @throws SyntaxError when it is no list
 */
export async function readList<T>(answer: Readable, take: (entry: ListEntry) => T | undefined): Promise<T[]> {
  const taken: T[] = [];
  const found = (entry: ListEntry) => {
    const one = take(entry);
    if (one !== undefined) taken.push(one);
  };
  let rest: Buffer | undefined;
  for await (const chunk of answer) {
    // The first byte is the list's opening bracket.
    rest = rest === undefined ? chunk.subarray(1) : Buffer.concat([rest, chunk]);
    rest = cutEntries(rest as Buffer, found);
  }
  // The last entry with the list's closing bracket; all of them where the text is laid out in another way.
  for (const entry of JSON.parse(`[${rest ?? ''}`) as ListEntry[]) found(entry);
  return taken;
}

/** @returns what is left after the last whole entry that another one follows */
function cutEntries(text: Buffer, found: (entry: ListEntry) => void): Buffer {
  let begin = 0;
  for (let end = text.indexOf(BOUNDARY); end >= 0; end = text.indexOf(BOUNDARY, end + 1)) {
    const entry = entryFrom(text.toString('utf8', begin, end + 1));
    if (entry === undefined) continue;
    found(entry);
    begin = end + '},'.length;
  }
  return text.subarray(begin);
}

/** Undefined for half an entry: what looked like a boundary was something inside it. */
function entryFrom(text: string): ListEntry | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
