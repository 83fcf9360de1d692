import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { Walk } from './a-walk.ts';

let walk: Walk;
beforeEach(() => {
  walk = new Walk();
});
afterEach(() => walk.end());

const RESPECT = { 'auto_repair.on_stop': 'respect' };

describe('a service that a person stopped', () => {
  test('is started again after a grace, and nobody calls it an incident before', async () => {
    walk.engine.up();
    walk.engine.up({ service: 'api' });
    await walk.start();

    walk.engine.stopByHand('shop-web-1');
    await walk.advance(seconds(30) - 1);

    expect(walk.repairs()).toEqual([]);
    expect(walk.openIncident('web')).toBeUndefined();

    await walk.advance(seconds(15));

    expect(walk.repairs()).toEqual(['start shop-web-1 healed']);
  });

  test('is never started when that is to be respected, not even by a watchdog that was started afterwards', async () => {
    walk.engine.up({ labels: RESPECT });
    walk.engine.up({ service: 'api' });
    await walk.start();

    walk.engine.stopByHand('shop-web-1');
    await walk.advance(hours(2));
    walk.kill();
    await walk.start();
    await walk.advance(hours(2));

    expect(walk.repairs()).toEqual([]);
    expect(walk.lastDecision('web')).toMatch(/^operator-stop: /);
  });

  test('is not started because a list that was behind still showed it running', async () => {
    walk.engine.up({ labels: RESPECT });
    walk.engine.up({ service: 'api' });
    await walk.start();
    walk.engine.listsLag = 3_000;

    for (let stop = 0; stop < 30; stop += 1) {
      walk.engine.stopByHand('shop-web-1');
      await walk.advance(seconds(31));
      expect(walk.repairs()).toEqual([]);
      walk.engine.startByHand('shop-web-1');
      await walk.advance(seconds(10));
    }
  });

  test('is respected when it was stopped while no watchdog ran, as its restart policy tells', async () => {
    walk.engine.up({ labels: RESPECT, restartPolicy: { name: 'unless-stopped', maximumRetries: 0 } });
    walk.engine.up({ service: 'api' });
    walk.engine.stopByHand('shop-web-1');

    await walk.start();
    await walk.advance(hours(1));

    expect(walk.repairs()).toEqual([]);
  });

  test('and started again is forgotten as stopped: its next crash is repaired at once', async () => {
    walk.engine.up({ labels: RESPECT });
    walk.engine.up({ service: 'api' });
    await walk.start();
    walk.engine.stopByHand('shop-web-1');
    await walk.advance(minutes(5));

    walk.engine.startByHand('shop-web-1');
    await walk.advance(minutes(5));
    walk.engine.crash('shop-web-1');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['start shop-web-1 healed']);
  });

  test('and started again unseen is forgotten as stopped as well, also by the next watchdog', async () => {
    walk.engine.up({ labels: RESPECT });
    walk.engine.up({ service: 'api' });
    await walk.start();
    walk.engine.stopByHand('shop-web-1');
    await walk.advance(minutes(1));
    walk.engine.events.deafen();
    walk.engine.startByHand('shop-web-1');
    walk.engine.events.forget();
    await walk.advance(minutes(5));

    walk.engine.crash('shop-web-1');
    walk.kill();
    walk.engine.events.forget();
    await walk.start();
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['start shop-web-1 healed']);
  });

  test('by its own stop signal, which others use to reload, counts as stopped all the same', async () => {
    walk.engine.up({ labels: RESPECT, stopSignal: '28' });
    walk.engine.up({ service: 'api' });
    await walk.start();

    walk.engine.stopByHand('shop-web-1');
    await walk.advance(hours(1));

    expect(walk.repairs()).toEqual([]);
  });

  test('with its whole project is left alone, until the project is started again', async () => {
    walk.engine.up({ service: 'db' });
    walk.engine.up({ healthcheck: CHECKED });
    walk.engine.up({ service: 'job', publishesPorts: false });
    await walk.start();
    walk.engine.crash('shop-job-1', 0);
    await walk.advance(minutes(1));

    walk.engine.stopByHand('shop-web-1');
    await walk.advance(seconds(10));
    walk.engine.stopByHand('shop-db-1');
    await walk.advance(hours(1));

    expect(walk.repairs()).toEqual([]);

    walk.engine.startByHand('shop-db-1');
    walk.engine.startByHand('shop-web-1');
    await walk.advance(minutes(1));
    walk.engine.crash('shop-db-1');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['start shop-db-1 healed']);
  });

  test('with its whole project is left alone although one service had been given up before', async () => {
    walk.engine.up({ service: 'db' });
    walk.engine.up();
    await walk.start();
    walk.engine.fate('shop-db-1', 'falls');
    walk.engine.crash('shop-db-1');
    await walk.advance(minutes(20));
    const before = walk.repairs();

    walk.engine.stopByHand('shop-web-1');
    await walk.advance(hours(3));

    expect(before).toEqual(Array(3).fill('start shop-db-1 not-healed'));
    expect(walk.repairs()).toEqual(before);
  });
});

describe('what a person is at', () => {
  test('is not disturbed: a restart by hand is no crash', async () => {
    walk.engine.up();
    await walk.start();

    walk.engine.restartByHand('shop-web-1');
    await walk.advance(minutes(5));

    expect(walk.repairs()).toEqual([]);
  });

  test('is left alone while it is paused', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();

    walk.engine.pause('shop-web-1');
    await walk.advance(hours(1));

    expect(walk.repairs()).toEqual([]);
  });

  test('is not taken for a stop when a signal only asks for something else', async () => {
    walk.engine.up({ labels: RESPECT });
    walk.engine.up({ service: 'api' });
    await walk.start();

    walk.engine.signal('shop-web-1', '1');
    await walk.advance(minutes(1));
    walk.engine.crash('shop-web-1', 1);
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['start shop-web-1 healed']);
  });

  test('does not take a container out of care for ever that was told to end and did not', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();

    walk.engine.signal('shop-web-1', '15');
    await walk.advance(minutes(30));
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
  });

  test('is not disturbed while a deploy is under way', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();

    walk.engine.probe('shop-web-1', 'unhealthy');
    walk.engine.make({ number: 2 });
    await walk.advance(seconds(9));

    expect(walk.engine.count('restart')).toBe(0);
  });

  test('closes the incident when the service is taken away altogether', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    walk.engine.up({ service: 'api', healthcheck: CHECKED });
    walk.engine.fate('shop-web-1', 'ill');
    walk.engine.fate('shop-api-1', 'ill');
    await walk.start();
    walk.engine.probe('shop-web-1', 'unhealthy');
    walk.engine.probe('shop-api-1', 'unhealthy');
    await walk.advance(minutes(20));

    walk.engine.removeByHand('shop-web-1');
    walk.engine.events.deafen();
    walk.engine.removeByHand('shop-api-1');
    await walk.advance(minutes(2));

    expect([walk.openIncident('web'), walk.openIncident('api')]).toEqual([undefined, undefined]);
  });
});

describe('a container that was created', () => {
  test('and never started, because its up was broken off, is started after a grace', async () => {
    walk.engine.make({ service: 'api' });
    await walk.advance(seconds(1));
    walk.engine.up();
    await walk.advance(minutes(5));

    await walk.start();
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['start shop-api-1 healed']);
  });

  test('on purpose, with nothing else around it being started, is left alone', async () => {
    walk.engine.up();
    await walk.start();
    await walk.advance(minutes(5));

    walk.engine.make({ service: 'api' });
    await walk.advance(minutes(30));

    expect(walk.repairs()).toEqual([]);
  });
});
