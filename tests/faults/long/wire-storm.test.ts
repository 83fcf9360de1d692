import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { anEngineProxy, type Call, type EngineProxy, type Treatment } from '../../engine/engine-proxy.ts';
import { dice, isLong, tell } from '../effort.ts';
import { anOrdeal, type Ordeal } from '../ordeal.ts';

jest.setTimeout(60 * 60_000);

const ILLNESSES = isLong ? 150 : 10;

let reading: EngineProxy;
let acting: EngineProxy;
let ordeal: Ordeal;
let faults = 0;

beforeAll(async () => {
  reading = await anEngineProxy();
  acting = await anEngineProxy();
  ordeal = await anOrdeal({ env: { DOCKER_HOST: reading.host, WATCHDOG_ACT_HOST: acting.host } });
});

afterAll(async () => {
  await ordeal?.tearDown();
  await reading?.close();
  await acting?.close();
});

const READS: readonly Treatment[] = [{ answer: 500 }, 'cut-before', 'cut-after', 'truncate', { delay: 1_000 }];
const CHANGES: readonly Treatment[] = [
  ...[{ answer: 500 as const }, { answer: 409 as const }, { delay: 1_000 }],
  ...(['cut-before', 'cut-after', 'fail-after', 'truncate'] as const),
];

const oneIn = (chance: number, treatments: readonly Treatment[]) => (_call: Call) => {
  if (!dice.chance(chance)) return 'pass';
  faults += 1;
  return dice.pick(treatments);
};

/** Lost, torn, twice. */
const garbled = (piece: Buffer): readonly Buffer[] => {
  if (!dice.chance(0.3)) return [piece];
  faults += 1;
  return dice.pick([[], [piece.subarray(0, piece.length / 2)], [piece, piece]]);
};

test('with a wire that fails at random it loses no service, starts none twice and forgets nothing', async () => {
  reading.treat = oneIn(0.1, READS);
  acting.treat = oneIn(0.4, CHANGES);
  reading.eventBytes = garbled;
  await ordeal.watchdog.start();

  ordeal.begin();
  while (ordeal.illnesses.length < ILLNESSES) {
    await pause(dice.between(500, 3_000));
    reading.cutEvents();
    faults += 1;
  }
  for (const proxy of [reading, acting]) proxy.treat = () => 'pass';
  reading.eventBytes = piece => [piece];
  // Of a recreate each attempt that a fault broke off was undone, which starts the old container again.
  const { injected, ...judgement } = await ordeal.judged({ startsAllowed: { anew: Number.POSITIVE_INFINITY } });

  tell(`wire, ${faults} faults`, { injected, ...judgement });
  expect(judgement).toEqual({ lost: [], doubled: [], unrecorded: [] });
  expect(faults).toBeGreaterThan(ILLNESSES);
});
