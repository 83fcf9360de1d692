import { describe, expect, test } from '@jest/globals';
import { errorSpan, hoursIn, type Trend, trendOf } from '../../watchdog/domain/error-stats.ts';
import { hours, minutes } from '../../watchdog/domain/time.ts';

describe('a count against the one before', () => {
  const rows: readonly [count: number, before: number, share: number, Trend][] = [
    [0, 0, 1, 'steady'],
    [1, 0, 1, 'new'],
    [0, 1, 1, 'gone'],
    [12, 10, 1, 'steady'],
    [20, 10, 1, 'steady'],
    [21, 8, 1, 'rising'],
    [120, 100, 1, 'steady'],
    [150, 100, 1, 'rising'],
    [60, 100, 1, 'falling'],
    [50, 100, 0.5, 'steady'],
    [100, 100, 0.5, 'rising'],
  ];

  test.each(rows)('of %d after %d, in %d of the time, is told as it should be', (count, before, share, trend) => {
    expect(trendOf(count, before, share)).toBe(trend);
  });
});

describe('a span', () => {
  test('begins at a full hour, so that no hour is counted in part', () => {
    const noon = Date.UTC(2026, 2, 1, 12);

    expect(errorSpan(hours(2), noon + minutes(10))).toEqual({ since: noon - hours(2), until: noon + minutes(10) });
  });

  test.each([
    [hours(2), 2],
    [hours(2) + 1, 3],
    [0, 1],
  ])('of %d ms touches %d hours', (length, count) => {
    expect(hoursIn({ since: hours(5), until: hours(5) + length })).toBe(count);
  });
});
