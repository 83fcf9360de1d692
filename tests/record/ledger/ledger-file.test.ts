import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LedgerError } from '../../../watchdog/record/ledger/ledger.ts';
import { LedgerFile } from '../../../watchdog/record/ledger/ledger-file.ts';
import { aPlace, type Place } from './a-ledger.ts';

let place: Place;
let file: LedgerFile;
let failures: number;
beforeEach(() => {
  place = aPlace();
  failures = 0;
  file = new LedgerFile(place.file, place.logger, () => {
    failures += 1;
  });
});
afterEach(() => {
  file.close();
  place.remove();
});

const bookmark = (name: string, at = 1) =>
  file.write(() => file.run('INSERT INTO bookmark (name, at) VALUES (:name, :at)', { name, at }));
const bookmarks = () =>
  file.read(() => file.rows<{ name: string }>('SELECT name FROM bookmark').map(({ name }) => name));

test('a write is all or nothing', () => {
  const twice = () =>
    file.write(() => {
      file.run("INSERT INTO bookmark (name, at) VALUES ('half', 1)");
      throw new Error('in the middle');
    });

  expect(twice).toThrow('in the middle');
  expect(failures).toBe(0);
  expect(bookmarks()).toEqual([]);
});

test('a full disk is told until a write works again', () => {
  // The engine of SQLite answers like this (SQLITE_FULL) when the disk has no room for another page.
  const [{ page_count: pages } = { page_count: 0 }] = file.rows<{ page_count: number }>('PRAGMA page_count');
  file.rows(`PRAGMA max_page_count = ${pages}`);

  expect(() => bookmark('x'.repeat(100_000))).toThrow(LedgerError);
  expect(file.trouble).toMatch(/cannot be used: database or disk is full; free some space/);
  expect(bookmarks()).toEqual([]);

  file.rows('PRAGMA max_page_count = 100000');
  bookmark('after');
  expect(file.trouble).toBeUndefined();
});

const logSize = () => statSync(`${place.file}-wal`).size;
const full = () => Object.assign(new Error('database or disk is full'), { errcode: 13 });

test('on a full disk the write-ahead log gives its room back, and the write is done once more', () => {
  bookmark('before');
  const sizes: number[] = [];

  file.write(() => {
    sizes.push(logSize());
    if (sizes.length === 1) throw full();
    file.run("INSERT INTO bookmark (name, at) VALUES ('during', 1)");
  });

  expect(sizes).toEqual([expect.any(Number), 0]);
  expect(sizes[0]).toBeGreaterThan(0);
  expect(bookmarks()).toEqual(['before', 'during']);
  expect(file.trouble).toBeUndefined();
  expect(failures).toBe(0);
});

test('where that was not room enough it is not tried again until a write has worked', () => {
  let tries = 0;
  const fails = () =>
    file.write(() => {
      tries += 1;
      throw full();
    });
  const triesOf = (work: () => void) => {
    tries = 0;
    expect(work).toThrow('free some space on its disk');
    return tries;
  };

  expect([triesOf(fails), triesOf(fails)]).toEqual([2, 1]);
  bookmark('there is room');
  expect(triesOf(fails)).toBe(2);
});

test('while somebody else reads, the log stays as it is, and the failure is told', () => {
  bookmark('before');
  const other = new DatabaseSync(place.file, { readOnly: true });
  other.exec('BEGIN; SELECT * FROM bookmark');
  let tries = 0;

  const fails = () =>
    file.write(() => {
      tries += 1;
      throw full();
    });

  expect(fails).toThrow('free some space on its disk');
  expect(tries).toBe(1);
  expect(logSize()).toBeGreaterThan(0);
  other.close();
});

test('the write-ahead log stays within a megabyte, and what one transaction adds', () => {
  let longest = 0;
  for (let n = 0; n < 1_000; n += 1) {
    bookmark('x'.repeat(4_000) + n);
    longest = Math.max(longest, logSize());
  }

  expect(longest).toBeLessThan(1.1 * 2 ** 20);
  expect(longest).toBeGreaterThan(0.9 * 2 ** 20);
});

test('a read-only file is told, and reading goes on', () => {
  bookmark('before');
  file.rows('PRAGMA query_only = 1');

  expect(() => bookmark('during')).toThrow('must exist and be writable');

  expect(file.trouble).toContain(place.file);
  expect(bookmarks()).toEqual(['before']);
  expect(failures).toBe(1);
});

test('another process that holds the file is waited for, then named', () => {
  const other = new LedgerFile(place.file, place.logger);
  file.rows('PRAGMA busy_timeout = 1');

  other.write(() => {
    expect(() => bookmark('late')).toThrow('another process holds it');
  });
  other.close();

  bookmark('free again');
  expect(file.trouble).toBeUndefined();
});

test('memory is limited, and a crash of the process costs nothing', () => {
  const setting = (name: string) => Object.values(file.row<Record<string, unknown>>(`PRAGMA ${name}`) ?? {})[0];

  expect(setting('journal_mode')).toBe('wal');
  expect(setting('synchronous')).toBe(1);
  expect(setting('foreign_keys')).toBe(1);
  expect(setting('cache_size')).toBe(-1024);
  expect(setting('auto_vacuum')).toBe(2);
});
