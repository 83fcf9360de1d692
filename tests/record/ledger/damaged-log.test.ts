import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findDamage } from '../../../watchdog/record/ledger/damaged-log.ts';
import { LedgerFile } from '../../../watchdog/record/ledger/ledger-file.ts';
import { Dice } from '../../simulation/dice.ts';
import { aPlace, type Place } from './a-ledger.ts';

let place: Place;
/** What a watchdog that was killed has left behind. */
let left: string;
const opened: LedgerFile[] = [];
beforeEach(() => {
  place = aPlace();
  left = join(place.folder, 'left.sqlite');
});
afterEach(() => {
  for (const file of opened.splice(0)) file.close();
  place.remove();
});

const open = (file: string): LedgerFile => {
  const ledger = new LedgerFile(file, place.logger);
  opened.push(ledger);
  return ledger;
};

/** The log holds nothing but what is written from now on. */
function begun(): LedgerFile {
  const file = open(place.file);
  file.shrink();
  return file;
}

/** Each in a transaction of its own, and in a frame of the log. */
function bookmark(file: LedgerFile, from: number, to: number): void {
  for (let at = from; at <= to; at += 1)
    file.write(() => file.run('INSERT INTO bookmark (name, at) VALUES (:name, :at)', { name: `b${at}`, at }));
}

const bookmarks = (file: LedgerFile): number[] =>
  file.read(() => file.rows<{ at: number }>('SELECT at FROM bookmark ORDER BY at').map(({ at }) => at));

const upTo = (last: number): number[] => Array.from({ length: last }, (_, n) => n + 1);

/** Of an open ledger nothing is in the process's own memory but a transaction under way: a SIGKILL leaves exactly this. */
function killed(): void {
  for (const part of ['', '-wal', '-shm']) copyFileSync(place.file + part, left + part);
}

const FRAME = 24 + 4_096;
const startOf = (frame: number): number => 32 + (frame - 1) * FRAME;
const sizeOf = (file: string): number => readFileSync(file).length;

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  writeFileSync(file, bytes);
}

/** As of before the host was started. */
const indexIsOld = () => utimesSync(`${left}-shm`, 1, 1);

type Damage = readonly [what: string, how: (log: string) => void];

const IN_THE_MIDDLE: Damage = ['in the middle', log => flip(log, startOf(Math.floor(sizeOf(log) / FRAME / 2)) + 1_000)];
const IN_THE_LAST_FRAME: Damage = ['in its last frame', log => flip(log, sizeOf(log) - 1)];

describe('a write-ahead log that is damaged', () => {
  test.each<Damage>([
    IN_THE_MIDDLE,
    ['in the number of a page', log => flip(log, startOf(9) + 3)],
    ['in the mark of a commit', log => flip(log, startOf(9) + 7)],
    ['in the salts of a frame', log => flip(log, startOf(9) + 10)],
    IN_THE_LAST_FRAME,
    ['in its header', log => flip(log, 17)],
    ['in the size of a page', log => flip(log, 10)],
    ['and cut off', log => truncateSync(log, startOf(9) + 100)],
    ['and empty', log => truncateSync(log, 0)],
    ['and gone', log => rmSync(log)],
  ])('%s is found, kept for people where there is one, and what can be read goes on', (_, damage) => {
    bookmark(begun(), 1, 40);
    killed();
    damage(`${left}-wal`);
    const log = existsSync(`${left}-wal`) ? readFileSync(`${left}-wal`) : undefined;

    const after = open(left);

    expect(after.damage).toEqual({
      forgotten: 'newest',
      kept: log && expect.stringContaining('left.sqlite-wal.damaged-'),
    });
    if (log) expect(readFileSync(after.damage?.kept ?? '').equals(log)).toBe(true);
    expect(place.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('the newest entries are lost'),
    ]);
    const known = bookmarks(after);
    expect(known.length).toBeLessThan(40);
    expect(known).toEqual(upTo(known.length));
    bookmark(after, 100, 101);
    after.close();
    expect(open(left).damage).toBeUndefined();
  });

  test('anywhere is found', () => {
    const dice = new Dice(7);
    bookmark(begun(), 1, 20);
    killed();
    const size = sizeOf(`${left}-wal`);

    const unnoticed = Array.from({ length: 300 }, () => dice.between(0, size - 1)).filter(at => {
      flip(`${left}-wal`, at);
      const found = findDamage(left);
      flip(`${left}-wal`, at);
      return found === undefined;
    });

    expect(unnoticed).toEqual([]);
    expect(findDamage(left)).toBeUndefined();
  });

  test('before the host was started is found by what stands behind the broken frame', () => {
    bookmark(begun(), 1, 40);
    killed();
    indexIsOld();
    IN_THE_MIDDLE[1](`${left}-wal`);

    expect(open(left).damage?.forgotten).toBe('newest');
  });

  test('costs nothing where all of it was in the database, and hides nothing of that', () => {
    const file = begun();
    bookmark(file, 1, 40);
    file.rows('PRAGMA wal_checkpoint');
    killed();
    IN_THE_MIDDLE[1](`${left}-wal`);

    const after = open(left);

    expect(after.damage?.forgotten).toBe('nothing');
    expect(existsSync(after.damage?.kept ?? '')).toBe(true);
    expect(bookmarks(after)).toEqual(upTo(40));
  });

  test('is set aside with all of its ledger where what can be read does not fit together', () => {
    bookmark(begun(), 1, 20);
    // As pages of two different times may say.
    const careless = new DatabaseSync(place.file, { enableForeignKeyConstraints: false });
    careless.exec("INSERT INTO repair_step (repair_id, step, data, at) VALUES (99, 'stop', '{}', 1)");
    careless.close();
    bookmark(open(place.file), 21, 40);
    killed();
    IN_THE_LAST_FRAME[1](`${left}-wal`);

    const after = open(left);

    expect(after.damage).toEqual({ forgotten: 'all', kept: expect.stringContaining('left.sqlite.damaged-') });
    expect(place.errors.at(-1)?.values?.because).toBe('a row of repair_step belongs to one of repair that is gone');
    expect(bookmarks(after)).toEqual([]);
  });
});

