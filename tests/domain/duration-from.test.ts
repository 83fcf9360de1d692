import { expect, test } from '@jest/globals';
import { durationFrom } from '../../watchdog/domain/duration-from.ts';

test.each([
  ['30', 30_000],
  ['0', 0],
  ['1.5', 1_500],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['2d', 172_800_000],
  ['250ms', 250],
  ['1h30m', 5_400_000],
  [' 5M ', 300_000],
])('reads %j as %d ms', (text, duration) => {
  expect(durationFrom(text)).toBe(duration);
});

test.each(['', 'soon', '-5s', '5 m', '5x', 'm5', '1e3', 'Infinity', '5m!'])('does not guess what %j means', text => {
  expect(durationFrom(text)).toBeUndefined();
});
