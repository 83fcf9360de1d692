import { afterEach, describe, expect, test } from '@jest/globals';
import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { aReceivedAlert } from '../fakes/an-alert.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { HOST_CORES } from '../fakes/fake-load.ts';
import { Walk } from './a-walk.ts';

/** All that there is, between one and three replicas of it. */
const BY_CPU = { auto_scale: 'true', 'auto_scale.max': '3' };

const VISITS = 'sum(rate(http_requests_total[1m]))';
/** 50 requests a second for each replica. */
const BY_VISITS = {
  ...BY_CPU,
  'auto_scale.metric': 'prometheus',
  'auto_scale.query': VISITS,
  'auto_scale.target_per_replica': '50',
};

let walk: Walk;
afterEach(() => walk.end());

const replicas = () => walk.engine.containersOf('web').filter(({ state }) => state === 'running');
const size = () => replicas().length;
const reasons = () => walk.repairRecords().map(({ order }) => order.with.reason);

/** Each replica burns so much of what there is. */
function burn(share: number): void {
  for (const { load } of replicas()) load.change({ cores: share * HOST_CORES }, walk.clock.now());
}

async function watching(labels: Readonly<Record<string, string>>): Promise<void> {
  walk = new Walk({ env: { SCALER_INTERVAL: '15s' }, receiving: true });
  walk.engine.up({ labels, healthcheck: CHECKED });
  await walk.start();
  await walk.advance(minutes(1));
}

describe('a service that follows its CPU', () => {
  test('grows until its replicas have less than the upper threshold, and shrinks when all have little to do', async () => {
    await watching(BY_CPU);
    burn(0.95);
    await walk.advance(minutes(3));
    expect(size()).toBe(2);

    burn(0.6);
    await walk.advance(minutes(20));
    expect(size()).toBe(2);

    burn(0.05);
    await walk.advance(minutes(4));
    expect(size()).toBe(2);
    await walk.advance(minutes(3));

    expect(size()).toBe(1);
    expect(reasons()).toEqual(['cpu', 'cpu']);
  });

  test('has never more than its max, however much they burn', async () => {
    await watching(BY_CPU);

    for (let passed = 0; passed < minutes(30); passed += seconds(30)) {
      burn(1);
      await walk.advance(seconds(30));
      expect(size()).toBeLessThanOrEqual(3);
    }

    expect(size()).toBe(3);
  });
});

describe('a service that follows what Prometheus says', () => {
  test('has as many replicas as the number asks for', async () => {
    await watching(BY_VISITS);
    walk.answers.set(VISITS, 130);
    await walk.advance(minutes(1));
    expect(size()).toBe(3);

    walk.answers.set(VISITS, 60);
    await walk.advance(minutes(7));

    expect(size()).toBe(2);
    expect(reasons()).toEqual(['prometheus', 'prometheus']);
  });

  test('keeps its number while the query returns nothing, and while no Prometheus is known', async () => {
    await watching(BY_VISITS);
    const unknown = walk.lastDecision('web');
    walk.answers.set(VISITS, 90);
    await walk.advance(minutes(1));
    walk.answers.set('another query', 1).delete(VISITS);
    await walk.advance(minutes(20));

    expect(unknown).toMatch(/^nothing-wrong: .*PROMETHEUS_URL is not set/);
    expect(walk.lastDecision('web')).toMatch(/^nothing-wrong: .*the query returns nothing/);
    expect(size()).toBe(2);
  });
});

describe('CeleryQueueBacklog, as Alertmanager delivers it', () => {
  const labels = {
    alertname: 'CeleryQueueBacklog',
    auto_repair: 'true',
    repair: 'scale',
    project: 'shop',
    service: 'web',
  };
  const backlog = aReceivedAlert({ labels });

  test('gets one replica more than the signals ask for, and gives it back some time after its end', async () => {
    await watching(BY_CPU);
    burn(0.5);

    await walk.deliver(backlog);
    await walk.advance(minutes(1));
    expect(size()).toBe(2);
    expect(reasons()).toEqual(['alert']);

    await walk.deliver({ ...backlog, status: 'resolved' });
    burn(0.05);
    await walk.advance(minutes(20));
    expect(size()).toBe(1);
  });

  test('gets nothing beyond the max, however long it fires', async () => {
    await watching(BY_CPU);

    await walk.deliver(backlog);
    for (let passed = 0; passed < hours(3); passed += minutes(1)) {
      burn(0.5);
      await walk.advance(minutes(1));
      expect(size()).toBeLessThanOrEqual(3);
    }

    expect(reasons()).toContain('alert');
  });

  test('gets nothing where the service is not scaled: people hear of it', async () => {
    await watching({});

    await walk.deliver(backlog);
    await walk.advance(minutes(5));

    expect(size()).toBe(1);
    expect(walk.told('incident-escalated')).toEqual(['incident-escalated web no-change']);
  });
});
