import { beforeEach, expect, test } from '@jest/globals';
import { EngineError } from '../../watchdog/adapters/docker/docker.ts';
import { RefusedStarts } from '../../watchdog/repair/refused-starts.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';

const WORDS = 'invalid mount config for type "bind": bind source path does not exist: /srv/shop';
const answer = (status: number, words = WORDS) =>
  new EngineError('refused', `start of container c1: the engine answered ${status}: ${words}`, status);

let engine: FakeEngine;
let docker: FakeEngine['docker'];
let id: string;
beforeEach(() => {
  engine = new FakeEngine(new FakeClock());
  const refused = new RefusedStarts();
  docker = refused.told(refused.noted(engine.docker));
  id = engine.make({});
});

/** @returns what an inspect says of the last start */
async function afterStart(error?: EngineError): Promise<string | undefined> {
  if (error !== undefined) engine.mishap('start', { error, done: false });
  await docker.start(id).catch(() => undefined);
  return (await docker.inspect(id))?.inspected?.error;
}

test('a start that the engine refused before it tried is known by its words', async () => {
  expect(await afterStart(answer(400))).toBe(WORDS);
});

test('what the engine itself keeps of a start counts more', async () => {
  const container = engine.container(id);
  if (container !== undefined) container.error = 'port is already allocated';

  expect(await afterStart(answer(400))).toBe('port is already allocated');
});

test.each([403, 500])('an answer %d says nothing about the container', async status => {
  expect(await afterStart(answer(status))).toBe('');
});

test('it is forgotten once the container was started, by us', async () => {
  await afterStart(answer(400));

  expect(await afterStart()).toBe('');
  engine.crash(id);
  expect((await docker.inspect(id))?.inspected?.error).toBe('');
});

test('it is forgotten once the container is seen running, by whoever started it', async () => {
  await afterStart(answer(400));
  await engine.docker.start(id);

  expect((await docker.inspect(id))?.inspected?.error).toBe('');
});

test('of many containers the oldest is forgotten first', async () => {
  await afterStart(answer(400));
  const first = id;
  for (let n = 0; n < 256; n += 1) {
    id = engine.make({ service: `s${n}` });
    await afterStart(answer(400));
  }

  expect((await docker.inspect(first))?.inspected?.error).toBe('');
  expect((await docker.inspect(id))?.inspected?.error).toBe(WORDS);
});
