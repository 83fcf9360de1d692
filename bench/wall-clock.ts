/** Milliseconds since the epoch with fractions: the clock of the engine's `timeNano` when both run on one machine. */
export const now = (): number => performance.timeOrigin + performance.now();

/** How far `now` has run away from the system's clock since the program began, in milliseconds; a stepped clock voids a run. */
export const drift = (): number => Math.abs(Date.now() - now());

export const pause = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds));

/** Looks every few milliseconds. @throws Error naming what was awaited, when it has not come true in time */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  within: number,
  every = 5,
): Promise<Exclude<T, undefined | false>> {
  const deadline = now() + within;
  while (true) {
    const found = await look();
    if (found) return found as Exclude<T, undefined | false>;
    if (now() > deadline) throw new Error(`${what}: not within ${within / 1_000} s`);
    await pause(every);
  }
}
