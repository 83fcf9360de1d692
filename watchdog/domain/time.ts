/** A moment: whole milliseconds since the Unix epoch, UTC. Comes in as an argument; nothing in here reads a clock. */
export type Instant = number;

/** A length of time in milliseconds. */
export type Duration = number;

export const seconds = (n: number): Duration => n * 1_000;
export const minutes = (n: number): Duration => n * 60_000;
export const hours = (n: number): Duration => n * 3_600_000;

/** A clock that is set right is mostly set by less. */
const SMALL_STEP: Duration = minutes(1);

/**
 * When a wait that began then is over; undefined when it is over already. What lies further ahead than the whole wait was written
 * down before the clock was set back: counted from there, it could last for days.
 */
export const waitingUntil = (began: Instant, wait: Duration, now: Instant): Instant | undefined =>
  now < began + wait && began <= now + Math.max(wait, SMALL_STEP) ? began + wait : undefined;

/** `4m 5s`, `1h 2m`, `850ms`: at most two units, for sentences that people read. */
export function inWords(duration: Duration): string {
  if (duration < 1_000) return `${Math.max(0, Math.round(duration))}ms`;
  const total = Math.round(duration / 1_000);
  const parts: [number, string][] = [
    [Math.floor(total / 86_400), 'd'],
    [Math.floor((total % 86_400) / 3_600), 'h'],
    [Math.floor((total % 3_600) / 60), 'm'],
    [total % 60, 's'],
  ];
  const first = parts.findIndex(([n]) => n > 0);
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n}${unit}`)
    .join(' ');
}
