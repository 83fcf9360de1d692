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
  worker: { yaml: 'network_mode: none, restart: unless-stopped', ill: SICK },
  // Does not end when told to: the next engine waits for it before it answers.
  slow: {
    yaml: 'network_mode: none, environment: { PATIENT_STOP_DELAY: 3600 }',
    ill: SICK,
  },
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

test('with its engine killed it brings everything back that the next one has stopped, whatever that refuses to start', async () => {
  await ordeal.watchdog.start();

  for (let time = 0; time < TIMES; time += 1) {
    await ordeal.allWell();
    for (const service of Object.keys(MEMBERS)) await ordeal.breakOne(service);
    await ordeal.allWell();
    await engine.kill();
    await engine.start();
    // Not while the next engine knows of none of them, nor before the watchdog has found them.
    await ordeal.settled();
  }
  // One start for its illness, one because the engine has ended it, and one of an engine that does so by itself.
  const startsAllowed = Object.fromEntries(Object.keys(MEMBERS).map(name => [name, 3]));
  const { injected, ...judgement } = await ordeal.judged({ startsAllowed });

  const anew = ordeal.watchdog.said.filter(line => /repair began.*"action":"recreate"/.test(line)).length;
  tell(`engine killed, ${TIMES} times`, { injected, ...judgement }, `${anew} made anew`);
  expect(judgement).toEqual({ lost: [], doubled: [], unrecorded: [] });
});
