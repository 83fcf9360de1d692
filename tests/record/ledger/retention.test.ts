import { statSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { hours } from '../../../watchdog/domain/time.ts';
import type { Ledger } from '../../../watchdog/record/ledger/ledger.ts';
import { anIncident, anOrder, aPlace, aRefusal, attempted, NOON, type Place, WEB } from './a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

const DAY = hours(24);
const MONTH = 30 * DAY;
const PLENTY = 2 ** 30;

/** A decision of its own row, one a minute, and big enough to fill the file. */
function decided(ledger: Ledger, n: number): void {
  const decision = { verdict: 'error' as const, because: `${n} ${'x'.repeat(2_000)}` };
  ledger.noteDecision(aRefusal({ incidentId: String(n + 1), decision, at: NOON + n * 60_000 }));
}

test('what is older than the time to keep goes, with all that hangs on it', () => {
  const { ledger } = place.open();
  const old = ledger.repair(attempted(ledger, NOON - MONTH - 1));
  ledger.moveIncident(old?.incidentId ?? '', 'resolved', 'healthy', NOON - MONTH - 1);
  ledger.noteDecision(aRefusal({ at: NOON - MONTH - 1 }));
  const young = attempted(ledger, NOON - MONTH);

  const deleted = ledger.forget(MONTH, PLENTY, NOON);

  expect(deleted).toBe(3);
  expect(ledger.repairs({ limit: 10 }).items.map(({ id }) => id)).toEqual([young]);
  expect(ledger.incident(old?.incidentId ?? '')).toBeUndefined();
  expect(ledger.decisions({ limit: 10 }).items).toEqual([]);
});

test('an open incident and a repair under way are never forgotten', () => {
  const { ledger } = place.open();
  const { id } = ledger.openIncident(anIncident(), 0);
  const repair = ledger.beginRepair(anOrder(), id, 0);

  ledger.forget(MONTH, 1, NOON);

  expect(ledger.incident(id)?.state).toBe('opened');
  expect(ledger.unfinishedRepairs().map(each => each.id)).toEqual([repair]);
});

test('attempts that the limits still count stay, however little space is allowed', () => {
  const { ledger } = place.open();
  const repair = attempted(ledger, NOON - DAY);
  ledger.moveIncident(ledger.repair(repair)?.incidentId ?? '', 'resolved', 'healthy', NOON - DAY);

  ledger.forget(hours(1), 1, NOON);

  expect(ledger.past(WEB, NOON - DAY).attempts).toHaveLength(1);
});

test('attempts that a resume has wiped off do not come back', () => {
  const { ledger } = place.open();
  attempted(ledger, NOON - DAY);
  ledger.resume({ project: 'shop', service: 'web' }, NOON - DAY);

  ledger.forget(hours(1), 1, NOON);

  expect(ledger.past(WEB, 0).attempts).toEqual([]);
});

test('a file that is too large loses its oldest rows and gives the space back', () => {
  const { ledger } = place.open();
  for (let n = 0; n < 400; n += 1) decided(ledger, n);
  const limit = 512 * 1_024;

  const deleted = ledger.forget(MONTH, limit, NOON);

  const left = ledger.decisions({ limit: 500 }).items;
  expect(left).toHaveLength(400 - deleted);
  expect(left.length).toBeGreaterThan(75);
  expect(left[0]?.firstAt).toBe(NOON + 399 * 60_000);
  expect(statSync(place.file).size).toBeLessThanOrEqual(limit);
});

test('what fits and is young enough stays', () => {
  const { ledger } = place.open();
  decided(ledger, 0);
  ledger.pause({ project: 'shop', service: 'web' }, undefined, 'holiday', NOON - 2 * MONTH);

  expect(ledger.forget(MONTH, PLENTY, NOON)).toBe(0);
  expect(ledger.decisions({ limit: 10 }).items).toHaveLength(1);
  expect(ledger.pauses(NOON)).toHaveLength(1);
});

test('what is written is in the database, and not in the write-ahead log alone, once an hour', () => {
  const { ledger } = place.open();
  attempted(ledger, NOON);
  expect(statSync(`${place.file}-wal`).size).toBeGreaterThan(0);

  expect(ledger.forget(MONTH, PLENTY, NOON)).toBe(0);

  expect(statSync(`${place.file}-wal`).size).toBe(0);
});
