/** Long enough for a busy machine; only a test that fails ever waits so long. */
export const DEADLINE = 300_000;

/** Something has happened: whoever awaits a state of the world looks again. */
export class Pulse {
  #waiting = new Set<() => void>();

  beat(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  next(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      if (signal.aborted) return resolve();
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.#waiting.add(wake);
    });
  }
}

type Truth<T> = Exclude<T, false | null | undefined | 0 | ''>;

/**
 * Resolves with what the probe returns once that is something; it is asked now and after each beat. A probe that fails has seen
 * nothing: an engine under load refuses a command in a container now and then.
 * @param what for the error: `web is healed`
 * @param now what the world looks like instead, for the error
 */
export async function until<T>(
  pulse: Pulse,
  what: string,
  probe: () => T | Promise<T>,
  now: () => string = () => '',
  deadline = DEADLINE,
): Promise<Truth<T>> {
  const late = AbortSignal.timeout(deadline);
  let trouble = '';
  while (true) {
    const beat = pulse.next(late);
    try {
      const seen = await probe();
      if (seen) return seen as Truth<T>;
      trouble = '';
    } catch (error) {
      trouble = `${error}\n`;
    }
    if (late.aborted) throw new Error(`${what}: not within ${deadline / 1_000} s\n${trouble}${now()}`);
    await beat;
  }
}
