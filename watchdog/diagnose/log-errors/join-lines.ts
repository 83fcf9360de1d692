import type { Duration, Instant } from '../../domain/time.ts';
import { withoutColours } from './see-through.ts';

/** One event of a log: a line, or the lines of a trace. */
export interface LogRecord {
  /** Its lines, as they were written. */
  readonly text: string;
  /** When its first line was written. */
  readonly at: Instant;
  /** Lines that belonged to it and were left out, because it was too long. */
  readonly left: number;
}

/** How much is one record. */
export interface RecordBounds {
  readonly lines: number;
  /** Characters of all lines. */
  readonly length: number;
  /** No line that comes later than this after the one before belongs to it. */
  readonly pause: Duration;
}

export const USUAL_BOUNDS: RecordBounds = { lines: 200, length: 16_384, pause: 1_000 };

/**
 * Joins the lines of one stream of one container to records: traces of Python, Java, Node and Go, PostgreSQL's further
 * lines, and whatever else is indented below its first line. Holds one record at most.
 */
export interface LineJoiner {
  /** Takes the next line. @returns the record that it shows to be complete */
  add(line: string, at: Instant): LogRecord | undefined;
  /** The record as it stands, which may still grow; none where nothing is open. */
  peek(): LogRecord | undefined;
  /** The record that nothing can be added to any more at this time, or none. */
  due(now: Instant): LogRecord | undefined;
  /** The record that is still open when the stream has ended, or none. */
  end(): LogRecord | undefined;
}

/** What the record has shown to be, which decides what else belongs to it. */
type Kind = 'line' | 'python' | 'python-over' | 'go';

interface OpenRecord {
  kind: Kind;
  readonly lines: [string, ...string[]];
  length: number;
  readonly at: Instant;
  lastAt: Instant;
  left: number;
}

export function lineJoiner(bounds: RecordBounds = USUAL_BOUNDS): LineJoiner {
  let open: OpenRecord | undefined;

  const close = (): LogRecord | undefined => {
    const done = open;
    open = undefined;
    return done && recordOf(done);
  };

  return {
    add: (line, at) => {
      const plain = withoutColours(line);
      if (open !== undefined && at - open.lastAt <= bounds.pause && belongs(plain, open)) {
        append(open, line, plain, at, bounds);
        return undefined;
      }
      const done = close();
      const text = line.slice(0, bounds.length);
      open = { kind: kindOf(plain, 'line'), lines: [text], length: text.length, at, lastAt: at, left: 0 };
      return done;
    },
    peek: () => open && recordOf(open),
    due: now => (open !== undefined && now - open.lastAt > bounds.pause ? close() : undefined),
    end: close,
  };
}

function recordOf({ lines, at, left }: OpenRecord): LogRecord {
  let last = lines.length;
  while (lines[last - 1] === '') last -= 1;
  return { text: lines.slice(0, last).join('\n'), at, left };
}

function append(open: OpenRecord, line: string, plain: string, at: Instant, bounds: RecordBounds): void {
  open.kind = kindOf(plain, open.kind);
  open.lastAt = at;
  const room = bounds.length - open.length;
  if (open.lines.length >= bounds.lines || room <= 0) {
    open.left += 1;
    return;
  }
  const text = line.slice(0, room);
  open.lines.push(text);
  open.length += text.length;
}

const INDENTED = /^(?:[ \t]+\S|[ \t]*[}\])]+[,;]?$)/;
/** Java's causes, Python's chains, PostgreSQL's further lines, Redis' configuration errors. */
const FURTHER =
  /^(?:Caused by: |Suppressed: |\.\.\. \d+ (?:more|common frames)|During handling of the above exception|The above exception was the direct cause|Traceback \(most recent call last\):|>>> '|(?:\S.{0,80} )?(?:DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION): {1,3}\S)/;
/** `java.lang.IllegalStateException: ...` below the line that was logged with it. */
const EXCEPTION_OF_JAVA = /^(?:[a-z]\w*\.){1,12}[A-Z][\w$]*(?:Exception|Error|Throwable)\b/;
const PYTHON_BEGINS = /Traceback \(most recent call last\):$/;
const GO_BEGINS = /^(?:panic: |fatal error: |goroutine \d+ \[)/;
// The bracket that opens the arguments is the first one behind the first letter: to try each of them would take as long as the
// line is, squared.
const GO_GOES_ON =
  /^(?:goroutine \d+ |\[signal |created by |exit status \d|panic: |runtime: |[\w./*()[\]{}·-][\w./*)[\]{}·-]*\(.*\)$|$)/;

function belongs(line: string, { kind, lines }: OpenRecord): boolean {
  if (INDENTED.test(line) || FURTHER.test(line)) return true;
  if (EXCEPTION_OF_JAVA.test(line)) return !EXCEPTION_OF_JAVA.test(lines[0]);
  if (kind === 'python') return true;
  // A chain goes on after an empty line.
  if (kind === 'python-over') return line === '';
  return kind === 'go' && GO_GOES_ON.test(line);
}

function kindOf(line: string, before: Kind): Kind {
  if (PYTHON_BEGINS.test(line)) return 'python';
  if (GO_BEGINS.test(line)) return 'go';
  // The first line that is not indented names the exception, and ends the trace.
  if (before === 'python' && line !== '' && !INDENTED.test(line)) return 'python-over';
  return before;
}
