import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minutes } from '../../watchdog/domain/time.ts';
import { aPattern } from '../diagnose/log-errors/a-pattern.ts';
import { Walk } from './a-walk.ts';

// An engine that ended in the middle has left something behind under the id of a container, and refuses each start of it.

let walk: Walk;
let id: string;

beforeEach(async () => {
  const expressions = ['task .{1,64}: already exists'];
  walk = new Walk({ patterns: [aPattern({ name: 'container-id-taken', type: 'DOCKER_DAEMON_ERROR', expressions })] });
  id = walk.engine.up({});
  await walk.start();
  await walk.advance(1);
  await walk.advance(minutes(1));
  walk.engine.leftBehind.add(id);
});
afterEach(() => walk.end());

test('it is made again, once its start was refused three times', async () => {
  walk.engine.crash(id);
  await walk.advance(minutes(10));

  expect(walk.repairs()).toEqual([
    'start shop-web-1 failed',
    'start shop-web-1 failed',
    'start shop-web-1 failed',
    'recreate shop-web-1 healed',
  ]);
  expect(walk.engine.container('shop-web-1')).toMatchObject({ runs: true });
  expect(walk.engine.container(id)).toBeUndefined();
  expect(walk.openIncident('web', 'erring')).toBeUndefined();
  expect(walk.told('incident-escalated')).toEqual([]);
});

test('it stays the same one where that was let go of meanwhile', async () => {
  walk.engine.crash(id);
  await walk.advance(1);
  walk.engine.leftBehind.clear();
  await walk.advance(minutes(10));

  expect(walk.engine.count('create')).toBe(0);
  expect(walk.repairs().at(-1)).toBe('start shop-web-1 healed');
  expect(walk.engine.container(id)?.runs).toBe(true);
});

test('where the new one is refused as well the old one has its place again, and people are told what to do on the host', async () => {
  walk.engine.onCall = call => {
    if (call === 'start shop-web-1') walk.engine.leftBehind.add(walk.engine.container('shop-web-1')?.id ?? '');
  };
  walk.engine.crash(id);
  await walk.advance(minutes(10));

  expect(walk.repairs().at(-1)).toBe('recreate shop-web-1 failed');
  expect(walk.engine.container('shop-web-1')?.id).toBe(id);
  expect(walk.engine.count('remove')).toBe(walk.engine.count('create'));
  expect(walk.news.find(({ type }) => type === 'incident-escalated')).toMatchObject({
    because: expect.stringContaining('systemctl restart containerd docker'),
  });
});
