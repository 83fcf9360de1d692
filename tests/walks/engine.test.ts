import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HOST } from '../../watchdog/domain/finding.ts';
import { keyOf } from '../../watchdog/domain/incident.ts';
import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { engineSays } from '../fakes/fake-engine.ts';
import { Walk } from './a-walk.ts';

let walk: Walk;
beforeEach(() => {
  walk = new Walk();
});
afterEach(() => walk.end());

const RESPECTS = { 'auto_repair.on_stop': 'respect' };

const engineIncident = () => walk.ledger.openIncidentOf(keyOf({ project: HOST, service: 'engine', kind: 'host' }));

describe('an engine that goes away', () => {
  test('is an incident that people hear of once, over when it is back, and what happened meanwhile is caught up with', async () => {
    walk.engine.up();
    await walk.start();

    walk.engine.lose();
    await walk.advance(minutes(10));

    expect(engineIncident()?.state).toBe('escalated');
    expect(walk.told('incident-escalated')).toEqual(['incident-escalated engine no-change']);
    expect(walk.watchdog.watch.trouble()).toContain('ECONNREFUSED');

    walk.engine.crash('shop-web-1');
    walk.engine.back();
    await walk.advance(seconds(20));

    expect(engineIncident()).toBeUndefined();
    expect(walk.watchdog.watch.trouble()).toBeUndefined();
    expect(walk.repairs()).toEqual(['start shop-web-1 healed']);
  });

  test('and took its containers down by stopping them is not taken for a person who stopped them', async () => {
    walk.engine.up({ labels: { 'auto_repair.on_stop': 'respect' } });
    walk.engine.up({ service: 'api' });
    await walk.start();

    walk.engine.stopByHand('shop-web-1');
    await walk.advance(seconds(5));
    walk.engine.lose();
    await walk.advance(minutes(1));
    walk.engine.back();
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['start shop-web-1 healed']);
  });

  test('and is followed by one that ends what has outlived it is not taken for a person either, who comes right after', async () => {
    walk.engine.up({ labels: RESPECTS });
    walk.engine.up({ service: 'api', labels: RESPECTS });
    walk.engine.up({
      service: 'steady',
      restartPolicy: { name: 'unless-stopped', maximumRetries: 0 },
      labels: RESPECTS,
    });
    for (const service of ['always', 'db'])
      walk.engine.up({ service, restartPolicy: { name: 'always', maximumRetries: 0 }, labels: RESPECTS });
    await walk.start();

    walk.engine.lose();
    await walk.advance(seconds(30));
    walk.engine.succeed();
    await walk.advance(1);
    walk.engine.stopByHand('shop-always-1');
    await walk.advance(minutes(5));

    expect(walk.repairs().toSorted()).toEqual(['api', 'steady', 'web'].map(name => `start shop-${name}-1 healed`));
  });

  test('and is followed by one that ends what has outlived it is not taken for a person by a watchdog that comes later', async () => {
    walk.engine.up({ labels: RESPECTS });
    walk.engine.up({
      service: 'steady',
      restartPolicy: { name: 'unless-stopped', maximumRetries: 0 },
      labels: RESPECTS,
    });
    await walk.start();
    walk.kill();

    walk.engine.lose();
    walk.engine.succeed();
    await walk.advance(minutes(1));
    await walk.start();
    await walk.advance(minutes(1));

    expect(walk.repairs().toSorted()).toEqual(['start shop-steady-1 healed', 'start shop-web-1 healed']);
  });

  test('and goes down with the watchdog is not taken for a person by the next one', async () => {
    walk.engine.up({ labels: RESPECTS });
    walk.engine.up({ service: 'api', labels: RESPECTS });
    await walk.start();
    walk.engine.stopByHand('shop-api-1');
    await walk.advance(minutes(1));

    // As an engine that goes down tells of it; the watchdog dies before it is gone.
    walk.engine.stopByHand('shop-web-1');
    await walk.advance(0);
    walk.kill();
    walk.engine.halt();
    await walk.advance(minutes(1));
    walk.engine.reboot();
    await walk.start();
    await walk.advance(minutes(5));

    expect(walk.repairs()).toEqual(['start shop-web-1 healed']);
  });

  test('only by its connection leaves a person’s stop meanwhile as it is', async () => {
    walk.engine.up({ labels: RESPECTS });
    walk.engine.up({ service: 'api', labels: RESPECTS });
    await walk.start();

    walk.engine.lose();
    await walk.advance(seconds(30));
    walk.engine.stopByHand('shop-web-1');
    walk.engine.back();
    await walk.advance(minutes(5));

    expect(walk.repairs()).toEqual([]);
  });

  test('and takes the watchdog down with it leaves no incident open when both are back', async () => {
    walk.engine.up();
    await walk.start();
    walk.engine.lose();
    await walk.advance(minutes(1));
    walk.kill();

    walk.engine.back();
    await walk.start();
    await walk.advance(seconds(1));

    expect(engineIncident()).toBeUndefined();
  });

  test('while everything is paused stays an incident until it is back', async () => {
    await walk.start();
    walk.ledger.pause({ project: '*', service: undefined }, walk.clock.now() + minutes(5), 'works', walk.clock.now());

    walk.engine.lose();
    await walk.advance(hours(1));

    expect(engineIncident()).toBeDefined();
  });

  test('is waited for when it is not there yet at start', async () => {
    walk.engine.up();
    walk.engine.crash('shop-web-1');
    walk.engine.lose();
    await walk.start();
    await walk.advance(minutes(5));

    expect(walk.watchdog.watch.ready).toBe(false);

    walk.engine.back();
    await walk.advance(minutes(1));

    expect(walk.watchdog.watch.ready).toBe(true);
    expect(walk.repairs()).toEqual(['start shop-web-1 healed']);
  });
});

