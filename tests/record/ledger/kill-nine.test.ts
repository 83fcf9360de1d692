import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findDamage } from '../../../watchdog/record/ledger/damaged-log.ts';
import { LedgerFile } from '../../../watchdog/record/ledger/ledger-file.ts';
import { Dice } from '../../simulation/dice.ts';
import { aPlace, type Place } from './a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

const SCRIBE = join(import.meta.dirname, 'scribe.ts');
const WILD_SCRIBE = join(import.meta.dirname, 'wild-scribe.ts');
const ALERT_SCRIBE = join(import.meta.dirname, 'alert-scribe.ts');

/** @returns what the process had said when it was killed after so many lines. */
async function killedAfter(lines: number, file: string, scribe = SCRIBE): Promise<string[]> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', scribe, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === lines) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return said;
}

test.each([3, 40, 161])(
  'killed with SIGKILL after %d lines, the ledger holds all that was said',
  async lines => {
    const said = await killedAfter(lines, place.file);

    const { ledger } = place.open();

    expect(ledger.damage()).toBeUndefined();
    for (const [word, id] of said.map(line => line.split(' '))) {
      const repair = ledger.repair(id ?? '');
      expect(repair?.steps.map(({ step }) => step)).toEqual(['stop', 'start']);
      if (word === 'ended') expect(repair?.outcome).toBe('healed');
    }
    expect(ledger.unfinishedRepairs().length).toBeLessThanOrEqual(1);
  },
  30_000,
);

test('killed with SIGKILL between queueing and attending, each alert that was taken waits for the next watchdog, once', async () => {
  const said = await killedAfter(101, place.file, ALERT_SCRIBE);

  const { alerts } = place.open();

  const waiting = alerts.waiting(20_000).map(({ alert }) => `queued ${alert.fingerprint}`);
  expect(waiting.slice(0, said.length)).toEqual(said.slice(0, waiting.length));
  expect(waiting.length).toBeGreaterThanOrEqual(said.length);
  expect(new Set(waiting).size).toBe(waiting.length);
  // A delivery is taken whole or not at all.
  expect(waiting.length % 2).toBe(0);
}, 30_000);

/** `KILLS=200 npm run test:unit -- --testPathPatterns kill-nine` for more of them. */
const KILLS = Number(process.env.KILLS || 8);

test(`killed ${KILLS} times in transactions of all sizes, it never passes for a damaged ledger, and forgets nothing`, async () => {
  const dice = new Dice(11);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const said = await killedAfter(dice.between(1, 30), place.file, WILD_SCRIBE);

    expect(findDamage(place.file)).toBeUndefined();
    // Every second time the next process goes on with it as it was left.
    if (kill % 2 === 0) continue;
    const file = new LedgerFile(place.file, place.logger);
    const [{ last } = { last: 0 }] = file.rows<{ last: number }>('SELECT max(at) AS last FROM bookmark');
    file.close();
    expect(last).toBeGreaterThanOrEqual(Number(said.at(-1)));
  }
  expect(place.errors).toEqual([]);
}, 600_000);
