import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { anEngineProxy, type EngineProxy } from '../engine/engine-proxy.ts';
import { dice, isLong, tell } from './effort.ts';
import { recordsIn } from './ledger-records.ts';
import { anOrdeal, type Ordeal } from './ordeal.ts';

jest.setTimeout(60 * 60_000);

const KILLS = isLong ? 120 : 8;
/** From its start: it needs a second or two of them until it watches. */
const LONGEST_LIFE = 6_000;
/** After it has asked the engine for a change: so long a restart of a patient takes, and the beginning of its proof. */
const AFTER_A_CHANGE = 600;

let engine: EngineProxy;
let ordeal: Ordeal;

beforeAll(async () => {
  engine = await anEngineProxy();
  ordeal = await anOrdeal({ env: { DOCKER_HOST: engine.host } });
});

afterAll(async () => {
  await ordeal?.tearDown();
  await engine?.close();
});

/** Resolves with the next change that the watchdog asks of the engine, or when the time is over. */
const aChange = (atMost: number): Promise<void> =>
  new Promise(resolve => {
    const late = setTimeout(resolve, atMost);
    engine.treat = ({ isChange }) => {
      if (isChange) {
        clearTimeout(late);
        resolve();
      }
      return 'pass';
    };
  });

/** One life of the watchdog, until it is killed: every second time just after a change, when there is most to be half done. */
async function aLife(number: number): Promise<void> {
  const started = ordeal.watchdog.start().catch(() => undefined);
  const life = dice.between(0, LONGEST_LIFE);
  if (number % 2 === 0) await pause(life);
  else {
    await aChange(2 * LONGEST_LIFE);
    await pause(dice.between(0, AFTER_A_CHANGE));
  }
  await ordeal.watchdog.kill();
  await started;
}

test('killed again and again while services fall ill, it loses none, starts none twice and forgets nothing', async () => {
  ordeal.begin();

  for (let number = 0; number < KILLS; number += 1) await aLife(number);
  await ordeal.watchdog.start();
  // Of a recreate each attempt that a death broke off may be undone, which starts the old container again.
  const { injected, ...judgement } = await ordeal.judged({ startsAllowed: { anew: Number.POSITIVE_INFINITY } });

  const { repairs } = recordsIn(ordeal.watchdog.folder, ordeal.project.name);
  const interrupted = repairs.filter(({ outcome }) => outcome === 'interrupted').length;
  tell(`kill -9, ${KILLS} times`, { injected, ...judgement }, `${repairs.length} repairs, ${interrupted} interrupted`);
  expect(judgement).toEqual({ lost: [], doubled: [], unrecorded: [] });
  expect(injected).toBeGreaterThan(KILLS / 2);
});
