import { afterEach, describe, expect, test } from '@jest/globals';
import { MADE_LABEL } from '../../watchdog/domain/scaling.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { aFiringAlert } from '../fakes/fake-alerts.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { Walk } from './a-walk.ts';

/** 100 items for each replica, between 1 and 5 of them. */
const BY_QUEUE = {
  auto_scale: 'true',
  'auto_scale.metric': 'queue',
  'auto_scale.queue': 'redis://cache:6379/0#jobs',
  'auto_scale.target_per_replica': '100',
};

let walk: Walk;
afterEach(() => walk.end());

const replicas = () => walk.engine.containersOf('web').filter(({ state }) => state === 'running');
const size = () => replicas().length;
const jobs = (count: number) => walk.queues.set('jobs', count);
const creations = () => walk.engine.count('create');

async function watching(labels: Readonly<Record<string, string>> = BY_QUEUE, replicasBefore = 1): Promise<void> {
  walk = new Walk({ env: { SCALER_INTERVAL: '15s' } });
  for (let number = 1; number <= replicasBefore; number += 1) walk.engine.up({ labels, number, healthcheck: CHECKED });
  await walk.start();
  await walk.advance(minutes(1));
}

describe('a service that follows the length of a queue', () => {
  test('gets the replicas that the queue asks for, and the incident closes when they are well', async () => {
    await watching();
    jobs(350);

    await walk.advance(minutes(1));

    expect(size()).toBe(4);
    expect(replicas().map(({ name }) => name)).toEqual(['shop-web-1', 'shop-web-2', 'shop-web-3', 'shop-web-4']);
    expect(walk.repairRecords().map(({ order }) => order.with)).toEqual([{ replicas: 4, from: 1, reason: 'queue' }]);
    expect(walk.told('found')).toContain('found web load');
    expect(walk.told('incident-opened', 'repair-ended', 'incident-resolved')).toEqual([
      'incident-opened web mis-sized',
      'repair-ended web healed',
      'incident-resolved web',
    ]);
  });

  test('is left as it is while the queue asks for what there is, and nothing is written about it', async () => {
    await watching();
    jobs(95);

    await walk.advance(minutes(10));

    expect(size()).toBe(1);
    expect(walk.news.filter(({ type }) => type !== 'decided' && type !== 'found')).toEqual([]);
    expect(walk.ledger.decisions({ limit: 500, project: 'shop', service: 'web' }).items.length).toBeLessThan(3);
  });

  test('shrinks only when all of five minutes asked for less, newest first, and down to its min', async () => {
    await watching();
    jobs(350);
    await walk.advance(minutes(1));
    jobs(0);

    await walk.advance(minutes(4));
    expect(size()).toBe(4);
    expect(walk.lastDecision('web')).toMatch(/^sizing: .*the most that was asked for within 5m is 4 replicas/);

    await walk.advance(minutes(2));
    expect(replicas().map(({ name }) => name)).toEqual(['shop-web-1']);
    expect(walk.openIncident('web', 'mis-sized')).toBeUndefined();
  });

  test('never has more than its max, however often it is asked, and people hear of it once after ten minutes', async () => {
    await watching();
    jobs(5_000);

    await walk.advance(minutes(9));
    expect(size()).toBe(5);
    expect(walk.told('incident-escalated')).toEqual([]);

    await walk.advance(minutes(20));
    expect(size()).toBe(5);
    expect(walk.told('incident-escalated')).toEqual(['incident-escalated web sizing']);

    jobs(480);
    await walk.advance(minutes(1));
    expect(walk.openIncident('web', 'mis-sized')).toBeUndefined();
  });

  test('grows again and again within minutes: no cap and no cooldown of repairs holds a load that rises', async () => {
    await watching({ ...BY_QUEUE, 'auto_scale.max': '20' });
    for (const items of [150, 260, 370, 480, 590]) {
      jobs(items);
      await walk.advance(minutes(1));
    }

    expect(size()).toBe(6);
    expect(walk.repairs()).toEqual(Array(5).fill('scale  healed'));
  });

  test('holds its number and says so while the queue cannot be read', async () => {
    await watching();
    jobs(350);
    await walk.advance(minutes(1));
    walk.queues.set('jobs', Number.NaN);

    await walk.advance(minutes(10));

    expect(size()).toBe(4);
    expect(walk.lastDecision('web')).toMatch(/^nothing-wrong: queue jobs cannot be read/);
  });
});

