import type { Clock } from '../../watchdog/adapters/clock.ts';
import type { Duration, Instant } from '../../watchdog/domain/time.ts';

/** The moment at which every fake clock starts: 2026-03-01 10:00 UTC, a Sunday. */
export const START: Instant = Date.UTC(2026, 2, 1, 10);

interface Timer {
  readonly at: number;
  readonly ring: () => void;
}

/**
 * Time that passes only when a test says so. Timers ring in the order of their times, and between two of them everything
 * that is ready to run runs, so a walk through an hour is deterministic and takes milliseconds.
 */
export class FakeClock implements Clock {
  #wall: Instant;
  #monotonic = 0;
  readonly #timers = new Set<Timer>();

  constructor(start: Instant = START) {
    this.#wall = start;
  }

  /** Whole milliseconds, whatever somebody slept. */
  now(): Instant {
    return Math.floor(this.#wall);
  }

  monotonic(): number {
    return this.#monotonic;
  }

  sleep(duration: Duration, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const wake = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.after(duration, () => {
        signal?.removeEventListener('abort', wake);
        resolve();
      });
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  after(duration: Duration, callback: () => void): () => void {
    const timer = { at: this.#monotonic + Math.max(0, duration), ring: callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers are set: a walk that has ended leaves none. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets so much time pass. */
  async advance(duration: Duration): Promise<void> {
    const end = this.#monotonic + duration;
    await settled();
    for (let next = this.#nextUntil(end); next !== undefined; next = this.#nextUntil(end)) {
      this.#timers.delete(next);
      this.#pass(next.at);
      next.ring();
      await settled();
    }
    this.#pass(end);
  }

  /** Somebody set the wall clock: it jumps, and monotonic time does not notice. */
  jump(duration: Duration): void {
    this.#wall += duration;
  }

  #pass(until: number): void {
    this.#wall += until - this.#monotonic;
    this.#monotonic = until;
  }

  #nextUntil(end: number): Timer | undefined {
    let next: Timer | undefined;
    // Of two that ring at the same time the one set first goes first: a set keeps that order.
    for (const timer of this.#timers) if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    return next;
  }
}

/** Who waits for a turn, in the order in which they came. */
const waiting: (() => void)[] = [];
let inMemoryOnly = false;
let turns = 0;

/**
 * From now on only every thousandth turn is one of the event loop, which takes longer than what most turns are for. For who has
 * neither files nor connections to wait for; the order in which things happen stays the same.
 */
export function allInMemory(): void {
  inMemoryOnly = true;
}

function immediate(): Promise<void> {
  return new Promise(resolve => {
    waiting.push(resolve);
    if (waiting.length === 1) later(nextTurn);
  });
}

/** Between two of them all promises are followed up, as between two callbacks of `setImmediate`. */
function nextTurn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) later(nextTurn);
}

/** What a microtask puts on the queue of ticks waits until no microtask is left. */
function later(work: () => void): void {
  turns += 1;
  if (!inMemoryOnly || turns % 1_000 === 0) setImmediate(work);
  else queueMicrotask(() => process.nextTick(work));
}

let answersUnderWay = 0;

/** What a fake awaits in the place of input and output: everything that needs none runs before. */
export async function io(): Promise<void> {
  answersUnderWay += 1;
  await immediate();
  answersUnderWay -= 1;
}

/** Resolves when everything that can run without time passing has run. */
export async function settled(): Promise<void> {
  do await immediate();
  while (answersUnderWay > 0);
}
