import type { Clock } from '../../watchdog/adapters/clock.ts';
import { type Docker, EngineError, type EngineEvent } from '../../watchdog/adapters/docker/docker.ts';
import { type Duration, minutes, seconds } from '../../watchdog/domain/time.ts';
import type { Dice } from './dice.ts';
import type { CallFare, DeliveryFare, EventFare } from './plan.ts';

/** What the adapter waits for the answer to a read, and how often it asks (adapters/docker/call.ts, reads.ts). */
const READ_LIMIT: Duration = seconds(30);
const LATEST: Duration = seconds(90);
const SLOWEST: Duration = seconds(25);
/** Out of order, but not late. */
const SHUFFLED: Duration = 50;

const READS: ReadonlySet<string> = new Set([
  'ping',
  'list',
  'recall',
  'inspect',
  'blueprint',
  'networksOf',
  'stats',
  'resources',
  'host',
  'diskUsage',
]);

type Fares<Fare> = Map<Fare, number>;

/** What lies between the engine and the watchdog: how events and calls fare on their way. */
export class Weather {
  readonly #clock: Clock;
  readonly #dice: Dice;
  readonly #events: Fares<EventFare> = new Map();
  readonly #calls: Fares<CallFare> = new Map();
  readonly #deliveries: Fares<DeliveryFare> = new Map();
  #badUntil: number | undefined;
  #unfinished = 0;

  constructor(clock: Clock, dice: Dice) {
    this.#clock = clock;
    this.#dice = dice;
  }

  /** For so long a share of the events fares so. */
  events(fare: EventFare, share: number, lasts: Duration): void {
    this.#for(this.#events, fare, share, lasts);
  }

  calls(fare: CallFare, share: number, lasts: Duration): void {
    this.#for(this.#calls, fare, share, lasts);
  }

  deliveries(fare: DeliveryFare, share: number, lasts: Duration): void {
    this.#for(this.#deliveries, fare, share, lasts);
  }

  /** Something went wrong with what the watchdog hears, by other means than these. */
  disturbed(lasts: Duration): void {
    this.#badUntil = Math.max(this.#badUntil ?? 0, this.#clock.monotonic() + lasts);
  }

  /** Since so long events and answers have come as they should, and what came late has come. */
  fairFor(duration: Duration): boolean {
    return this.#unfinished === 0 && this.#clock.monotonic() >= (this.#badUntil ?? Number.NEGATIVE_INFINITY) + duration;
  }

  /** For `FakeEvents.onTheWay`. */
  readonly carry = (_: EngineEvent, arrive: () => void): void => {
    if (this.#falls(this.#events, 'lost')) return;
    if (this.#falls(this.#events, 'doubled')) arrive();
    if (this.#falls(this.#events, 'late')) this.#clock.after(this.#dice.between(1, LATEST), arrive);
    else if (this.#falls(this.#events, 'reordered')) this.#clock.after(this.#dice.between(0, SHUFFLED), arrive);
    else arrive();
  };

  /** The engine behind this weather. */
  around(docker: Docker): Docker {
    const calls = Object.entries(docker).map(([word, call]) =>
      word === 'events'
        ? [word, call]
        : [word, (...given: readonly unknown[]) => this.#call(word, given, call as Call)],
    );
    return Object.fromEntries(calls) as Docker;
  }

  /** A delivery to the watchdog's door. @returns whether its sender was told that it was taken. */
  async post(take: () => void): Promise<boolean> {
    if (this.#falls(this.#deliveries, 'lost')) return false;
    if (this.#falls(this.#deliveries, 'late')) await this.#clock.sleep(this.#dice.between(1, LATEST));
    try {
      take();
      if (this.#falls(this.#deliveries, 'doubled')) take();
    } catch {
      return false;
    }
    return !this.#falls(this.#deliveries, 'answer lost');
  }

  async #call(word: string, given: readonly unknown[], call: Call): Promise<unknown> {
    if (this.#calls.size === 0) return await call(...given);
    return await unlessGivenUp(word, signalIn(given), () => this.#fare(word, given, call));
  }

  async #fare(word: string, given: readonly unknown[], call: Call): Promise<unknown> {
    if (this.#falls(this.#calls, 'fails')) throw new EngineError('engine-error', `${word}: server error`, 500);
    if (this.#falls(this.#calls, 'hangs')) return await this.#never(word, given);
    if (this.#falls(this.#calls, 'slow')) await this.#clock.sleep(this.#dice.between(1, SLOWEST));
    const answer = await call(...given);
    if (this.#falls(this.#calls, 'fails after the deed'))
      throw new EngineError('engine-error', `${word}: server error, after the deed`, 500);
    if (this.#falls(this.#calls, 'hangs after the deed')) return await this.#never(word, given);
    return answer;
  }

  /** No answer until whoever asked gives up. */
  async #never(word: string, given: readonly unknown[]): Promise<never> {
    const signal = signalIn(given);
    const enough = new AbortController();
    const both = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]);
    const cancel = READS.has(word) ? this.#clock.after(READ_LIMIT, () => enough.abort()) : () => undefined;
    await new Promise<void>(resolve => {
      if (both.aborted) resolve();
      both.addEventListener('abort', () => resolve(), { once: true });
    });
    cancel();
    throw new EngineError('timeout', `${word}: the engine has not answered in time`);
  }

  #falls<Fare>(fares: Fares<Fare>, fare: Fare): boolean {
    const share = fares.get(fare);
    return share !== undefined && this.#dice.chance(share);
  }

  #for<Fare>(fares: Fares<Fare>, fare: Fare, share: number, lasts: Duration): void {
    fares.set(fare, share);
    // What was held up then arrives, is looked into and is made good within this time.
    this.disturbed(lasts + minutes(3));
    this.#unfinished += 1;
    this.#clock.after(lasts, () => {
      this.#unfinished -= 1;
      if (this.#unfinished === 0) {
        this.#events.clear();
        this.#calls.clear();
        this.#deliveries.clear();
      }
    });
  }
}

const signalIn = (given: readonly unknown[]): AbortSignal | undefined =>
  given.find(value => value instanceof AbortSignal);

/** Who gives up is told so at once, as by the adapter (adapters/docker/call.ts); what the engine has begun goes on. */
async function unlessGivenUp<T>(word: string, signal: AbortSignal | undefined, ask: () => Promise<T>): Promise<T> {
  if (signal === undefined) return await ask();
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new EngineError('aborted', `${word}: given up`));
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    if (signal.aborted) throw new EngineError('aborted', `${word}: given up`);
    return await Promise.race([ask(), promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

type Call = (...given: readonly unknown[]) => Promise<unknown>;
