import type { Clock } from '../adapters/clock.ts';
import { type Duration, type Instant, inWords, seconds } from '../domain/time.ts';

/** A stream that ended is open again within a few seconds, unless something is in its way. */
const REOPENED_WITHIN: Duration = seconds(15);

/** Changes in a row that only rounds saw. One may be an event that the engine dropped. */
const DEAF_AFTER = 2;

/**
 * Whether the events of the engine are heard. A stream can be closed, or open and silent (a proxy that buffers, a connection that
 * died without a word): that is only seen by what the rounds find and no event has told of.
 */
export class Hearing {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  #closedAt: number | undefined;
  #because = 'it was not opened yet';
  #missed = 0;
  #missedSince: Instant | undefined;

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock;
    this.#closedAt = clock.monotonic();
  }

  opened(): void {
    this.#closedAt = undefined;
  }

  /** The stream has ended, or could not be opened. */
  closed(because: string): void {
    this.#closedAt ??= this.#clock.monotonic();
    this.#because = because;
  }

  /** An event came. */
  heard(): void {
    this.#missed = 0;
    this.#missedSince = undefined;
  }

  /** A round saw what no event has told of. */
  missed(): void {
    this.#missed += 1;
    this.#missedSince ??= this.#clock.now();
  }

  /** Undefined while events are heard; else a sentence. */
  trouble(): string | undefined {
    const closedFor = this.#closedAt === undefined ? 0 : this.#clock.monotonic() - this.#closedAt;
    if (closedFor > REOPENED_WITHIN)
      return `the event stream has been closed for ${inWords(closedFor)} (${this.#because}); only rounds see what happens`;
    if (this.#missed < DEAF_AFTER || this.#missedSince === undefined) return undefined;
    const since = new Date(this.#missedSince).toISOString();
    return `the event stream is deaf: since ${since} ${this.#missed} rounds saw changes that no event told of; only rounds see what happens`;
  }
}
