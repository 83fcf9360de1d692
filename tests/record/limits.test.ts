import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { hours, minutes } from '../../watchdog/domain/time.ts';
import { limitsOf } from '../../watchdog/record/limits.ts';
import { anIncident, anOrder, aPlace, attempted, NOON, type Place } from './ledger/a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

const restraint = () => ({ window: hours(1), cooldown: minutes(5) });

test('counts the attempts that are still inside the window', () => {
  const { ledger } = place.open();
  for (const ago of [hours(2), hours(1), minutes(59), minutes(1)]) attempted(ledger, NOON - ago);

  expect(limitsOf(ledger, restraint, NOON)).toEqual([
    { project: 'shop', service: 'web', kind: 'ailing', attemptsInWindow: 2, cooldownUntil: undefined },
  ]);
});

test('tells until when a healed service is left alone', () => {
  const { ledger } = place.open();
  const { id } = ledger.openIncident(anIncident(), NOON);
  ledger.endRepair(ledger.beginRepair(anOrder(), id, NOON), 'healed', 'proven', 'healthy', NOON + 1_000);

  const until = (now: number) => limitsOf(ledger, restraint, now)[0]?.cooldownUntil;

  expect(until(NOON + 2_000)).toBe(NOON + 1_000 + minutes(5));
  expect(until(NOON + 1_000 + minutes(5))).toBeUndefined();
});

test('each service and kind has limits of its own, by its newest order', () => {
  const { ledger } = place.open();
  attempted(ledger, NOON - 2, anOrder({ strategy: 'restart' }));
  attempted(ledger, NOON - 1, anOrder({ strategy: 'recreate' }));
  attempted(ledger, NOON, anOrder({ service: 'db' }));
  const asked: string[] = [];

  const limits = limitsOf(
    ledger,
    order => {
      asked.push(`${order.service} ${order.strategy}`);
      return restraint();
    },
    NOON,
  );

  expect(limits.map(({ service, attemptsInWindow }) => [service, attemptsInWindow])).toEqual([
    ['web', 2],
    ['db', 1],
  ]);
  expect(asked).toEqual(['web recreate', 'db restart']);
});
