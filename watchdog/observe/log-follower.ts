import type { Clock } from '../adapters/clock.ts';
import { EngineError } from '../adapters/docker/docker.ts';
import type { LogLine, Logs } from '../adapters/docker/logs.ts';
import type { Logger } from '../adapters/logger.ts';
import type { Replica } from '../domain/service.ts';
import { type Duration, type Instant, minutes, seconds } from '../domain/time.ts';

/** Up to where each container's log was read, kept over restarts of the watchdog. Times as `LogLine.at`. */
export interface LogPositions {
  of(containerId: string): string | undefined;
  /** Every few seconds, those that moved since, or none. */
  keep(positions: ReadonlyMap<string, string>): void;
}

export type FollowedReplica = Pick<Replica, 'id' | 'name' | 'project' | 'service' | 'image' | 'state' | 'createdAt'>;

export interface FollowTools {
  readonly logs: Logs;
  readonly positions: LogPositions;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Must not wait: what it does is done before more is read. */
  readonly onLines: (replica: FollowedReplica, lines: readonly LogLine[]) => void;
  /** Lines that were written and that nobody will read: before the watchdog looked back, or beyond what it can keep up with. */
  readonly onMissed: (replica: FollowedReplica, why: 'too-old' | 'too-many', lines: number | undefined) => void;
  /** Nothing will be read of this container any more. */
  readonly onLeft: (replica: FollowedReplica) => void;
}

/** So far back a log is read whose container was not followed before, or not for long: what is older helps nobody any more. */
const LOOK_BACK: Duration = minutes(10);
const LOOK_BACK_AT_FIRST: Duration = minutes(1);
/** Who is so far behind what is written skips lines until it is not. */
const TOO_FAR_BEHIND: Duration = seconds(10);
/** A container that stopped has so long until its last lines were read. */
const LAST_WORDS: Duration = seconds(10);
const FIRST_WAIT: Duration = 200;
const LONGEST_WAIT: Duration = seconds(5);
const KEEP_EVERY: Duration = seconds(5);

interface Following {
  replica: FollowedReplica;
  /** It runs, so that a stream that ends is opened again. */
  wanted: boolean;
  readonly end: AbortController;
  /** Resolves when nothing is read any more. */
  read: Promise<void>;
  /** Resolves when the stream that is open now ends; open anew, there is another one. */
  reading: PromiseWithResolvers<void>;
  last: string | undefined;
  missed: number;
  /** Some was missed since it was last looked at. */
  missing: boolean;
}

/**
 * Follows the logs of containers, each from where it was left: a stream a container, opened again when it ends while the
 * container runs. Memory does not grow with what is written: a stream is read only as fast as its lines are taken.
 */
export class LogFollower {
  readonly #tools: FollowTools;
  readonly #began: Instant;
  readonly #following = new Map<string, Following>();
  /** Said once of each: its logging driver keeps nothing. */
  readonly #unreadable = new Set<string>();
  /** Up to where each was read. */
  readonly #positions = new Map<string, string>();
  /** Those of them that moved since they were kept. */
  readonly #moved = new Map<string, string>();

  constructor(tools: FollowTools) {
    this.#tools = tools;
    this.#began = tools.clock.now();
  }

  /** The container's logging driver keeps nothing. */
  cannotRead(containerId: string): boolean {
    return this.#unreadable.has(containerId);
  }

