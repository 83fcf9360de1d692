// What the ledger lies on: full, read-only, damaged. The folder is a small disk of the test's own.
import { execFile } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { ledgerPath } from '../../watchdog/record/ledger/open-ledger.ts';
import { dice, isLong, tell } from './effort.ts';
import { anOrdeal, type Ordeal, picked } from './ordeal.ts';

jest.setTimeout(60 * 60_000);

const run = promisify(execFile);
const TIMES = isLong ? 10 : 1;
const NOTHING = { lost: [], doubled: [], unrecorded: [] };

let disk: string;
let ordeal: Ordeal;

beforeEach(async () => {
  disk = mkdtempSync(join(tmpdir(), 'cwt-small-'));
  await run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'cwt-small', disk]);
  ordeal = await anOrdeal({ members: picked('web', 'worker', 'tidy'), folder: join(disk, 'data') });
});

afterEach(async () => {
  await ordeal?.tearDown();
  await run('umount', [disk]);
  rmSync(disk, { recursive: true });
});

const allFallIll = async () => {
  for (const service of ['web', 'worker', 'tidy']) await ordeal.breakOne(service);
};

const filler = () => join(disk, 'filler');

/** Until not one byte more fits. */
function fill(): void {
  const file = openSync(filler(), 'a');
  for (let size = 2 ** 20; size >= 1; size = Math.floor(size / 2))
    try {
      while (true) writeSync(file, Buffer.alloc(size));
    } catch {
      // A smaller piece may still fit.
    }
  closeSync(file);
}

test('on a full disk it does nothing that it could not write down, says so, and goes on once there is room', async () => {
  await ordeal.watchdog.start();
  for (let time = 0; time < TIMES; time += 1) {
    await ordeal.allWell();
    fill();
    const before = ordeal.watchdog.said.length;

    await allFallIll();
    const news = () => ordeal.watchdog.said.slice(before).join('\n');
    await ordeal.watchdog.until('it says that the ledger cannot be written', () => {
      // Again and again: what stood there for a moment only when it was filled leaves room.
      fill();
      return /the ledger .*cannot be used: .*free some space on its disk/.test(news());
    });
    // Every second time it is also killed, and the next one comes up to a full disk.
    if (time % 2 === 1) {
      await ordeal.watchdog.kill();
      const started = await ordeal.watchdog.start().then(() => 'started', String);
      if (started !== 'started') {
        expect(started).toContain('free some space on its disk');
        // It has said so, and may not have ended yet.
        await ordeal.watchdog.ended();
      }
    }
    rmSync(filler());
    if (!ordeal.watchdog.isAlive()) await ordeal.watchdog.start();
  }

  const { injected, ...judgement } = await ordeal.judged();

  tell(`/data full, ${TIMES} times`, { injected, ...judgement });
  expect(judgement).toEqual(NOTHING);
});

test('on a disk that has become read-only it ends with status 2 and says what to do, and remembers all once it may write', async () => {
  await ordeal.watchdog.start();
  await allFallIll();
  await ordeal.watchdog.kill();
  await run('mount', ['-o', 'remount,ro', disk]);

  const refused = await ordeal.watchdog.start().catch(String);
  const ending = await ordeal.watchdog.ended();
  await run('mount', ['-o', 'remount,rw', disk]);
  await ordeal.watchdog.start();
  const { injected, ...judgement } = await ordeal.judged();

  tell('/data read-only', { injected, ...judgement });
  expect(refused).toMatch(/the ledger .* must exist and be writable/);
  expect(ending).toEqual({ code: 2, signal: null });
  expect(judgement).toEqual(NOTHING);
});

/** Overwrites a few pages in the middle of the file. */
function damage(): void {
  const file = openSync(ledgerPath(ordeal.watchdog.folder), 'r+');
  const pages = Math.floor(statSync(ledgerPath(ordeal.watchdog.folder)).size / 4_096);
  for (let page = 1; page < pages; page += 1)
    if (dice.chance(0.3) || page === 1) writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, page * 4_096);
  closeSync(file);
}

const setAside = () => readdirSync(ordeal.watchdog.folder).filter(name => /\.damaged-[^-]+(-\d+)?$/.test(name));

test('a ledger that was damaged in the middle is set aside with a word, and a new one begun', async () => {
  await ordeal.watchdog.start();
  for (let time = 0; time < TIMES; time += 1) {
    await ordeal.allWell();
    // What is in its write-ahead log moves into the file when it is closed.
    await ordeal.watchdog.stop();
    await ordeal.watchdog.start();
    // While it is open, then while it is closed: what it holds in memory may hide the damage for as long as it lives.
    damage();
    await allFallIll();
    await ordeal.allWell();
    await ordeal.watchdog.kill();
    damage();
    await ordeal.watchdog.start();
  }
  const since = Date.now();
  await allFallIll();

  const { injected, ...judgement } = await ordeal.judged({ since });

  tell(`ledger damaged, ${2 * TIMES} times`, { injected, ...judgement }, `${setAside().length} set aside`);
  expect(judgement).toEqual(NOTHING);
  expect(setAside().length).toBeGreaterThanOrEqual(TIMES);
  expect(ordeal.watchdog.said.join('\n')).toContain('ledger damaged: set aside, a new one begun');
});

/** Its second half is lost: what stands there is not what was written. */
function damageLog(): void {
  const log = `${ledgerPath(ordeal.watchdog.folder)}-wal`;
  const file = openSync(log, 'r+');
  writeSync(file, Buffer.alloc(64, 0xa5), 0, 64, Math.floor(statSync(log).size / 2));
  closeSync(file);
}

test('of a damaged write-ahead log it says what that costs, keeps it for people, and goes on with what can be read', async () => {
  await ordeal.watchdog.start();
  for (let time = 0; time < TIMES; time += 1) {
    await allFallIll();
    await ordeal.allWell();
    const before = ordeal.watchdog.said.length;
    await ordeal.watchdog.kill();
    damageLog();
    await ordeal.watchdog.start();
    const news = ordeal.watchdog.said.slice(before).join('\n');
    expect(news).toContain('write-ahead log of the ledger damaged: the newest entries are lost');
  }
  const since = Date.now();
  await allFallIll();

  const { injected, ...judgement } = await ordeal.judged({ since });

  const kept = readdirSync(ordeal.watchdog.folder).filter(name => name.includes('-wal.damaged-'));
  tell(`write-ahead log damaged, ${TIMES} times`, { injected, ...judgement }, `${kept.length} kept`);
  expect(judgement).toEqual(NOTHING);
  expect(kept).toHaveLength(TIMES);
});
