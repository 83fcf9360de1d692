import type { Clock } from '../adapters/clock.ts';
import type { LogLine } from '../adapters/docker/logs.ts';
import type { LiveEvent, Mark } from '../domain/live-log.ts';
import type { RecognisedError } from '../domain/log-error.ts';
import { type LineMasker, lineMasker } from '../domain/mask-lines.ts';
import { maskedError } from '../domain/masked-error.ts';
import type { Duration, Instant } from '../domain/time.ts';
import type { FollowedReplica } from './log-follower.ts';

/** Lines wait so long for what the sensor says of them; it looks at what is new after 30 ms. */
const SHOW_AFTER: Duration = 50;
/** Of a container, so much is shown each time; the rest is counted. Whoever writes more is read by nobody line by line. */
const MOST_LINES = 100;
const MOST_CHARACTERS = 32_768;
const LONGEST_LINE = 4_096;
const LONGEST_SAMPLE = 500;

interface Waiting extends LogLine {
  error: Mark | undefined;
}

/** A container whose log somebody watches. */
interface Viewed {
  readonly listeners: Set<(event: LiveEvent) => void>;
  readonly masks: Map<LogLine['stream'], LineMasker>;
  waiting: Waiting[];
  /** Marks of lines that were shown already. */
  marks: LiveEvent[];
  characters: number;
  skipped: number;
  due: boolean;
}

/**
 * Shows people the lines of the one follow that each container has, whoever many watch it. Costs nothing where nobody does. By
 * name: whoever watches a container goes on watching the one that takes its place.
 */
export class LiveLogs {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #viewed = new Map<string, Viewed>();

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** @param listener must neither throw nor wait. @returns ends it */
  watch(container: string, listener: (event: LiveEvent) => void): () => void {
    const viewed = this.#viewed.get(container) ?? unseen();
    this.#viewed.set(container, viewed);
    viewed.listeners.add(listener);
    return () => {
      viewed.listeners.delete(listener);
      if (viewed.listeners.size === 0 && this.#viewed.get(container) === viewed) this.#viewed.delete(container);
    };
  }

  /** Lines that the follower has read, before anybody says what they are. */
  take({ name }: FollowedReplica, lines: readonly LogLine[]): void {
    const viewed = this.#viewed.get(name);
    if (viewed === undefined) return;
    for (const line of lines) {
      if (viewed.waiting.length < MOST_LINES && viewed.characters < MOST_CHARACTERS) {
        viewed.waiting.push({ ...line, error: undefined });
        viewed.characters += line.text.length;
      } else {
        maskerOf(viewed, line).skip(line.text);
        viewed.skipped += 1;
      }
    }
    this.#showSoon(viewed);
  }

  /** The sensor has recognised a record, once for each. */
  recognised(
    { name }: FollowedReplica,
    error: RecognisedError,
    record: { readonly text: string; readonly at: Instant },
  ) {
    const viewed = this.#viewed.get(name);
    if (viewed === undefined) return;
    const { type, severity, pattern } = error;
    const mark = { type, severity, pattern };
    const line = viewed.waiting.find(each => each.error === undefined && beginsWith(record, each));
    if (line !== undefined) line.error = mark;
    else if (viewed.marks.length < MOST_LINES) {
      const { sample } = maskedError(error, record.text, LONGEST_SAMPLE);
      viewed.marks.push({ type: 'mark', at: new Date(record.at).toISOString(), error: mark, text: sample });
    } else viewed.skipped += 1;
    this.#showSoon(viewed);
  }

  /** Nothing will be read of this container any more. */
  left({ name }: FollowedReplica): void {
    const viewed = this.#viewed.get(name);
    if (viewed === undefined) return;
    this.#show(viewed);
    tell(viewed, { type: 'left' });
  }

  #showSoon(viewed: Viewed): void {
    if (viewed.due) return;
    viewed.due = true;
    this.#clock.after(SHOW_AFTER, () => {
      viewed.due = false;
      this.#show(viewed);
    });
  }

  #show(viewed: Viewed): void {
    const { waiting, marks, skipped } = viewed;
    Object.assign(viewed, { waiting: [], marks: [], characters: 0, skipped: 0 });
    if (viewed.listeners.size === 0) return;
    for (const line of waiting) {
      const { at, stream, error } = line;
      const text = maskerOf(viewed, line).mask(line.text);
      const cut = line.left > 0 || text.length > LONGEST_LINE;
      tell(viewed, { type: 'line', at, stream, text: text.slice(0, LONGEST_LINE), cut, error });
    }
    for (const mark of marks) tell(viewed, mark);
    if (skipped > 0) tell(viewed, { type: 'skipped', lines: skipped });
  }
}

const unseen = (): Viewed => ({
  listeners: new Set(),
  masks: new Map(),
  waiting: [],
  marks: [],
  characters: 0,
  skipped: 0,
  due: false,
});

function tell({ listeners }: Viewed, event: LiveEvent): void {
  for (const listener of listeners) listener(event);
}

function maskerOf({ masks }: Viewed, { stream }: LogLine): LineMasker {
  const masker = masks.get(stream) ?? lineMasker();
  masks.set(stream, masker);
  return masker;
}

/** A record is its lines as they were written, and of the time of its first. */
const beginsWith = ({ text, at }: { text: string; at: Instant }, line: LogLine): boolean =>
  text.startsWith(line.text) &&
  (text.length === line.text.length || text[line.text.length] === '\n') &&
  (line.at === '' || Date.parse(line.at) === at);
