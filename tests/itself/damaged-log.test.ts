import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Receiver, startReceiver } from '../fakes/receiver.ts';
import { aHome, type Home, type LivingWatchdog } from './a-process.ts';

let home: Home;
let people: Receiver;
beforeEach(async () => {
  home = aHome();
  people = await startReceiver();
});
afterEach(async () => {
  await home.remove();
  await people.close();
});

async function alive(): Promise<LivingWatchdog> {
  const watchdog = await home.start({ WATCHDOG_NOTIFY_WEBHOOK_URL: people.address });
  await watchdog.says('watchdog started');
  return watchdog;
}

async function kill(watchdog: LivingWatchdog): Promise<void> {
  watchdog.signal('SIGKILL');
  await watchdog.ended;
}

/** Some bytes in the middle of it are not what was written. */
function damageLog(): void {
  const log = join(home.folder, 'ledger.sqlite-wal');
  const file = openSync(log, 'r+');
  writeSync(file, Buffer.alloc(64, 0xa5), 0, 64, Math.floor(statSync(log).size / 2));
  closeSync(file);
}

const kept = () => readdirSync(home.folder).filter(name => name.includes('-wal.damaged-'));

test('the next one says what a damaged write-ahead log costs, tells people, keeps it, and goes on; the one after that says nothing', async () => {
  await kill(await alive());
  damageLog();

  const next = await alive();
  await people.until(1);
  await kill(next);
  const last = await alive();

  expect(next.said()).toContain('write-ahead log of the ledger damaged: the newest entries are lost');
  expect(kept()).toHaveLength(1);
  expect(people.received[0]?.body).toMatchObject({
    event: 'escalated',
    incident: { project: 'host', service: 'ledger', condition: 'ledger-damaged', critical: true },
    summary: 'The ledger of the watchdog was damaged: its newest entries are gone',
    done: ['what could be read is used on', expect.stringContaining(kept()[0] ?? 'nowhere')],
  });
  expect(last.said()).not.toContain('damaged');
}, 120_000);
