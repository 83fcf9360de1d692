import { nameOf, type ServiceRef } from '../domain/service.ts';
import type { Instant } from '../domain/time.ts';
import type { MaintenanceWindow } from './settings.ts';

const MINUTES_A_DAY = 24 * 60;

/**
 * The maintenance window this service is in, the one that lasts longest where there are several.
 *
 * Both ends are moments of the wall clock of the window's zone. Where the clock is put back, an hour that happens twice
 * counts whole: the window begins with its first and ends with its last. Where it is put forward, a time that does not
 * exist is later by as much as the clock jumps.
 */
export function maintenanceNow(
  windows: readonly MaintenanceWindow[],
  ref: ServiceRef,
  now: Instant,
): { readonly until: Instant; readonly reason: string } | undefined {
  let longest: { readonly until: Instant; readonly reason: string } | undefined;
  for (const window of windows) {
    if (!concerns(window, ref)) continue;
    const until = endAt(window, now);
    if (until !== undefined && until > (longest?.until ?? 0)) longest = { until, reason: window.reason };
  }
  return longest;
}

const concerns = ({ services }: MaintenanceWindow, ref: ServiceRef): boolean =>
  services.length === 0 || services.includes(ref.service) || services.includes(nameOf(ref));

/** When the window ends that `now` is in. */
function endAt(window: MaintenanceWindow, now: Instant): Instant | undefined {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(window.zone).toPlainDate();
  const length = window.to > window.from ? 0 : MINUTES_A_DAY;
  // Yesterday's window may reach into today; today's may be over, or the last hour may come twice.
  for (const day of [today, today.subtract({ days: 1 })]) {
    if (!window.weekdays.includes(day.dayOfWeek)) continue;
    const begin = momentOf(day, window.from, window.zone, 'compatible');
    const end = momentOf(day, window.to + length, window.zone, 'later');
    if (begin <= now && now < end) return end;
  }
  return undefined;
}

function momentOf(
  day: Temporal.PlainDate,
  minutes: number,
  zone: string,
  disambiguation: 'compatible' | 'later',
): Instant {
  return day.toPlainDateTime().add({ minutes }).toZonedDateTime(zone, { disambiguation }).epochMilliseconds;
}
