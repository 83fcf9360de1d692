import type { Clock } from '../adapters/clock.ts';
import type { LogLine } from '../adapters/docker/logs.ts';
import type { ErrorFold } from '../domain/error-book.ts';
import type { Finding } from '../domain/finding.ts';
import type { ErrorType, RecognisedError, Severity } from '../domain/log-error.ts';
import { maskedError } from '../domain/masked-error.ts';
import type { ServiceRef } from '../domain/service.ts';
import { type Duration, type Instant, seconds } from '../domain/time.ts';
import type { FollowedReplica } from './log-follower.ts';
import type { StandingErrors } from './standing-errors.ts';

/** One event of a log, and how lines become one. */
interface LogRecord {
  readonly text: string;
  readonly at: Instant;
}

interface Joiner {
  add(line: string, at: Instant): LogRecord | undefined;
  peek(): LogRecord | undefined;
  due(now: Instant): LogRecord | undefined;
  end(): LogRecord | undefined;
}

/** What is counted of logs. */
export interface LogCounts {
  linesRead(ref: ServiceRef, lines: number): void;
  errorFound(ref: ServiceRef, type: ErrorType, severity: Severity): void;
}

export interface LogSensorTools {
  readonly join: () => Joiner;
  readonly recognise: (record: string, writer: FollowedReplica) => RecognisedError | undefined;
  readonly folds: {
    add(
      ref: ServiceRef,
      error: RecognisedError,
      text: string,
      at: Instant,
    ): { readonly isNew: boolean; readonly burst: boolean };
    take(): readonly ErrorFold[];
  };
  readonly book: Pick<StandingErrors, 'note' | 'forgetQuiet'>;
  readonly counts: LogCounts;
  /** A record is an error: said once of each, as soon as it shows. */
  readonly onError: (replica: FollowedReplica, error: RecognisedError, record: LogRecord) => void;
  /** By all other signs. */
  readonly isWell: (containerId: string) => boolean;
  /** It does not run and is not done: its silence says nothing. */
  readonly hasFallen: (containerId: string) => boolean;
  readonly emit: (finding: Finding) => void;
  readonly clock: Clock;
}

/** A record that may still grow is looked at when its stream has paused for so long: a trace is written in one go. */
const LOOK_AFTER: Duration = 30;
/** A record is complete when nothing was added for so long; a little more than what `lineJoiner` waits. */
const COMPLETE_AFTER: Duration = 1_100;
/** Who is ill and goes on writing errors is looked at again, but not more often. */
const LOOK_AGAIN_AFTER: Duration = seconds(1);
const LONGEST_SAMPLE = 500;

/** What is being read of one stream of a container. */
interface Stream {
  readonly joiner: Joiner;
  /** The open record was looked at and told of this. */
  noted: ErrorType | undefined;
}

interface Reading {
  replica: FollowedReplica;
  readonly streams: Map<LogLine['stream'], Stream>;
  emittedAt: Instant;
}

/** Turns what containers write into findings: joins lines to records, recognises errors, folds them, and says where to look. */
export class LogSensor {
  readonly #tools: LogSensorTools;
  readonly #readings = new Map<string, Reading>();
  /** Have lines that may be a record of their own. */
  readonly #open = new Set<Reading>();
  /** Have had lines since they were last looked at. */
  readonly #fresh = new Set<Reading>();
  #lookDue = false;
  #completionDue = false;

  constructor(tools: LogSensorTools) {
    this.#tools = tools;
  }

  /** For the follower: lines of a container, in their order. */
  take(replica: FollowedReplica, lines: readonly LogLine[]): void {
    const { counts, clock } = this.#tools;
    counts.linesRead(replica, lines.length);
    const reading = this.#readingOf(replica);
    for (const { at, stream: name, text } of lines) {
      const stream = this.#streamOf(reading, name);
      const record = stream.joiner.add(text, at === '' ? clock.now() : Date.parse(at));
      if (record !== undefined) this.#complete(reading, stream, record);
    }
    this.#open.add(reading);
    this.#fresh.add(reading);
    this.#lookSoon();
  }

  /** Looks at what this container has written so far, also where it may still go on. */
  lookNow(containerId: string): void {
    const reading = this.#readings.get(containerId);
    if (reading !== undefined) this.#look(reading);
  }

  /** Nothing will be read of this container any more. */
  left({ id }: FollowedReplica): void {
    const reading = this.#readings.get(id);
    if (reading === undefined) return;
    this.#finish(reading);
    this.#readings.delete(id);
    this.#open.delete(reading);
    this.#fresh.delete(reading);
  }