describe('replicas that never become well', () => {
  test('are taken back, tried again after a backoff, and left to people when the cap is reached', async () => {
    await watching();
    walk.engine.fate('shop-web-2', 'ill');
    jobs(150);

    await walk.advance(minutes(30));

    expect(size()).toBe(1);
    expect(walk.repairs()).toEqual(Array(3).fill('scale  not-healed'));
    expect(walk.told('incident-escalated')).toEqual(['incident-escalated web attempt-cap']);
  });
});

describe('other people at the same service', () => {
  test('what somebody’s `up` took away is made up for at once, though the queue is short by now', async () => {
    await watching();
    jobs(350);
    await walk.advance(minutes(1));
    jobs(95);
    await walk.advance(seconds(30));

    for (const { id, making } of replicas()) if (making.labels[MADE_LABEL]) walk.engine.removeByHand(id);
    await walk.advance(minutes(1));

    expect(size()).toBe(4);
    expect(walk.repairRecords().at(-1)?.order.with).toEqual({ replicas: 4, from: 1, reason: 'drift' });
    expect(walk.repairRecords().at(-1)?.order.reason).toMatch(/docker compose up took it from 4 to 1/);
  });

  test('and what is changed after that is nobody’s choice: it follows its load again', async () => {
    await watching();
    jobs(350);
    await walk.advance(minutes(1));
    const ours = replicas().filter(({ making }) => making.labels[MADE_LABEL]);
    for (const { id } of ours) walk.engine.stopByHand(id);
    await walk.advance(seconds(1));
    for (const { id } of ours) walk.engine.removeByHand(id);
    await walk.advance(minutes(1));
    expect(size()).toBe(4);

    jobs(250);
    await walk.advance(minutes(5.5));
    expect(size()).toBe(3);
    jobs(350);
    await walk.advance(minutes(1));
    expect(size()).toBe(4);
  });

  test('the same where it had been scaled to nothing before: what came back is not the number that somebody chose', async () => {
    await watching({ ...BY_QUEUE, 'auto_scale.min': '0' });
    await walk.advance(minutes(6));
    expect(size()).toBe(0);
    jobs(350);
    await walk.advance(minutes(1));
    expect(size()).toBe(4);

    for (const { id } of replicas().slice(1)) walk.engine.removeByHand(id);
    await walk.advance(minutes(1));

    expect(size()).toBe(4);
  });

  test('while somebody’s `up` waits for the end of what it takes, nobody makes up for that: only afterwards', async () => {
    await watching();
    jobs(350);
    await walk.advance(minutes(1));
    const taken = replicas().slice(1);
    const made = creations();

    for (const { id } of taken) walk.engine.signal(id, 'SIGTERM');
    await walk.advance(minutes(2));
    expect(creations()).toBe(made);
    expect(walk.lastDecision('web')).toMatch(/^in-flight: shop-web-2 was told to stop by somebody/);

    for (const { id } of taken) walk.engine.removeByHand(id);
    await walk.advance(minutes(1));
    expect(size()).toBe(4);
  });

  test('a number that somebody chose stands for ten minutes, and then the load decides again', async () => {
    await watching();
    jobs(95);
    for (const number of [2, 3]) walk.engine.up({ labels: BY_QUEUE, number, healthcheck: CHECKED });

    await walk.advance(minutes(9));
    expect(size()).toBe(3);
    expect(walk.lastDecision('web')).toMatch(/^in-flight: somebody brought it from 1 to 3 replicas/);

    await walk.advance(minutes(4));
    expect(size()).toBe(1);
  });

  test('a number that somebody chose stands for the same ten minutes over a restart of the watchdog', async () => {
    await watching();
    jobs(95);
    for (const number of [2, 3]) walk.engine.up({ labels: BY_QUEUE, number, healthcheck: CHECKED });
    await walk.advance(minutes(4));

    await walk.stop();
    await walk.start();

    await walk.advance(minutes(5));
    expect(size()).toBe(3);
    expect(walk.lastDecision('web')).toMatch(/^in-flight: somebody brought it from 1 to 3 replicas/);
    await walk.advance(minutes(4));
    expect(size()).toBe(1);
  });

  test('a number that somebody chose while the watchdog was away stands, too', async () => {
    await watching();
    jobs(350);
    await walk.advance(minutes(1));
    await walk.stop();
    for (const { id } of replicas().slice(1)) walk.engine.removeByHand(id);
    walk.engine.up({ labels: BY_QUEUE, number: 2, healthcheck: CHECKED });
    await walk.start();

    await walk.advance(minutes(9));
    expect(size()).toBe(2);
    expect(walk.lastDecision('web')).toMatch(/^in-flight: somebody brought it from 4 to 2 replicas/);
    await walk.advance(minutes(3));
    expect(size()).toBe(4);
  });

  test('a pause holds its size as well', async () => {
    await watching();
    walk.ledger.pause({ project: 'shop', service: 'web' }, undefined, 'a release', walk.clock.now());
    jobs(350);

    await walk.advance(minutes(5));

    expect(size()).toBe(1);
    expect(walk.lastDecision('web')).toMatch(/^paused: /);
  });

  test('a service whose name is its own is refused with what to change, and nothing is asked of the engine', async () => {
    await watching();
    const [web] = replicas();
    if (web !== undefined) web.howMade = { ownName: 'the-web' };
    await walk.stop();
    await walk.start();
    jobs(350);

    await walk.advance(minutes(5));

    expect(creations()).toBe(0);
    expect(walk.lastDecision('web')).toMatch(/^sizing: it cannot be scaled: container_name: the-web fixes its name/);
  });
});

