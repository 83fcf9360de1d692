import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { anIncident, aPlace, NOON, type Place } from './a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

const WEB = { project: 'shop', service: 'web' };
const SHOP = { project: 'shop', service: undefined };

test('a pause holds until its time is over', () => {
  const { ledger } = place.open();

  ledger.pause(WEB, NOON + 1_000, 'migration', NOON);

  expect(ledger.pauses(NOON + 999)).toEqual([{ ...WEB, since: NOON, until: NOON + 1_000, reason: 'migration' }]);
  expect(ledger.pauses(NOON + 1_000)).toEqual([]);
});

test('a pause without an end outlives the watchdog', () => {
  place.open().ledger.pause(SHOP, undefined, 'holiday', NOON);

  const { ledger } = place.open();

  expect(ledger.pauses(NOON * 2)).toEqual([{ ...SHOP, since: NOON, until: undefined, reason: 'holiday' }]);
});

test('the newest word about the same target stands', () => {
  const { ledger } = place.open();
  ledger.pause(WEB, undefined, 'first', NOON);

  ledger.pause(WEB, NOON + 5_000, 'second', NOON + 1);

  expect(ledger.pauses(NOON + 2)).toEqual([{ ...WEB, since: NOON + 1, until: NOON + 5_000, reason: 'second' }]);
});

test('resume ends the pause and says that there was one', () => {
  const { ledger } = place.open();
  ledger.pause(WEB, undefined, 'migration', NOON);

  expect(ledger.resume(WEB, NOON)).toBe(true);
  expect(ledger.pauses(NOON)).toEqual([]);
  expect(ledger.resume(WEB, NOON)).toBe(false);
});

test('a pause that is over is nothing to end', () => {
  const { ledger } = place.open();
  ledger.pause(WEB, NOON + 1, 'short', NOON);

  expect(ledger.resume(WEB, NOON + 1)).toBe(false);
});

test('a service paused for its own reason stays so when its project goes on', () => {
  const { ledger } = place.open();
  ledger.pause(WEB, undefined, 'migration', NOON);
  ledger.pause(SHOP, undefined, 'deploy', NOON);

  ledger.resume(SHOP, NOON);

  expect(ledger.pauses(NOON)).toMatchObject([WEB]);
});

test.each([[WEB], [SHOP], [{ project: '*', service: undefined }]])(
  'resume of %j finds an escalated service',
  target => {
    const { ledger } = place.open();
    const { id } = ledger.openIncident(anIncident(), NOON);
    ledger.moveIncident(id, 'escalated', 'three attempts failed', NOON);

    expect(ledger.resume(target, NOON)).toBe(true);
  },
);

test('resume of another service does not find it', () => {
  const { ledger } = place.open();
  const { id } = ledger.openIncident(anIncident(), NOON);
  ledger.moveIncident(id, 'escalated', 'three attempts failed', NOON);

  expect(ledger.resume({ project: 'shop', service: 'db' }, NOON)).toBe(false);
});