  /** What came since the last time; says where errors have been quiet for long enough. `last`: no record grows any more. */
  collect(last: boolean): readonly ErrorFold[] {
    const { book, clock, emit, folds, hasFallen } = this.#tools;
    if (last) for (const reading of this.#open) this.#finish(reading);
    const now = clock.now();
    for (const ref of book.forgetQuiet(now, hasFallen)) emit(findingFrom(ref, now, { quiet: true }));
    return folds.take();
  }

  #readingOf(replica: FollowedReplica): Reading {
    const reading = this.#readings.get(replica.id) ?? { replica, streams: new Map(), emittedAt: 0 };
    reading.replica = replica;
    this.#readings.set(replica.id, reading);
    return reading;
  }

  #streamOf({ streams }: Reading, name: LogLine['stream']): Stream {
    const stream = streams.get(name) ?? { joiner: this.#tools.join(), noted: undefined };
    streams.set(name, stream);
    return stream;
  }

  #lookSoon(): void {
    if (this.#lookDue) return;
    this.#lookDue = true;
    this.#tools.clock.after(LOOK_AFTER, () => {
      this.#lookDue = false;
      for (const reading of this.#fresh) this.#look(reading);
      this.#fresh.clear();
      this.#completeSoon();
    });
  }

  #completeSoon(): void {
    if (this.#completionDue || this.#open.size === 0) return;
    this.#completionDue = true;
    const { clock } = this.#tools;
    clock.after(COMPLETE_AFTER, () => {
      this.#completionDue = false;
      const now = clock.now();
      for (const reading of this.#open) {
        let open = false;
        for (const stream of reading.streams.values()) {
          const record = stream.joiner.due(now);
          if (record !== undefined) this.#complete(reading, stream, record);
          open ||= stream.joiner.peek() !== undefined;
        }
        if (!open) this.#open.delete(reading);
      }
      this.#completeSoon();
    });
  }

  /** At records that may still grow: who waits for their end loses the second in which a repair could have begun. */
  #look(reading: Reading): void {
    for (const stream of reading.streams.values()) {
      const record = stream.noted === undefined ? stream.joiner.peek() : undefined;
      const error = record && this.#tools.recognise(record.text, reading.replica);
      if (record === undefined || error === undefined) continue;
      stream.noted = error.type;
      this.#tools.onError(reading.replica, error, record);
      this.#note(reading, error, record, {});
    }
  }

  #finish(reading: Reading): void {
    for (const stream of reading.streams.values()) {
      const record = stream.joiner.end();
      if (record !== undefined) this.#complete(reading, stream, record);
    }
  }

  #complete(reading: Reading, stream: Stream, record: LogRecord): void {
    const { noted } = stream;
    stream.noted = undefined;
    const { recognise, folds, counts, onError } = this.#tools;
    const { replica } = reading;
    const error = recognise(record.text, replica);
    if (error === undefined) return;
    counts.errorFound(replica, error.type, error.severity);
    if (noted !== error.type) onError(replica, error, record);
    const { isNew, burst } = folds.add(replica, error, record.text, record.at);
    if (noted !== error.type || burst)
      this.#note(reading, error, record, { ...(isNew && { isNew }), ...(burst && { burst }) });
  }

  #note(reading: Reading, error: RecognisedError, { text, at }: LogRecord, evidence: Finding['evidence']): void {
    const { book, clock, isWell, emit } = this.#tools;
    const { replica } = reading;
    const { id: containerId } = replica;
    const changed = book.note(replica, containerId, error, at, () => maskedError(error, text, LONGEST_SAMPLE));
    const now = clock.now();
    const goesOnWhileIll = !isWell(containerId) && now - reading.emittedAt >= LOOK_AGAIN_AFTER;
    if (!changed && !evidence.burst && !goesOnWhileIll) return;
    reading.emittedAt = now;
    const { type, pattern, severity } = error;
    emit(findingFrom(replica, at, { type, pattern, severity, ...evidence }, now, containerId));
  }
}

const findingFrom = (
  { project, service }: ServiceRef,
  at: Instant,
  evidence: Finding['evidence'],
  seenAt: Instant = at,
  containerId?: string,
): Finding => ({
  kind: 'error',
  target: { project, service, ...(containerId !== undefined && { containerId }) },
  source: 'logs',
  at,
  seenAt,
  evidence,
});
