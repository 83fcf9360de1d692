import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { aSecondEngine, type SecondEngine } from '../../engine/second-engine.ts';
import { patientImage } from '../../images/names.ts';
import { isLong, tell } from '../effort.ts';
import { anOrdeal, type Ordeal } from '../ordeal.ts';

jest.setTimeout(60 * 60_000);

const TIMES = isLong ? 8 : 1;
const SICK = ['patient', 'sick'];
const MEMBERS = {
  web: { yaml: 'network_mode: none', ill: SICK },
  worker: { yaml: 'network_mode: none', ill: ['patient', 'exit', '3'] },
  tidy: { yaml: 'network_mode: none, labels: { auto_repair.playbook.unhealthy: tidily }', ill: SICK },
};

let engine: SecondEngine;
let ordeal: Ordeal;

beforeAll(async () => {
  engine = aSecondEngine();
  await engine.start();
  await engine.load(patientImage);
  ordeal = await anOrdeal({ members: MEMBERS, engine: engine.host, env: { DOCKER_HOST: engine.host } });
});

afterAll(async () => {
  await ordeal?.tearDown();
  await engine?.remove();
});

test("with its engine's daemon restarted in the middle of repairs it brings everything back", async () => {
  await ordeal.watchdog.start();

  for (let time = 0; time < TIMES; time += 1) {
    await ordeal.allWell();
    const before = ordeal.watchdog.said.length;
    const news = () => ordeal.watchdog.said.slice(before).join('\n');
    for (const service of Object.keys(MEMBERS)) await ordeal.breakOne(service);
    await ordeal.watchdog.until('a repair is under way', () => news().includes('repair began'));
    await engine.stop();
    await engine.start();
  }
  // One start for its illness, and one because the engine has ended it.
  const startsAllowed = Object.fromEntries(Object.keys(MEMBERS).map(name => [name, 2]));
  const { injected, ...judgement } = await ordeal.judged({ startsAllowed });

  tell(`engine restarted, ${TIMES} times`, { injected, ...judgement });
  expect(judgement).toEqual({ lost: [], doubled: [], unrecorded: [] });
});
