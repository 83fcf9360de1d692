import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { maintenanceNow } from '../../watchdog/config/maintenance.ts';
import type { MaintenanceWindow } from '../../watchdog/config/settings.ts';

const web = { project: 'shop', service: 'web' };
const at = (time: string): number => Date.parse(time);
const aWindow = (differs: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
  weekdays: [1, 2, 3, 4, 5, 6, 7],
  from: 120,
  to: 240,
  zone: 'UTC',
  services: [],
  reason: 'backup',
  ...differs,
});
const untilOf = (window: MaintenanceWindow, now: string, ref = web): string | undefined => {
  const found = maintenanceNow([window], ref, at(now));
  return found && new Date(found.until).toISOString();
};

describe('a maintenance window', () => {
  const nightly = aWindow();
  const overMidnight = aWindow({ weekdays: [7], from: 23 * 60, to: 60 });
  const wholeDay = aWindow({ weekdays: [6], from: 0, to: 0 });
  const toMidnight = aWindow({ weekdays: [6], from: 22 * 60, to: 24 * 60 });
  const berlin = aWindow({ zone: 'Europe/Berlin' });
  const berlinLate = aWindow({ zone: 'Europe/Berlin', from: 60, to: 150 });

  // 2026-03-01 and 2026-03-29 are Sundays. Berlin leaves 02:00-03:00 out on 2026-03-29 and has it twice on 2026-10-25.
  test.each<[string, MaintenanceWindow, string, string | undefined]>([
    ['holds from its first minute', nightly, '2026-03-02T02:00:00Z', '2026-03-02T04:00:00.000Z'],
    ['is over at its end', nightly, '2026-03-02T04:00:00Z', undefined],
    ['has not begun the moment before', nightly, '2026-03-02T01:59:59.999Z', undefined],
    ['reaches over midnight', overMidnight, '2026-03-02T00:30:00Z', '2026-03-02T01:00:00.000Z'],
    ['does not begin on another day', overMidnight, '2026-03-02T23:30:00Z', undefined],
    ['of equal ends lasts a day', wholeDay, '2026-03-07T23:59:00Z', '2026-03-08T00:00:00.000Z'],
    ['may end with the day', toMidnight, '2026-03-07T23:59:59Z', '2026-03-08T00:00:00.000Z'],
    ['follows its zone in winter', berlin, '2026-01-10T01:00:00Z', '2026-01-10T03:00:00.000Z'],
    ['follows its zone in summer', berlin, '2026-07-10T00:00:00Z', '2026-07-10T02:00:00.000Z'],
    ['is shorter where the clock is put forward', berlin, '2026-03-29T01:00:00Z', '2026-03-29T02:00:00.000Z'],
    ['is longer where the clock is put back', berlin, '2026-10-25T00:00:00Z', '2026-10-25T03:00:00.000Z'],
    ['ends with the second of two equal times', berlinLate, '2026-10-25T01:15:00Z', '2026-10-25T01:30:00.000Z'],
  ])('%s', (_, window, now, until) => {
    expect(untilOf(window, now)).toBe(until);
  });

  test('concerns the services it names, with or without their project, and no others', () => {
    const window = aWindow({ services: ['web', 'bank/db'] });

    expect(untilOf(window, '2026-03-02T03:00:00Z')).toBeDefined();
    expect(untilOf(window, '2026-03-02T03:00:00Z', { project: 'bank', service: 'db' })).toBeDefined();
    expect(untilOf(window, '2026-03-02T03:00:00Z', { project: 'shop', service: 'db' })).toBeUndefined();
  });

  test('that lasts longest is the one that is named', () => {
    const windows = [aWindow({ to: 300, reason: 'long' }), aWindow({ reason: 'short' })];

    expect(maintenanceNow(windows, web, at('2026-03-02T03:00:00Z'))?.reason).toBe('long');
  });
});

describe('for every zone, day and hour', () => {
  const anInstant = fc.integer({ min: at('2024-01-01T00:00:00Z'), max: at('2028-01-01T00:00:00Z') });
  const aTime = fc.integer({ min: 0, max: 24 * 60 - 1 });
  const anyWindow = fc.record({
    weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    from: aTime,
    to: aTime,
    zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
    services: fc.constant([]),
    reason: fc.constant('backup'),
  });

  test('the end lies ahead, at most 26 hours, and just before it the window still holds', () => {
    fc.assert(
      fc.property(anyWindow, anInstant, (window, now) => {
        const found = maintenanceNow([window], web, now);
        if (found === undefined) return;

        expect(found.until).toBeGreaterThan(now);
        expect(found.until - now).toBeLessThanOrEqual(26 * 3_600_000);
        expect(maintenanceNow([window], web, found.until - 1)).toBeDefined();
      }),
    );
  });

  test('a wall clock between the two ends of a day in the list means that the window holds', () => {
    fc.assert(
      fc.property(anyWindow, anInstant, (window, now) => {
        const parts = new Intl.DateTimeFormat('en-GB', {
          timeZone: window.zone,
          weekday: 'short',
          hour: '2-digit',
          minute: '2-digit',
        }).formatToParts(now);
        const part = (type: string): string => parts.find(found => found.type === type)?.value ?? '';
        const minute = Number(part('hour')) * 60 + Number(part('minute'));
        const day = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(part('weekday')) + 1;
        const yesterday = ((day + 5) % 7) + 1;
        const overnight = window.to <= window.from;
        const inside = overnight
          ? (window.weekdays.includes(day) && minute >= window.from) ||
            (window.weekdays.includes(yesterday) && minute < window.to)
          : window.weekdays.includes(day) && minute >= window.from && minute < window.to;
        // A beginning that the clock leaves out is an hour later than the wall clock says; everywhere else both agree.
        fc.pre(window.zone === 'UTC' || window.zone === 'Asia/Kathmandu' || !(minute >= 60 && minute < 240));

        if (inside) expect(maintenanceNow([window], web, now)).toBeDefined();
        else expect(maintenanceNow([window], web, now)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});