describe('a service that is ill', () => {
  test('is healed first, and scaled then', async () => {
    await watching(BY_QUEUE, 2);
    walk.engine.fate('shop-web-2', 'well');
    walk.engine.probe('shop-web-2', 'unhealthy');
    jobs(350);

    await walk.advance(minutes(2));

    expect(walk.repairs()).toEqual(['restart shop-web-2 healed', 'scale  healed']);
    expect(size()).toBe(4);
  });
});

describe('a restart of the watchdog', () => {
  test('forgets nothing of what was asked for within the window', async () => {
    await watching();
    jobs(350);
    await walk.advance(minutes(1));
    jobs(0);
    await walk.advance(minutes(2));

    await walk.stop();
    await walk.start();

    await walk.advance(minutes(1));
    expect(size()).toBe(4);
    await walk.advance(minutes(3));
    expect(size()).toBe(1);
  });
});

describe('an alert that asks for `scale`', () => {
  const backlog = aFiringAlert({ name: 'CeleryQueueBacklog', wants: { kind: 'strategy', name: 'scale' } });

  test('gets one more than the queue asks for, which is held for the window', async () => {
    await watching();
    jobs(150);
    await walk.advance(minutes(1));
    expect(size()).toBe(2);

    await walk.alertFires(backlog);
    await walk.advance(minutes(1));

    expect(size()).toBe(3);
    expect(walk.repairRecords().at(-1)?.order.with).toEqual({ replicas: 3, from: 2, reason: 'alert' });
  });

  test('gets nothing beyond the max', async () => {
    await watching({ ...BY_QUEUE, 'auto_scale.max': '2' });
    jobs(150);
    await walk.advance(minutes(1));

    await walk.alertFires(backlog);
    await walk.advance(minutes(1));

    expect(size()).toBe(2);
    expect(walk.lastDecision('web')).toMatch(/^sizing: .*its max is 2/);
  });
});

test('nothing is read and nothing asked where no service is scaled', async () => {
  await watching({});
  jobs(5_000);

  await walk.advance(minutes(10));

  expect(walk.engine.count('howMade')).toBe(0);
  expect(size()).toBe(1);
});
