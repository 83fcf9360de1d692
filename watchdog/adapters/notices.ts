/** Lets those who verify wait for the next event about a container instead of asking the engine again and again. */
export class Notices {
  readonly #waiting = new Map<string, Set<() => void>>();

  announce(containerId: string): void {
    const waiting = this.#waiting.get(containerId);
    this.#waiting.delete(containerId);
    for (const wake of waiting ?? []) wake();
  }

  /** Resolves at the next event about this container, or when the signal fires. */
  next(containerId: string, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      if (signal.aborted) return resolve();
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.#waiting.get(containerId)?.delete(wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      const waiting = this.#waiting.get(containerId) ?? new Set();
      this.#waiting.set(containerId, waiting.add(wake));
    });
  }
}
