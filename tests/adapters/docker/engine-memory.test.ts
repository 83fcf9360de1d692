import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectDocker } from '../../../watchdog/adapters/docker/connect.ts';
import type { Docker } from '../../../watchdog/adapters/docker/docker.ts';
import { rememberedIn } from '../../../watchdog/adapters/docker/engine-memory.ts';
import { type HttpEngine, startHttpEngine } from '../../fakes/http-engine.ts';

const ASKED_AT = '2026-11-22T22:45:26.672422265Z';

const LABELS = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' };
const EVENT = { Type: 'container', timeNano: 1_795_387_500_000_000_000 };
const DIE = `${JSON.stringify({ ...EVENT, Action: 'die', Actor: { ID: 'c1', Attributes: LABELS } })}\n`;
/** Of a container that is not Compose's. */
const PROBE = `${JSON.stringify({ ...EVENT, Action: 'exec_die', Actor: { ID: 'c2', Attributes: {} } })}\n`;

let engine: HttpEngine;
let docker: Docker;
beforeEach(async () => {
  engine = await startHttpEngine();
  docker = connectDocker({ host: engine.host, env: {} });
  engine.answer('GET /info', { status: 200, body: { SystemTime: ASKED_AT, LiveRestoreEnabled: true } });
});
afterEach(() => engine.close());

const tells = (text: string) => engine.answer('GET /events', response => void response.writeHead(200).end(text));

test('all that an engine remembers is read, up to the moment of its own clock', async () => {
  tells(PROBE + DIE);

  const { events, ...rest } = await docker.recall();

  expect(events).toMatchObject([{ action: 'die', containerId: 'c1', service: 'web' }]);
  expect(rest).toEqual({ isWhole: true, restoresLive: true, at: Date.parse(ASKED_AT) });
  expect(engine.seen[1]).toMatchObject({
    call: 'GET /events',
    query: { since: '1', until: `${Date.parse(ASKED_AT) / 1_000}000000` },
  });
});

test.each([
  ['of as many events as an engine keeps', PROBE.repeat(256), false],
  ['of nearly as many', PROBE.repeat(200), false],
  ['of fewer', PROBE.repeat(199), true],
  ['of none', '', true],
  ['that breaks off in the middle of a line', DIE + DIE.slice(0, 50), false],
  ['with a line that is no event', `nonsense\n${DIE}`, false],
])('a memory %s', async (_, text, isWhole) => {
  tells(text);

  expect((await docker.recall()).isWhole).toBe(isWhole);
});

test('too much of it is read to its end, for an answer that is left half way holds its connection', async () => {
  const answer = Readable.from([Buffer.from(PROBE.repeat(256)), Buffer.from(PROBE)]);

  await rememberedIn(answer);

  expect(answer.readableEnded).toBe(true);
});

test('an engine that does not tell what time it is proves nothing', async () => {
  engine.answer('GET /info', { status: 200, body: {} });

  expect((await docker.recall()).isWhole).toBe(false);
});

test('an answer that breaks off is none', async () => {
  engine.answer('GET /events', response => {
    response.writeHead(200, { 'content-length': 10_000 });
    response.write(DIE, () => response.destroy());
  });

  await expect(docker.recall()).rejects.toMatchObject({ name: 'EngineError' });
});