  /** The containers whose logs are being read. */
  get following(): readonly string[] {
    return [...this.#following.keys()];
  }

  /**
   * Follows those of these that run, and those that were made and have ended since the last time; leaves all others, each after
   * its last words. To be called with all containers in scope whenever they may have changed.
   */
  attend(replicas: readonly FollowedReplica[]): void {
    const present = new Map(replicas.map(replica => [replica.id, replica]));
    for (const [id, following] of this.#following) if (!present.has(id)) this.#leave(following);
    for (const id of this.#positions.keys())
      if (!present.has(id) && !this.#following.has(id)) this.#positions.delete(id);
    for (const id of this.#unreadable) if (!present.has(id)) this.#unreadable.delete(id);
    for (const replica of replicas) {
      const runs = replica.state === 'running' || replica.state === 'paused' || replica.state === 'restarting';
      const known = this.#following.get(replica.id);
      if (known !== undefined) {
        known.replica = replica;
        if (runs) known.wanted = true;
        else this.#leave(known);
      } else if (!this.#unreadable.has(replica.id) && (runs || this.#endedUnseen(replica))) this.#follow(replica, runs);
    }
  }

  /**
   * Resolves when all that this container wrote in the life that has ended was handed on: its stream ends with it. At once where
   * nobody reads it. The stream of one that runs does not end.
   */
  async lastWords(containerId: string): Promise<void> {
    await this.#following.get(containerId)?.reading.promise;
  }

  /**
   * Keeps the positions, and counts what was missed, every few seconds until the signal fires; then ends all streams, and keeps
   * where they really ended.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#tools;
    while (!signal.aborted) {
      await clock.sleep(KEEP_EVERY, signal).catch(() => undefined);
      if (signal.aborted) break;
      this.#tellOfSilent();
      this.#keep();
    }
    const streams = [...this.#following.values()];
    for (const { end } of streams) end.abort();
    await Promise.all(streams.map(({ read }) => read));
    this.#keep();
  }

  /** A container that was made since we began and was gone before we saw it run: nobody has read what it said. */
  #endedUnseen({ id, state, createdAt }: FollowedReplica): boolean {
    if (state !== 'exited' && state !== 'dead') return false;
    // The engine lists the second in which a container was created.
    if (createdAt + seconds(1) <= this.#began) return false;
    return !this.#positions.has(id) && this.#tools.positions.of(id) === undefined;
  }

  #follow(replica: FollowedReplica, wanted: boolean): void {
    const end = new AbortController();
    const following: Following = {
      replica,
      wanted,
      end,
      read: Promise.resolve(),
      reading: Promise.withResolvers(),
      last: undefined,
      missed: 0,
      missing: false,
    };
    this.#following.set(replica.id, following);
    following.read = this.#read(following)
      .catch(error =>
        this.#tools.logger.error('a log could not be followed', { container: replica.name, error: String(error) }),
      )
      .finally(() => {
        this.#tellMissed(following);
        this.#following.delete(replica.id);
        this.#tools.onLeft(following.replica);
      });
  }

  #leave(following: Following): void {
    if (!following.wanted) return;
    following.wanted = false;
    this.#tools.clock.after(LAST_WORDS, () => {
      if (!following.wanted) following.end.abort();
    });
  }

  /** Until it is not wanted any more. */
  async #read(following: Following): Promise<void> {
    const { clock, logger } = this.#tools;
    const { signal } = following.end;
    following.last = this.#beginning(following.replica);
    for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      const before: string | undefined = following.last;
      try {
        await this.#readOnce(following);
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        if (error.status === 501) return this.#cannotBeRead(following.replica);
        if (error.code === 'not-found') return;
        logger.warn('a log is not read for now', { container: following.replica.name, error: error.message });
      } finally {
        following.reading.resolve();
      }
      if (!following.wanted) return;
      if (following.last !== before) wait = FIRST_WAIT;
      await clock.sleep(wait, signal).catch(() => undefined);
      if (signal.aborted) return;
    }
  }

  async #readOnce(following: Following): Promise<void> {
    const { clock, logs } = this.#tools;
    const opened = clock.now();
    following.reading = Promise.withResolvers();
    // The engine sends the lines of that very moment again; they come first.
    let overlap = following.last;
    for await (const lines of logs.follow({
      id: following.replica.id,
      since: following.last,
      signal: following.end.signal,
    })) {
      const until = overlap;
      const begins = until === undefined ? 0 : lines.findIndex(({ at }) => at > until);
      if (begins < 0) continue;
      overlap = undefined;
      this.#take(following, begins === 0 ? lines : lines.slice(begins), opened);
    }
  }

  #take(following: Following, lines: readonly LogLine[], opened: Instant): void {
    const { clock, onLines } = this.#tools;
    const { replica } = following;
    const at = lines.at(-1)?.at;
    if (at !== undefined && at !== '') {
      following.last = at;
      this.#positions.set(replica.id, at);
      this.#moved.set(replica.id, at);
    }
    const writtenAt = at === undefined || at === '' ? clock.now() : Date.parse(at);
    // What was written before the stream was opened is meant to be caught up with.
    if (writtenAt > opened && clock.now() - writtenAt > TOO_FAR_BEHIND) {
      following.missed += lines.length;
      following.missing = true;
      return;
    }
    this.#tellMissed(following);
    onLines(replica, lines);
  }

  /** What a burst wrote last may be missed, and nothing written after it that would tell. */
  #tellOfSilent(): void {
    for (const following of this.#following.values()) {
      if (!following.missing) this.#tellMissed(following);
      following.missing = false;
    }
  }

  #tellMissed(following: Following): void {
    if (following.missed === 0) return;
    this.#tools.onMissed(following.replica, 'too-many', following.missed);
    following.missed = 0;
  }

  /** Where to begin: where it was left, but not too far back; a container that is new to us, from its beginning if it is young. */
  #beginning(replica: FollowedReplica): string {
    const { clock, positions, onMissed } = this.#tools;
    const left = this.#positions.get(replica.id) ?? positions.of(replica.id);
    const now = clock.now();
    if (left === undefined) return stampOf(Math.max(replica.createdAt - seconds(1), now - LOOK_BACK_AT_FIRST));
    if (Date.parse(left) >= now - LOOK_BACK) return left;
    onMissed(replica, 'too-old', undefined);
    return stampOf(now - LOOK_BACK);
  }

  #cannotBeRead({ id, name, project, service }: FollowedReplica): void {
    this.#unreadable.add(id);
    this.#tools.logger.warn("a log cannot be read: the container's logging driver keeps nothing", {
      container: name,
      service: `${project}/${service}`,
    });
  }

  #keep(): void {
    try {
      this.#tools.positions.keep(this.#moved);
    } catch (error) {
      this.#tools.logger.error('how far logs were read could not be kept', { error: String(error) });
      return;
    }
    this.#moved.clear();
  }
}

/** As the engine writes times. */
const stampOf = (at: Instant): string => new Date(at).toISOString().replace('Z', '000000Z');
