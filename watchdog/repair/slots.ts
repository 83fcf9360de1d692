/**
 * The host-wide limit on repairs in parallel. A slot is held by engine work, not by waiting: while a container sits out its stop
 * grace the engine only waits, so its slot serves another repair meanwhile. When the container has died the work goes on and
 * counts again; for that moment there may be more than `limit`, and nothing new begins until there are fewer.
 */
export class Slots {
  readonly #limit: number;
  readonly #held = new Map<string, 'working' | 'waiting'>();
  readonly #queue: { readonly containerId: string; readonly go: () => void }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs the work when a slot is free. Rejects with the signal's reason if it fires before. */
  async run<T>(containerId: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#take(containerId, signal);
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#held.delete(containerId);
      this.#next();
    }
  }

  /** The engine has signalled the container and waits for its end. */
  waiting(containerId: string): void {
    if (!this.#held.has(containerId)) return;
    this.#held.set(containerId, 'waiting');
    this.#next();
  }

  /** The container has ended; the engine works again. */
  working(containerId: string): void {
    if (this.#held.has(containerId)) this.#held.set(containerId, 'working');
  }

  /** Repairs that wait for a slot: never more than there are containers, for each is in at most one repair. */
  get waitingForOne(): number {
    return this.#queue.length;
  }

  /** Whether a repair of ours is at this container right now: its events are our doing. */
  has(containerId: string): boolean {
    return this.#held.has(containerId);
  }

  #free(): boolean {
    let working = 0;
    for (const state of this.#held.values()) if (state === 'working') working += 1;
    return working < this.#limit;
  }

  async #take(containerId: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    // Nobody overtakes those who wait already.
    if (this.#queue.length > 0 || !this.#free()) await this.#turn(containerId, signal);
    else this.#held.set(containerId, 'working');
  }

  #turn(containerId: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const place = { containerId, go };
      const giveUp = () => {
        this.#queue.splice(this.#queue.indexOf(place), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#queue.push(place);
    });
  }

  #next(): void {
    while (this.#queue.length > 0 && this.#free()) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      // Handed over at once, so that nobody else takes the slot before its new holder comes to run.
      this.#held.set(next.containerId, 'working');
      next.go();
    }
  }
}
