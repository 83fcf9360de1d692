import type { Clock } from '../adapters/clock.ts';
import type { Docker, EngineEvent, EventOptions } from '../adapters/docker/docker.ts';
import type { Logger } from '../adapters/logger.ts';
import type { Replica, ServiceRef } from '../domain/service.ts';
import { type Duration, type Instant, inWords, seconds } from '../domain/time.ts';
import { watchEvents } from './engine-events.ts';
import { EngineStops } from './engine-stops.ts';
import { Hearing } from './hearing.ts';
import { type IntakeTools, takeIn } from './intake.ts';
import { Rounds } from './rounds.ts';

export interface WatchTools extends IntakeTools {
  readonly docker: Pick<Docker, 'events' | 'list' | 'recall'>;
  /** Asked of the engine; undefined for several or all projects. */
  readonly project: string | undefined;
  readonly interval: Duration;
  /** The last event that was seen before the watchdog's last end. */
  readonly since: Instant | undefined;
  /** The last round before the watchdog's last end that the engine has answered. */
  readonly answeredAt: Instant | undefined;
  /** Done once, after the engine first accepted the subscription and before the first round: recovery. */
  readonly prepare: () => Promise<void>;
  readonly rememberedStops: () => readonly { readonly containerId: string; readonly at: Instant }[];
  readonly openIncidents: () => readonly ServiceRef[];
  readonly onRound: (took: Duration) => void;
  readonly onGap: (replicas: readonly Replica[]) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Events that are kept until the first list is there. */
export const EARLY_LIMIT = 10_000;

const BEGINNING = 'what was left half done is finished first, and then everything is looked at';

/** Events and rounds together: subscribe, then list; again after every reconnect; and a round every interval. */
export class EngineWatch {
  readonly #tools: WatchTools;
  readonly #rounds: Rounds;
  readonly #hearing: Hearing;
  readonly #engineStops: EngineStops;
  readonly #looked = Promise.withResolvers<void>();
  #early: EngineEvent[] | undefined = [];
  #round: Promise<void> | undefined;
  #beginning: Promise<void> | undefined;
  #opened = false;
  #stream = new AbortController();
  #lastEventAt: Instant | undefined;
  #lastRoundAt: number | undefined;
  /** When the watch last made headway: a round ended, well or not, or there was a reason to make none. */
  #headwayAt: number | undefined;
  #trouble: string | undefined = 'the engine has not answered yet';

