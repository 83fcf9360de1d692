/** A line that a container wrote. */
export interface LogLine {
  /**
   * When the engine took it, RFC 3339 with nine digits of the second, UTC: such times sort as text. Empty where the engine
   * gave none.
   */
  readonly at: string;
  /** A container with a terminal has one stream only. */
  readonly stream: 'stdout' | 'stderr' | 'terminal';
  /** Without its end. What is no UTF-8 is shown as U+FFFD. */
  readonly text: string;
  /** Bytes of the line that were left out, because it was too long. */
  readonly left: number;
}

/** Of one line no more is kept, in bytes. */
export const LONGEST_LINE = 16_384;

/** `2025-03-05T10:11:12.131000000Z `: the engine's RFC3339NanoFixed and a space. */
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /;
const STAMP_LENGTH = 31;

/** Cuts what `GET /containers/{id}/logs?timestamps=1` sends into lines, wherever the chunks happen to end. */
export interface LogParser {
  /** @returns the lines that are complete now */
  push(chunk: Buffer): LogLine[];
  /** The lines that the stream ended in. */
  end(): LogLine[];
}

/**
 * Tells by the first byte what it reads: frames begin with 0, 1 or 2, the stream of a terminal with a time, because times are
 * asked for. (Only engines from API 1.42 on say it in the `Content-Type`.) Holds one line of each stream at most.
 */
export function logParser(): LogParser {
  let parser: LogParser | undefined;
  return {
    push: chunk => {
      if (chunk.length === 0) return [];
      parser ??= (chunk[0] ?? 0) <= 2 ? frameParser() : terminalParser();
      return parser.push(chunk);
    },
    end: () => parser?.end() ?? [],
  };
}

const HEADER = 8;

/**
 * Frames of eight bytes (stream, three zeros, length of what follows, big-endian; Engine API, "Stream format"). Each is one
 * line, or a piece of a long one: the engine cuts lines every 16 KiB, puts the time before each piece, and a line's end only
 * behind the last.
 */
function frameParser(): LogParser {
  const pieces = { stdout: pieceCollector('stdout'), stderr: pieceCollector('stderr') };
  const header = Buffer.alloc(HEADER);
  let headerBytes = 0;
  let missing = 0;
  let body: Buffer[] = [];

  const take = (chunk: Buffer, from: number): number => {
    const end = Math.min(chunk.length, from + missing);
    body.push(chunk.subarray(from, end));
    missing -= end - from;
    return end;
  };
  return {
    push: chunk => {
      const lines: LogLine[] = [];
      let at = 0;
      while (at < chunk.length) {
        if (headerBytes < HEADER) {
          const end = Math.min(chunk.length, at + HEADER - headerBytes);
          chunk.copy(header, headerBytes, at, end);
          headerBytes += end - at;
          at = end;
          if (headerBytes < HEADER) break;
          missing = header.readUInt32BE(4);
        }
        at = take(chunk, at);
        if (missing > 0) break;
        const whole = body.length === 1 ? body[0] : Buffer.concat(body);
        const line = (header[0] === 2 ? pieces.stderr : pieces.stdout).add(whole ?? Buffer.alloc(0));
        if (line !== undefined) lines.push(line);
        body = [];
        headerBytes = 0;
      }
      return lines;
    },
    end: () => [pieces.stdout.end(), pieces.stderr.end()].filter(line => line !== undefined),
  };
}

/** Puts the pieces of one stream's long lines together, as far as they are kept. */
function pieceCollector(stream: 'stdout' | 'stderr') {
  let at = '';
  let kept: Buffer[] = [];
  let length = 0;
  let left = 0;
  const finish = (): LogLine => {
    const text = (kept.length === 1 ? (kept[0] as Buffer) : Buffer.concat(kept)).toString('utf8');
    const line = { at, stream, text: withoutReturn(text), left };
    kept = [];
    length = 0;
    left = 0;
    return line;
  };
  return {
    add: (piece: Buffer): LogLine | undefined => {
      const stamp = stampOf(piece);
      const ends = piece.at(-1) === LINE_END;
      if (kept.length === 0) at = stamp;
      const text = piece.subarray(stamp === '' ? 0 : STAMP_LENGTH, ends ? piece.length - 1 : piece.length);
      const room = text.subarray(0, LONGEST_LINE - length);
      // A copy where it has to wait: what is cut out of a chunk keeps the whole chunk in memory.
      kept.push(ends ? room : Buffer.from(room));
      length += room.length;
      left += text.length - room.length;
      return ends ? finish() : undefined;
    },
    end: (): LogLine | undefined => (kept.length > 0 ? finish() : undefined),
  };
}

const LINE_END = 10;

const stampOf = (bytes: Buffer): string => {
  const head = bytes.toString('latin1', 0, STAMP_LENGTH);
  return STAMP.test(head) ? head.slice(0, -1) : '';
};

const withoutReturn = (text: string): string => (text.endsWith('\r') ? text.slice(0, -1) : text);

/** The bytes as they were written, a time before each line. */
function terminalParser(): LogParser {
  let rest: Buffer = Buffer.alloc(0);
  let left = 0;
  const lineFrom = (bytes: Buffer): LogLine => {
    const at = stampOf(bytes);
    const text = bytes.subarray(at === '' ? 0 : STAMP_LENGTH);
    const line = { at, stream: 'terminal', text: withoutReturn(text.toString('utf8', 0, LONGEST_LINE)) } as const;
    const cut = Math.max(0, text.length - LONGEST_LINE) + left;
    left = 0;
    return { ...line, left: cut };
  };
  return {
    push: chunk => {
      const lines: LogLine[] = [];
      let from = 0;
      for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, from)) {
        const piece = chunk.subarray(from, end);
        lines.push(lineFrom(rest.length === 0 ? piece : Buffer.concat([rest, piece])));
        rest = Buffer.alloc(0);
        from = end + 1;
      }
      const begun = chunk.subarray(from);
      const room = Math.max(0, STAMP_LENGTH + LONGEST_LINE - rest.length);
      left += Math.max(0, begun.length - room);
      rest = Buffer.concat([rest, begun.subarray(0, room)]);
      return lines;
    },
    end: () => (rest.length === 0 ? [] : [lineFrom(rest)]),
  };
}
