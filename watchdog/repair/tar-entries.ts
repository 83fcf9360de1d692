/** What a tar says of one file, without its content. */
export interface TarEntry {
  /** As it stands in the tar, without `./` at its beginning or a slash at its end; empty for the folder itself. */
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** The permission bits, set-id and sticky ones included. */
  readonly mode: number;
  readonly isFolder: boolean;
  /** A symbolic one. */
  readonly isLink: boolean;
}

const BLOCK = 512;
/** Of headers that only describe the next one. A path has at most 4 KiB (PATH_MAX), extended attributes 64 KiB each. */
const LONGEST_EXTENSION = 2 ** 20;

type Extension = Readonly<Record<string, string>>;

/**
 * The entries of a tar as the engine writes it (Go's archive/tar): ustar, with PAX headers (POSIX.1-2001, pax) or GNU's long names
 * where something does not fit.
 * @throws Error where it is none, or ends too early
 */
export async function* tarEntries(tar: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = new Blocks(tar);
  let extension: Extension = {};
  for (;;) {
    const header = await reader.take(BLOCK);
    if (header === undefined) throw new Error('the tar ends without its end mark');
    if (header.every(byte => byte === 0)) return;
    requireSum(header);
    const type = String.fromCharCode(header[156] ?? 0);
    const size = Number(extension.size ?? numberIn(header, 124, 12));
    const content = type === 'x' || type === 'L' ? await reader.content(size) : await reader.skip(size);
    if (type === 'x') extension = { ...extension, ...recordsIn(content) };
    else if (type === 'L') extension = { ...extension, path: textOf(content) };
    else if (type !== 'g' && type !== 'K') {
      yield entryFrom(header, type, extension);
      extension = {};
    }
  }
}

function entryFrom(header: Buffer, type: string, extension: Extension): TarEntry {
  // GNU's own format has other things there.
  const prefix = header[262] === 0 ? textOf(header.subarray(345, 500)) : '';
  const short = textOf(header.subarray(0, 100));
  const name = extension.path ?? (prefix === '' ? short : `${prefix}/${short}`);
  return {
    name: plain(name),
    uid: Number(extension.uid ?? numberIn(header, 108, 8)),
    gid: Number(extension.gid ?? numberIn(header, 116, 8)),
    mode: numberIn(header, 100, 8) & 0o7777,
    isFolder: type === '5',
    isLink: type === '2',
  };
}

function plain(name: string): string {
  const open = name.endsWith('/') ? name.slice(0, -1) : name;
  return open === '.' ? '' : open.replace(/^\.?\//, '');
}

/** Octal digits, or with the first bit set a number to the base 256. */
function numberIn(header: Buffer, at: number, length: number): number {
  const field = header.subarray(at, at + length);
  if (((field[0] ?? 0) & 0x80) !== 0) return field.readUIntBE(length - 6, 6);
  return Number.parseInt(textOf(field).trim() || '0', 8);
}

const textOf = (field: Buffer): string => {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
};

/** `18 path=some/where\n`, one after the other; the number is the length of the whole record in bytes. */
function recordsIn(content: Buffer): Extension {
  const records: Record<string, string> = {};
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(' ', at);
    const length = Number(content.toString('utf8', at, space));
    if (space === -1 || !(length > 0)) throw new Error('the tar has an extended header that cannot be read');
    const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(content.toString('utf8', space + 1, at + length - 1)) ?? [];
    if (key === 'path' || key === 'uid' || key === 'gid' || key === 'size') records[key] = value;
    at += length;
  }
  return records;
}

/** The sum of all bytes of the header, the sum itself counted as spaces. */
function requireSum(header: Buffer): void {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (sum !== numberIn(header, 148, 8)) throw new Error('the tar is damaged: the checksum of a header is wrong');
}

/** Pieces of any length, taken as so many bytes. */
class Blocks {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Undefined where it ends before. */
  async take(length: number): Promise<Buffer | undefined> {
    while (this.#rest.length < length) if (!(await this.#more())) return undefined;
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  async content(size: number): Promise<Buffer> {
    if (size > LONGEST_EXTENSION) throw new Error(`the tar has an extended header of ${size} bytes`);
    const content = await this.take(Math.ceil(size / BLOCK) * BLOCK);
    if (content === undefined) throw new Error('the tar ends within a file');
    return content.subarray(0, size);
  }

  async skip(size: number): Promise<Buffer> {
    let left = Math.ceil(size / BLOCK) * BLOCK;
    while (left > this.#rest.length) {
      left -= this.#rest.length;
      this.#rest = Buffer.alloc(0);
      if (!(await this.#more())) throw new Error('the tar ends within a file');
    }
    this.#rest = this.#rest.subarray(left);
    return Buffer.alloc(0);
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#pieces.next();
    if (done) return false;
    this.#rest = Buffer.concat([this.#rest, value]);
    return true;
  }
}
