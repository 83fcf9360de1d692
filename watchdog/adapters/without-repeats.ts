import { type Duration, minutes } from '../domain/time.ts';
import type { Clock } from './clock.ts';
import type { Logger, LogValues } from './logger.ts';

/** For so long a complaint is not said again. */
const QUIET: Duration = minutes(1);

/** Complaints that differ, as many as are remembered; beyond that the oldest may be said again too early. */
const MOST_REMEMBERED = 200;

interface Complaint {
  readonly saidAt: number;
  unsaid: number;
}

/**
 * The same logger, which says the same complaint once a minute: a warning or an error of the same words and the same `error`.
 * The next one that is said tells how often it was held back, as `unsaid`. A full disk fails every look at every service,
 * several times a second, and the engine keeps our log on that same disk.
 */
export function withoutRepeats<L extends Logger>(logger: L, clock: Pick<Clock, 'monotonic'>): L {
  const complaints = new Map<string, Complaint>();
  const once =
    (say: Logger['error']): Logger['error'] =>
    (message, values = {}) => {
      if (values.error === undefined) return say(message, values);
      const now = clock.monotonic();
      const key = `${message}\n${values.error}`;
      const before = complaints.get(key);
      if (before !== undefined && now < before.saidAt + QUIET) {
        before.unsaid += 1;
        return;
      }
      complaints.delete(key);
      complaints.set(key, { saidAt: now, unsaid: 0 });
      const [oldest] = complaints.keys();
      if (complaints.size > MOST_REMEMBERED && oldest !== undefined) complaints.delete(oldest);
      say(message, counted(values, before?.unsaid ?? 0));
    };
  return { ...logger, error: once(logger.error), warn: once(logger.warn) };
}

const counted = (values: LogValues, unsaid: number): LogValues => (unsaid === 0 ? values : { ...values, unsaid });
