import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { EngineError } from '../../watchdog/adapters/docker/docker.ts';
import { minutes } from '../../watchdog/domain/time.ts';
import { aPattern } from '../diagnose/log-errors/a-pattern.ts';
import { Walk } from './a-walk.ts';

// A folder of the host that a container mounts is gone: the engine says so to whoever starts it, and keeps no word of it.

const SOURCE = '/srv/shop/data';
const WORDS = `invalid mount config for type "bind": bind source path does not exist: ${SOURCE}`;
const MOUNT = { type: 'bind', source: SOURCE, target: '/data', anonymous: false, writable: true } as const;

let walk: Walk;

beforeEach(async () => {
  const expressions = ['bind source path does not exist: (?<path>/.{1,300})'];
  const name = 'bind-source-missing';
  walk = new Walk({ patterns: [aPattern({ name, type: 'VOLUME_MOUNT_ERROR', expressions })] });
  walk.engine.missing.add(SOURCE);
  walk.engine.helper = async ({ argv, source }) => {
    if (source !== undefined) walk.engine.missing.delete(source);
    return { exitCode: 0, said: argv[0] === 'id' ? 'uid=999(x) gid=999(x)\n' : 'directory\n' };
  };
  const refused = new EngineError('refused', `start of container c: the engine answered 400: ${WORDS}`, 400);
  walk.engine.mishap('start', ...Array(2).fill({ error: refused, done: false }));
  const id = walk.engine.up({});
  const container = walk.engine.container(id);
  if (container !== undefined) container.howMade = { mounts: [MOUNT] };
  // Its logs are read, and the engine's words understood, from the first round on.
  await walk.start();
  await walk.advance(1);
  await walk.advance(minutes(1));
  walk.engine.crash(id);
  await walk.advance(minutes(15));
});
afterEach(() => walk.end());

const question = () => walk.openIncident('web', 'erring')?.approvals?.[0];

test('its start is tried, and people are asked whether an empty one shall take its place', () => {
  expect(walk.repairs()).toEqual(['start shop-web-1 failed', 'start shop-web-1 failed']);
  expect(walk.openIncident('web', 'erring')?.because).toContain(WORDS);
  expect(question()?.what).toMatch(
    /^create-missing-path on shop-web-1 of shop\/web: .* \(touches the host\); as it stands: makes on the host \/srv\/shop\/data for \/data/,
  );
  expect(walk.engine.missing.has(SOURCE)).toBe(true);
});

test('after a yes it is made, and the container runs', async () => {
  const { incidentId = '', id } = question() ?? {};

  walk.watchdog.answer(incidentId, { answer: 'granted', order: id, reason: '' });
  await walk.advance(minutes(5));

  expect(walk.repairs().at(-1)).toBe('create-missing-path shop-web-1 healed');
  expect(walk.engine.container('shop-web-1')?.runs).toBe(true);
  expect(walk.openIncident('web', 'erring')).toBeUndefined();
});

test('after a no nothing is made, and the incident is for people', async () => {
  const { incidentId = '', id } = question() ?? {};

  walk.watchdog.answer(incidentId, { answer: 'refused', order: id, reason: '' });
  await walk.advance(minutes(30));

  expect(walk.engine.missing.has(SOURCE)).toBe(true);
  expect(walk.openIncident('web', 'erring')?.state).toBe('escalated');
});

test('where somebody has put it back, it is started without making anything', async () => {
  walk.engine.missing.clear();
  const { incidentId = '', id } = question() ?? {};

  walk.watchdog.answer(incidentId, { answer: 'granted', order: id, reason: '' });
  await walk.advance(minutes(5));

  expect(walk.repairs().at(-1)).toBe('create-missing-path shop-web-1 healed');
  expect(walk.engine.count('help', 'chown')).toBe(0);
});
