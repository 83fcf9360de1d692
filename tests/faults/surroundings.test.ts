// What the watchdog takes for granted: that names can be looked up, and that the clock goes on.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { type Receiver, startReceiver } from '../fakes/receiver.ts';
import { isLong, tell } from './effort.ts';
import { recordsIn } from './ledger-records.ts';
import { anOrdeal, type Ordeal, picked } from './ordeal.ts';

jest.setTimeout(60 * 60_000);

const NOTHING = { lost: [], doubled: [], unrecorded: [] };
const HOUR = 3_600_000;

let ordeal: Ordeal;
afterEach(() => ordeal?.tearDown());

const allFallIll = async () => {
  for (const service of ['web', 'worker', 'tidy']) await ordeal.breakOne(service);
};

test("while the name of Slack's host cannot be looked up it heals, and people are told all of it once afterwards", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cwt-names-'));
  const names = (text: string) => writeFileSync(join(folder, 'hosts'), `127.0.0.1 localhost\n${text}\n`);
  names('');
  writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  const slack: Receiver = await startReceiver();
  const { port } = new URL(slack.address);
  const bind = ['hosts', 'resolv.conf'].map(file => `mount --bind ${join(folder, file)} /etc/${file}`);
  ordeal = await anOrdeal({
    members: picked('web', 'worker', 'tidy'),
    through: ['unshare', '--mount', 'sh', '-c', `${bind.join(' && ')} && exec "$@"`, '-'],
    env: { SLACK_WEBHOOK_URL: `http://hooks.slack.test:${port}/services/T/B/X` },
  });
  try {
    await ordeal.watchdog.start();
    await allFallIll();
    await ordeal.allWell();
    await ordeal.watchdog.until(
      'Slack was missed',
      () => ordeal.watchdog.said.join().includes('ENOTFOUND') || ordeal.watchdog.said.join().includes('EAI_AGAIN'),
    );
    const heardBefore = slack.received.length;
    names('127.0.0.1 hooks.slack.test');
    await ordeal.settled();
    const { incidents } = recordsIn(ordeal.watchdog.folder, ordeal.project.name);
    await ordeal.watchdog.until('all of it was told', () => slack.received.length >= 2 * incidents.length);
    const { injected, ...judgement } = await ordeal.judged();

    tell('DNS of Slack gone', { injected, ...judgement }, `${slack.received.length} messages afterwards`);
    expect(judgement).toEqual(NOTHING);
    expect(heardBefore).toBe(0);
    const told = slack.received.map(({ body }) => JSON.stringify(body));
    expect(told).toHaveLength(2 * incidents.length);
    expect(new Set(told).size).toBe(told.length);
  } finally {
    await slack.close();
    rmSync(folder, { recursive: true });
  }
});

test('with its clock set forward and back it heals each illness once, however far', async () => {
  const preload = join(import.meta.dirname, 'moved-clock.ts');
  ordeal = await anOrdeal({ members: picked('web', 'worker', 'tidy'), preload });
  await ordeal.watchdog.start();
  const moves = isLong ? [2, 0, -2, 0, 26, 24, -1, 0.1, 0, 200, 0] : [2, 0, -2];
  await allFallIll();
  for (const hours of moves) {
    // Who falls ill again before its repair is proven has two illnesses and one repair that healed.
    await ordeal.settled();
    await ordeal.watchdog.tell({ by: hours * HOUR });
    await allFallIll();
  }
  await ordeal.settled();

  const { injected, lost, doubled } = await ordeal.judged();

  // The ledger's times are those of a clock that was moved: what counts is that each has its incident and its repair.
  const { incidents, repairs } = recordsIn(ordeal.watchdog.folder, ordeal.project.name);
  const healed = repairs.filter(({ outcome }) => outcome === 'healed').length;
  const unrecorded = healed === injected ? [] : [`${injected} illnesses, ${healed} repairs that healed`];
  tell(`clock moved ${moves.length} times`, { injected, lost, doubled, unrecorded });
  expect({ lost, doubled, unrecorded }).toEqual(NOTHING);
  expect(incidents.length).toBeGreaterThanOrEqual(3);
});
