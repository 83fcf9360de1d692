import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setAside } from '../../../watchdog/record/ledger/set-aside.ts';
import { aPlace, type Place } from './a-ledger.ts';

const MOMENT = new Date('2026-01-31T17:59:00Z');

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

function writeDamaged(content: string): void {
  writeFileSync(place.file, content);
  utimesSync(place.file, MOMENT, MOMENT);
}

test('the write-ahead log goes with its file, for it would be applied to the next one', () => {
  writeDamaged('broken');
  writeFileSync(`${place.file}-wal`, 'log');
  writeFileSync(`${place.file}-shm`, 'index');

  const name = setAside(place.file);

  expect(['', '-wal', '-shm'].map(part => readFileSync(name + part, 'utf8'))).toEqual(['broken', 'log', 'index']);
  expect(readdirSync(place.folder)).toHaveLength(3);
});

test('a second damaged file of the same moment does not overwrite the first', () => {
  writeDamaged('first');
  setAside(place.file);
  writeDamaged('second');

  const name = setAside(place.file);

  expect(name).toBe(`${place.file}.damaged-20260131T175900Z-2`);
  expect(readFileSync(`${place.file}.damaged-20260131T175900Z`, 'utf8')).toBe('first');
});