  constructor(tools: WatchTools) {
    this.#tools = tools;
    this.#lastEventAt = tools.since;
    this.#hearing = new Hearing(tools.clock);
    this.#engineStops = new EngineStops(tools);
    this.#rounds = new Rounds({
      ...tools,
      onListed: () => this.#recall(),
      onGap: replicas => this.#gap(replicas),
    });
  }

  /** The first look at everything is done. */
  get ready(): boolean {
    return this.#early === undefined;
  }

  /** Resolves when the first look at everything is done, or the signal fires. */
  looked(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#looked.resolve(), { once: true });
    return this.#looked.promise;
  }

  /** Events that wait for the first list. */
  get early(): number {
    return this.#early?.length ?? 0;
  }

  /** From here on the next watchdog reads on: the last event, or the subscription where none has come yet. */
  get lastEventAt(): Instant | undefined {
    return this.#lastEventAt;
  }

  /** Undefined while rounds finish on time; else a sentence. */
  trouble(): string | undefined {
    if (this.#trouble !== undefined || this.#lastRoundAt === undefined) return this.#trouble;
    const { interval, clock } = this.#tools;
    const late = clock.monotonic() - this.#lastRoundAt;
    return late > 2 * interval + seconds(10) ? `no round has finished for ${inWords(late)}` : undefined;
  }

  /** Undefined while the events are heard; else a sentence. */
  deafness(): string | undefined {
    return this.#hearing.trouble();
  }

  /**
   * How much later than it should the watch makes no headway. A round that fails is headway, and so is what a crash left being
   * finished, which takes as long as the engine lets it: this is about a watch that nothing but a fresh start can help.
   */
  stuckFor(): Duration {
    const { clock, interval } = this.#tools;
    if (this.#headwayAt === undefined || this.#beginning !== undefined) return 0;
    return Math.max(0, clock.monotonic() - this.#headwayAt - interval);
  }

  /** Watches until the signal fires, and until what was under way then has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, interval } = this.#tools;
    const rounds = async () => {
      while (!signal.aborted) {
        this.#headwayAt = clock.monotonic();
        await clock.sleep(interval, signal).catch(() => undefined);
        if (signal.aborted || !this.#opened) continue;
        this.#rounds.reportGaps();
        await (this.ready ? this.#makeRound(signal) : this.#begin(signal));
      }
    };
    await Promise.all([this.#listen(signal), rounds()]);
    await this.#beginning;
  }

  /** One look at everything, without watching: for `status` and `explain` beside no running watchdog. */
  async once(): Promise<void> {
    await this.#rounds.make();
  }

  #listen(signal: AbortSignal): Promise<void> {
    return watchEvents(
      {
        ...this.#tools,
        docker: { events: options => this.#events(options) },
        onOpen: closed => {
          this.#opened = true;
          this.#lastEventAt ??= this.#tools.clock.now();
          if (closed !== undefined) this.#engineStops.isBack(closed);
          if (this.ready) void this.#makeRound(signal);
          else void this.#begin(signal);
        },
        onLost: endedAt => this.#engineStops.wentDown(endedAt),
        onEvent: event => {
          this.#lastEventAt = event.at;
          this.#hearing.heard();
          this.#rounds.explained(event.containerId);
          if (this.#early !== undefined) this.#keepForLater(event, this.#early);
          else this.#takeIn(event);
        },
      },
      signal,
    );
  }

  /** A stream that can be ended from here: one that has gone deaf is opened anew. */
  async *#events(options: EventOptions): AsyncIterable<EngineEvent> {
    const stream = new AbortController();
    this.#stream = stream;
    const signal = AbortSignal.any([options.signal, stream.signal]);
    const onOpen = () => {
      this.#hearing.opened();
      options.onOpen();
    };
    try {
      yield* this.#tools.docker.events({ ...options, signal, onOpen });
      this.#hearing.closed('it ended');
    } catch (error) {
      this.#hearing.closed(error instanceof Error ? error.message : String(error));
      if (!stream.signal.aborted) throw error;
    }
  }

  /** What comes before the first list: as many as a busy engine sends while a crash is being mended. The list makes up for the others. */
  #keepForLater(event: EngineEvent, early: EngineEvent[]): void {
    early.push(event);
    if (early.length > EARLY_LIMIT) early.shift();
  }

  #begin(signal: AbortSignal): Promise<void> {
    this.#beginning ??= this.#makeBeginning(signal).finally(() => {
      this.#beginning = undefined;
      this.#headwayAt = this.#tools.clock.monotonic();
    });
    return this.#beginning;
  }

  /** What the engine replays from before our start only makes sense once the containers are known, so it waits for the list. */
  async #makeBeginning(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#trouble = BEGINNING;
    try {
      await this.#tools.prepare();
      await this.#makeRound(signal);
      if (this.#trouble !== undefined) return;
    } catch (error) {
      // The next reconnect or round begins anew.
      this.#fail('the first look failed', error);
      return;
    }
    const early = this.#early ?? [];
    this.#early = undefined;
    this.#looked.resolve();
    for (const event of early) this.#takeIn(event);
  }

  /** A ledger that cannot be written must not pass for an engine that went away, nor cost the events that follow. */
  #takeIn(event: EngineEvent): void {
    try {
      takeIn(event, this.#tools);
      this.#engineStops.forgetOutlived(event);
    } catch (error) {
      this.#tools.logger.error('an event could not be taken in', { container: event.name, error: String(error) });
    }
  }

  /** One round at a time; one that is asked for meanwhile follows. */
  async #makeRound(signal: AbortSignal): Promise<void> {
    if (this.#round !== undefined) await this.#round;
    this.#round ??= this.#timedRound(signal);
    await this.#round;
  }

  async #timedRound(signal: AbortSignal): Promise<void> {
    const { clock, onRound } = this.#tools;
    const began = clock.monotonic();
    try {
      await this.#engineStops.judge(signal);
      await this.#rounds.make(signal);
      this.#trouble = undefined;
      this.#lastRoundAt = clock.monotonic();
      onRound(this.#lastRoundAt - began);
    } catch (error) {
      if (signal.aborted) return;
      this.#fail('round failed', error);
    } finally {
      this.#round = undefined;
    }
  }

  #fail(what: 'the first look failed' | 'round failed', error: unknown): void {
    this.#trouble = error instanceof Error ? error.message : String(error);
    this.#tools.logger.warn(what, { error: this.#trouble });
  }

  /** The ledger and the stack agree on who was stopped by hand; a start that no event told of ends it. */
  #recall(): void {
    const { stack, stops, rememberedStops } = this.#tools;
    for (const { containerId, at } of rememberedStops()) {
      if (stack.replica(containerId)?.state === 'exited') stack.mark(containerId, { stoppedByHandAt: at });
      else stops.forgetStop(containerId);
    }
    this.#engineStops.forgetOutlived();
  }

  #gap(replicas: readonly Replica[]): void {
    this.#hearing.missed();
    this.#tools.logger.warn('the list showed changes that no event told of', { containers: replicas.map(r => r.name) });
    this.#tools.onGap(replicas);
    this.#stream.abort();
  }
}
