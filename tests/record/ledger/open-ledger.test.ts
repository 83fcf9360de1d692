import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LedgerError } from '../../../watchdog/record/ledger/ledger.ts';
import { IN_MEMORY } from '../../../watchdog/record/ledger/ledger-file.ts';
import { openLedger } from '../../../watchdog/record/ledger/open-ledger.ts';
import { anIncident, aPlace, attempted, NOON, type Place, WEB } from './a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

/** Breaks every page but the first one, where SQLite keeps its header. */
function damagePages(file: string): void {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0xff, 4_096));
}

/** So that the file is what is read from now on. */
function foldLogIntoFile(): void {
  const db = new DatabaseSync(place.file);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO bookmark VALUES ('x', 1); PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}

test('makes the file and its folder, readable for nobody else', () => {
  const file = join(place.folder, 'a', 'b', 'ledger.sqlite');

  const { ledger } = openLedger(file, { logger: place.logger });
  ledger.openIncident(anIncident(), NOON);

  for (const part of ['', '-wal', '-shm']) expect(statSync(file + part).mode & 0o777).toBe(0o600);
  expect(ledger.damage()).toBeUndefined();
  ledger.close();
});

test('remembers after being closed', () => {
  const first = place.open().ledger;
  const { id } = first.openIncident(anIncident(), NOON);
  first.close();

  expect(place.open().ledger.openIncidentOf(WEB)?.id).toBe(id);
});

test('a file that is no database is set aside and a new ledger begun', () => {
  writeFileSync(place.file, 'this is no database '.repeat(500));
  utimesSync(place.file, new Date('2026-01-31T17:59:00Z'), new Date('2026-01-31T17:59:00Z'));

  const { ledger } = place.open();

  const kept = `${place.file}.damaged-20260131T175900Z`;
  expect(ledger.damage()).toEqual({ forgotten: 'all', kept });
  expect(readFileSync(kept, 'utf8')).toContain('this is no database');
  expect(place.errors).toEqual([
    {
      message: expect.stringContaining('ledger damaged'),
      values: { file: place.file, setAside: kept, because: 'file is not a database' },
    },
  ]);
  expect(ledger.openIncident(anIncident(), NOON).isNew).toBe(true);
});

test('a file whose pages are broken is found out when it is opened', () => {
  const first = place.open().ledger;
  for (let n = 0; n < 50; n += 1) attempted(first, NOON + n);
  first.close();
  damagePages(place.file);

  const { ledger } = place.open();

  expect(ledger.damage()?.forgotten).toBe('all');
  expect(ledger.past(WEB, 0).attempts).toEqual([]);
});

test('damage met while running is set aside as well, and the work goes on', () => {
  const { ledger } = place.open();
  for (let n = 0; n < 50; n += 1) attempted(ledger, NOON + n);
  const { id: lastId } = ledger.openIncident(anIncident({ service: 'last' }), NOON);
  foldLogIntoFile();
  damagePages(place.file);

  expect(ledger.repairs({ limit: 10 }).items).toEqual([]);

  expect(place.errors).toHaveLength(1);
  expect(existsSync(String(place.errors[0]?.values?.setAside))).toBe(true);
  expect(Number(ledger.openIncident(anIncident(), NOON).id)).toBeGreaterThan(Number(lastId));
});

test('a ledger of a newer watchdog is refused and left alone', () => {
  place.open().ledger.close();
  const db = new DatabaseSync(place.file);
  db.exec('PRAGMA user_version = 99');
  db.close();

  expect(() => place.open()).toThrow(LedgerError);
  expect(() => place.open()).toThrow(/has version 99, this watchdog knows versions up to \d+: run the newer watchdog/);
  expect(readdirSync(place.folder).filter(name => name.includes('damaged'))).toEqual([]);
});

test('a place that cannot be written is refused with the place and what to do', () => {
  writeFileSync(join(place.folder, 'a-file'), '');
  const file = join(place.folder, 'a-file', 'ledger.sqlite');

  const open = () => openLedger(file, { logger: place.logger });

  expect(open).toThrow(LedgerError);
  expect(open).toThrow(file);
  expect(open).toThrow('must exist and be writable');
});

test('a folder where the file should be is refused', () => {
  expect(() => openLedger(place.folder, { logger: place.logger })).toThrow(LedgerError);
});

test('one in memory makes no file, and remembers as long as it is open', () => {
  const { ledger } = openLedger(IN_MEMORY, { logger: place.logger });
  ledger.openIncident(anIncident(), NOON);

  expect(ledger.openIncidentOf(WEB)?.condition).toBe(anIncident().condition);
  expect(existsSync(IN_MEMORY)).toBe(false);
  ledger.close();
});

test('a closed ledger says so', () => {
  const { ledger } = place.open();
  ledger.close();

  expect(() => ledger.stops()).toThrow('is closed');
});