describe('no damage is', () => {
  test.each<[string, (file: LedgerFile) => void]>([
    ['a log from which nothing was lost', file => bookmark(file, 1, 40)],
    ['one that is empty, for all of it is in the database', file => file.shrink()],
  ])('%s', (_, written) => {
    written(begun());
    killed();

    expect(findDamage(left)).toBeUndefined();
    expect(open(left).damage).toBeUndefined();
  });

  test('a ledger that was closed, or has not been begun', () => {
    expect(findDamage(left)).toBeUndefined();
    const file = begun();
    bookmark(file, 1, 40);
    file.close();

    expect(findDamage(place.file)).toBeUndefined();
  });

  test.each([false, true])('a last transaction that was not finished, cut anywhere (index of before: %s)', isOld => {
    const file = begun();
    bookmark(file, 1, 20);
    killed();
    const index = readFileSync(`${left}-shm`);
    const before = sizeOf(`${left}-wal`);
    file.write(() => bookmarkLargely(file));
    killed();
    writeFileSync(`${left}-shm`, index);
    if (isOld) indexIsOld();
    const log = readFileSync(`${left}-wal`);

    expect(log.length).toBeGreaterThan(before + 5 * FRAME);
    for (let size = log.length; size >= before; size -= 517) {
      truncateSync(`${left}-wal`, size);
      expect(findDamage(left)).toBeUndefined();
    }
  });

  test.each([false, true])(
    'what is left of one that was rolled back, behind a shorter one (index of before: %s)',
    isOld => {
      const file = begun();
      bookmark(file, 1, 20);
      const before = sizeOf(`${place.file}-wal`);
      // More than SQLite keeps in memory, so that it writes before the end.
      const rolledBack = () =>
        file.write(() => {
          for (let n = 0; n < 400; n += 1) bookmarkLargely(file);
          throw new Error('and back');
        });
      expect(rolledBack).toThrow('and back');
      expect(sizeOf(`${place.file}-wal`)).toBeGreaterThan(before + 100 * FRAME);
      bookmark(file, 21, 22);
      killed();
      if (isOld) indexIsOld();

      expect(findDamage(left)).toBeUndefined();
      expect(bookmarks(open(left))).toEqual(upTo(22));
    },
  );

  test('a log that was begun anew over an older one', () => {
    const file = begun();
    bookmark(file, 1, 40);
    file.rows('PRAGMA wal_checkpoint');
    bookmark(file, 41, 43);
    killed();

    expect(findDamage(left)).toBeUndefined();
    expect(bookmarks(open(left))).toEqual(upTo(43));
  });
});

let largest = 1_000;
/** Some pages of them. */
function bookmarkLargely(file: LedgerFile): void {
  for (let n = 0; n < 8; n += 1) {
    largest += 1;
    file.run('INSERT INTO bookmark (name, at) VALUES (:name, :at)', { name: 'x'.repeat(3_000) + largest, at: largest });
  }
}
