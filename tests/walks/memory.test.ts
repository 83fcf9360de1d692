import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minutes } from '../../watchdog/domain/time.ts';
import { CHECKED, type FakeContainer } from '../fakes/fake-container.ts';
import { Walk } from './a-walk.ts';

const GIVES = { 'auto_repair.free_memory': 'true' };

let walk: Walk;
beforeEach(async () => {
  walk = new Walk();
  walk.engine.up({ service: 'db', healthcheck: CHECKED });
  walk.engine.up({ service: 'cache', healthcheck: CHECKED, labels: { ...GIVES, 'auto_repair.critical': 'true' } });
  walk.engine.up({ service: 'worker', healthcheck: CHECKED, labels: GIVES });
  walk.engine.up({ service: 'web', healthcheck: CHECKED, labels: GIVES });
  uses('db', 4e9);
  uses('cache', 2e9);
  uses('worker', 1e9);
  uses('web', 0.5e9);
  await walk.start();
  await walk.advance(minutes(2));
});
afterEach(() => walk.end());

const uses = (service: string, memoryBytes: number) =>
  (walk.engine.container(`shop-${service}-1`) as FakeContainer).load.change({ memoryBytes }, walk.clock.now());
const runsOut = () => {
  walk.memory = { ...walk.memory, available: 0.05 * walk.memory.total };
};

test('where memory runs out the largest that may be restarted for it is, and no other once there is enough', async () => {
  walk.onNews = ({ type }) => {
    if (type === 'repair-began') walk.memory = { ...walk.memory, available: 0.5 * walk.memory.total };
  };
  runsOut();
  await walk.advance(minutes(60));

  expect(walk.repairs()).toEqual(['restart shop-worker-1 healed']);
  expect(walk.repairRecords()[0]?.order).toMatchObject({ kind: 'starved', condition: 'memory-low' });
  expect(walk.openIncident('worker', 'starved')).toBeUndefined();
});

test('where that does not help each of them is restarted once, ten minutes apart, and then nobody', async () => {
  runsOut();
  await walk.advance(minutes(60));

  const [first, second] = walk.repairRecords();
  expect(walk.repairs()).toEqual(['restart shop-worker-1 healed', 'restart shop-web-1 healed']);
  expect((second?.startedAt ?? 0) - (first?.startedAt ?? 0)).toBeGreaterThanOrEqual(minutes(9));
});

test('it is held by the gates of the service that it is about', async () => {
  walk.ledger.pause({ project: 'shop', service: 'worker' }, undefined, 'a demo', walk.clock.now());
  runsOut();
  await walk.advance(minutes(5));

  expect(walk.repairs()).toEqual([]);
  expect(walk.lastDecision('worker')).toMatch(/^paused: /);
});
