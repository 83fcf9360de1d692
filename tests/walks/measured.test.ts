import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { aFiringAlert } from '../fakes/fake-alerts.ts';
import { CHECKED, type FakeContainer } from '../fakes/fake-container.ts';
import type { Load } from '../fakes/fake-load.ts';
import { Walk } from './a-walk.ts';

const web = () => walk.engine.container('shop-web-1') as FakeContainer;
const uses = (load: Partial<Load>) => web().load.change(load, walk.clock.now());

const LIMIT = 100 * 2 ** 20;
const MUCH = { memoryBytes: 0.97 * LIMIT };
const LITTLE = { memoryBytes: 0.4 * LIMIT };

let walk: Walk;
beforeEach(() => {
  walk = new Walk();
});
afterEach(() => walk.end());

describe('a service that fills its memory', () => {
  beforeEach(async () => {
    walk.engine.up({ healthcheck: CHECKED });
    web().resources = { ...web().resources, memory: LIMIT };
    await walk.start();
    await walk.advance(minutes(2));
    uses(MUCH);
  });

  test('is restarted once it has done so for five minutes, and well again when the samples after that say so', async () => {
    await walk.advance(minutes(5));
    expect(walk.repairs()).toEqual([]);

    walk.onNews = ({ type }) => {
      if (type === 'repair-began') uses(LITTLE);
    };
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
    expect(walk.repairRecords()[0]?.order.reason).toMatch(/^shop-web-1 uses 97 % of its memory limit, for 5m/);
    expect(walk.openIncident('web', 'starved')).toBeDefined();

    await walk.advance(minutes(2));
    expect(walk.openIncident('web', 'starved')).toBeUndefined();
    expect(walk.told('incident-opened', 'repair-ended', 'incident-resolved')).toEqual([
      'incident-opened web high-memory',
      'repair-ended web healed',
      'incident-resolved web',
    ]);
  });

  test('is left to people when two restarts have not helped, the second after its cooldown', async () => {
    await walk.advance(minutes(45));

    const [first, second] = walk.repairRecords();
    expect(walk.repairs()).toEqual(Array(2).fill('restart shop-web-1 healed'));
    expect(second?.startedAt).toBeGreaterThanOrEqual((first?.endedAt ?? 0) + minutes(10));
    expect(walk.openIncident('web', 'starved')?.state).toBe('escalated');
    expect(walk.told('incident-escalated')).toEqual(['incident-escalated web attempt-cap']);
  });

  test('is restarted once, also when an alert tells of the same a moment later', async () => {
    const alert = aFiringAlert({ name: 'HighMemoryUsage', condition: 'high-memory' });
    walk.onNews = ({ type }) => {
      if (type === 'repair-began') uses(LITTLE);
    };
    await walk.advance(minutes(6));
    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);

    await walk.alertFires(alert);
    await walk.advance(minutes(8));

    // The condition's own cooldown, not the five minutes of the service.
    expect(walk.lastDecision('web')).toMatch(/^cooldown: /);
    expect(walk.openIncident('web', 'starved')).toBeDefined();

    await walk.alertEnds(alert);
    await walk.advance(seconds(30));

    expect(walk.repairs()).toHaveLength(1);
    expect(walk.openIncident('web', 'starved')).toBeUndefined();
    expect(walk.told('incident-opened')).toEqual(['incident-opened web high-memory']);
  });

  test('for less than that is left alone', async () => {
    await walk.advance(minutes(4));
    uses(LITTLE);
    await walk.advance(minutes(10));

    expect(walk.repairs()).toEqual([]);
    expect(walk.told('incident-opened')).toEqual([]);
  });
});

test('a service that uses up its CPU for ten minutes is restarted, and not before', async () => {
  walk.engine.up({ healthcheck: CHECKED });
  web().resources = { ...web().resources, nanoCpus: 500_000_000 };
  await walk.start();
  await walk.advance(minutes(2));

  uses({ cores: 0.5 });
  await walk.advance(minutes(10));
  expect(walk.engine.count('restart')).toBe(0);
  await walk.advance(minutes(2));

  expect(walk.engine.count('restart')).toBe(1);
});

test('a service whose label asks for it is throttled in place of a restart, and gets its CPU back after an hour', async () => {
  walk.engine.up({ healthcheck: CHECKED, labels: { 'auto_repair.playbook.high-cpu': 'throttle' } });
  web().resources = { ...web().resources, nanoCpus: 500_000_000 };
  await walk.start();
  await walk.advance(minutes(2));

  uses({ cores: 0.5 });
  await walk.advance(minutes(12));
  expect(walk.repairs()).toEqual(['throttle shop-web-1 healed']);
  expect(web().resources.nanoCpus).toBe(250_000_000);
  uses({ cores: 0.1 });
  await walk.advance(minutes(61));

  expect(web().resources.nanoCpus).toBe(500_000_000);
  expect(walk.engine.count('restart')).toBe(0);
  expect(walk.openIncident('web', 'starved')).toBeUndefined();
});
