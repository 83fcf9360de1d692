import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { migrate } from '../../../watchdog/record/ledger/migrations.ts';

const FIRST = 'CREATE TABLE a (x INTEGER) STRICT';
const SECOND = 'ALTER TABLE a ADD COLUMN y INTEGER';
const BROKEN = 'CREATE TABLE b (x INTEGER) STRICT; ALTER TABLE nowhere ADD COLUMN y';

const versionOf = (db: DatabaseSync) => db.prepare('PRAGMA user_version').get()?.user_version;

test('takes a ledger through every version it has missed, and only those', () => {
  const db = new DatabaseSync(':memory:');

  migrate(db, 'the file', [FIRST]);
  migrate(db, 'the file', [FIRST, SECOND]);
  migrate(db, 'the file', [FIRST, SECOND]);

  expect(versionOf(db)).toBe(2);
  expect(db.prepare('SELECT x, y FROM a').all()).toEqual([]);
});

test('a migration that fails leaves the ledger as it was', () => {
  const db = new DatabaseSync(':memory:');
  migrate(db, 'the file', [FIRST]);

  expect(() => migrate(db, 'the file', [FIRST, SECOND, BROKEN])).toThrow('nowhere');

  expect(versionOf(db)).toBe(1);
  expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'b'").all()).toEqual([]);
  expect(() => db.prepare('SELECT y FROM a')).toThrow();
});