describe('an event connection', () => {
  test('that breaks is opened again and resumed where it was', async () => {
    walk.engine.up();
    await walk.start();

    walk.engine.events.cut();
    walk.engine.crash('shop-web-1');
    await walk.advance(seconds(1));

    expect(walk.engine.count('start', 'shop-web-1')).toBe(1);
    expect(engineIncident()).toBeUndefined();
  });

  test('that says nothing any more is noticed by the rounds and opened anew, so that the next fault is seen at once', async () => {
    walk.engine.up();
    walk.engine.up({ service: 'api' });
    await walk.start();

    walk.engine.events.deafen();
    walk.engine.crash('shop-web-1');
    await walk.advance(seconds(65));
    walk.engine.crash('shop-api-1');
    await walk.advance(0);

    expect(walk.logged.some(line => line.includes('the list showed changes that no event told of'))).toBe(true);
    expect(walk.engine.count('start')).toBe(2);
  });

  test('that tells everything in time is never called into question', async () => {
    walk.engine.up({ healthcheck: CHECKED, labels: { 'auto_repair.on_stop': 'respect' } });
    walk.engine.up({ service: 'api', healthcheck: CHECKED });
    await walk.start();

    walk.engine.stopByHand('shop-web-1');
    walk.engine.crash('shop-api-1');
    await walk.advance(hours(1));

    expect(walk.logged).toEqual([]);
  });
});

describe('an action', () => {
  test('that never answers and had no effect is given up, left to people, and not repeated', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();
    walk.engine.mishap('restart', { error: 'never answers', done: false });

    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(minutes(20));

    expect(walk.repairRecords().map(({ outcome, code }) => [outcome, code])).toEqual([['failed', 'wedged']]);
    expect(walk.engine.count('restart')).toBe(1);
    expect(walk.told('incident-escalated')).toEqual(['incident-escalated web no-change']);
  });

  test('that was carried out although the engine said otherwise is recognised by a look, and proven', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();
    walk.engine.mishap('restart', { error: engineSays('engine-error'), done: true });

    await walk.advance(seconds(1));
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
    expect(walk.engine.count('restart')).toBe(1);
  });

  test('that failed is tried again after the backoff', async () => {
    walk.engine.up();
    await walk.start();
    walk.engine.mishap('start', { error: engineSays('engine-error', 'port is already allocated'), done: false });

    walk.engine.crash('shop-web-1');
    await walk.advance(minutes(1));

    const [first, second] = walk.repairRecords();
    expect(walk.repairs()).toEqual(['start shop-web-1 failed', 'start shop-web-1 healed']);
    expect(second?.startedAt).toBe((first?.endedAt ?? 0) + seconds(11));
  });

  test('whose way back fails is undone as soon as the engine lets us, and nothing else begins before', async () => {
    const parent = walk.engine.up();
    const child = walk.engine.up({ service: 'side', networkParent: parent });
    await walk.start();
    walk.engine.removeByHand(parent);
    const refusal = { error: engineSays('engine-error'), done: false };
    // The replacement's start, then the first attempts to start the old one again.
    walk.engine.mishap('start', refusal);
    walk.engine.mishap('rename', { error: engineSays('engine-error'), done: false });
    walk.engine.mishap('stop', refusal, refusal, refusal);
    walk.engine.up();
    await walk.advance(minutes(5));

    const left = walk.engine.containersOf('side');
    expect(left.map(({ name, state }) => [name, state])).toEqual([['shop-side-1', 'running']]);
    expect(left[0]?.id).not.toBe(child);
    expect(walk.ledger.unfinishedRepairs()).toEqual([]);
  });

  test('in eight containers that sit out their stop grace does not keep a ninth waiting', async () => {
    for (let n = 1; n <= 9; n += 1)
      walk.engine.up({ service: `s${n}`, healthcheck: CHECKED, endsAfter: n < 9 ? seconds(30) : 0 });
    await walk.start();

    for (let n = 1; n <= 8; n += 1) walk.engine.probe(`shop-s${n}-1`, 'unhealthy');
    await walk.advance(0);
    walk.engine.probe('shop-s9-1', 'unhealthy');
    await walk.advance(0);

    expect(walk.engine.container('shop-s9-1')?.health).toBe('starting');
    expect(walk.engine.count('restart')).toBe(9);
  });
});

describe('a ledger that cannot be written', () => {
  test('stops every repair and is said loudly; repairs begin when it can be written again', async () => {
    walk.engine.up();
    await walk.start();
    walk.ledgerFails = true;

    walk.engine.crash('shop-web-1');
    await walk.advance(minutes(5));

    expect(walk.engine.count('start', 'shop-web-1')).toBe(0);
    expect(walk.logged.some(line => line.startsWith('error: the ledger cannot be written'))).toBe(true);
    expect(walk.engine.calls.filter(call => call === 'list').length).toBeGreaterThan(5);

    walk.ledgerFails = false;
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['start shop-web-1 healed']);
    expect(engineIncident()).toBeUndefined();
  });
});
