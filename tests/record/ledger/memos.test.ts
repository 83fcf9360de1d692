import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { aFinding, aPlace, NOON, type Place } from './a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

test('findings are kept in summary', () => {
  const { ledger } = place.open();

  ledger.noteFinding(aFinding({ at: NOON }));
  ledger.noteFinding(aFinding({ at: NOON + 5 }));
  ledger.noteFinding(aFinding({ at: NOON - 5 }));
  ledger.noteFinding(aFinding({ source: 'rounds' }));

  const db = new DatabaseSync(place.file, { readOnly: true });
  const rows = db.prepare('SELECT source, count, first_at, last_at FROM finding ORDER BY source').all();
  db.close();
  expect(rows.map(row => ({ ...row }))).toEqual([
    { source: 'events', count: 3, first_at: NOON - 5, last_at: NOON + 5 },
    { source: 'rounds', count: 1, first_at: NOON, last_at: NOON },
  ]);
});

test('whom a person stopped is remembered until told otherwise', () => {
  place.open().ledger.rememberStop('c0ffee', { project: 'shop', service: 'web' }, NOON);
  const { ledger } = place.open();
  ledger.rememberStop('c0ffee', { project: 'shop', service: 'web' }, NOON + 1);
  ledger.rememberStop('decaf', { project: 'shop', service: 'db' }, NOON);

  ledger.forgetStop('decaf');

  expect(ledger.stops()).toEqual([{ containerId: 'c0ffee', at: NOON + 1 }]);
});

test('a bookmark is where it was last put', () => {
  const { ledger } = place.open();
  expect(ledger.bookmark('last-event')).toBeUndefined();

  ledger.setBookmark('last-event', NOON);
  ledger.setBookmark('last-event', NOON + 1);

  expect(ledger.bookmark('last-event')).toBe(NOON + 1);
});
