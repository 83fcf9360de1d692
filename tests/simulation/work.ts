import { type Duration, minutes } from '../../watchdog/domain/time.ts';

/** What one replica does in a minute; the label of its service asks for one replica for each so many that wait. */
export const ITEMS = 100;

/** Who sends more is turned away. */
const MOST = 5_000;

/** A queue, and those who work it off. Nobody but time and these two numbers decide how long it is. */
export class Work {
  readonly #now: () => Duration;
  readonly #workers: () => number;
  #level = 0;
  #atIt = 0;
  #items = 0;
  #since: Duration = 0;

  /** @param workers how many are up right now */
  constructor(now: () => Duration, workers: () => number) {
    this.#now = now;
    this.#workers = workers;
  }

  /** From now on as much comes in as so many replicas can do. */
  comes(level: number): void {
    this.addUp();
    this.#level = level;
  }

  get level(): number {
    return this.#level;
  }

  get items(): number {
    this.addUp();
    return Math.round(this.#items);
  }

  /** To be called whenever the number of workers may have changed. */
  addUp(): void {
    const now = this.#now();
    const took = (now - this.#since) / minutes(1);
    this.#items = Math.min(MOST, Math.max(0, this.#items + took * ITEMS * (this.#level - this.#atIt)));
    this.#since = now;
    this.#atIt = this.#workers();
  }
}
