import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { aFiringAlert } from '../fakes/fake-alerts.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { Walk } from './a-walk.ts';

let walk: Walk;
beforeEach(() => {
  walk = new Walk();
});
afterEach(() => walk.end());

describe('an alert about a service that looks well', () => {
  beforeEach(async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();
  });

  test('is repaired as its rule asks, and healed when the service is well and the alert has ended', async () => {
    const alert = aFiringAlert();
    await walk.alertFires(alert);
    await walk.advance(minutes(4));

    expect(walk.repairs()).toEqual(['restart shop-web-1 under way']);
    expect(walk.openIncident('web', 'erring')?.state).toBe('verifying');

    await walk.alertEnds(alert);

    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
    expect(walk.openIncident('web', 'erring')).toBeUndefined();
    expect(walk.told('incident-opened', 'repair-ended', 'incident-resolved', 'incident-escalated')).toEqual([
      'incident-opened web alerting',
      'repair-ended web healed',
      'incident-resolved web',
    ]);
  });

  test('that still fires long after the repair counts as not healed, and is left to people after three attempts', async () => {
    await walk.alertFires(aFiringAlert());
    await walk.advance(minutes(59));

    expect(walk.repairRecords().map(({ outcome, code }) => `${outcome} ${code}`)).toEqual(
      Array(3).fill('not-healed still-firing'),
    );
    expect(walk.told('incident-escalated')).toEqual(['incident-escalated web attempt-cap']);
  });

  test('that ends before its repair has begun leaves nothing to do, and closes what it opened', async () => {
    const alert = aFiringAlert();
    walk.ledger.pause({ project: 'shop', service: 'web' }, undefined, 'demo', walk.clock.now());
    await walk.alertFires(alert);

    expect(walk.lastDecision('web')).toMatch(/^paused: /);
    expect(walk.openIncident('web', 'erring')?.state).toBe('opened');

    await walk.alertEnds(alert);
    walk.ledger.resume({ project: 'shop', service: 'web' }, walk.clock.now());
    walk.watchdog.lookAgain({ project: 'shop', service: 'web' });
    await walk.advance(minutes(30));

    expect(walk.repairs()).toEqual([]);
    expect(walk.openIncident('web', 'erring')).toBeUndefined();
  });

  test('that asks for a strategy which there is not is refused with the words, and nothing is guessed', async () => {
    await walk.alertFires(aFiringAlert({ name: 'CeleryQueueBacklog', wants: { kind: 'strategy', name: 'reboot' } }));
    await walk.advance(minutes(5));

    expect(walk.repairs()).toEqual([]);
    expect(walk.lastDecision('web')).toMatch(
      /^no-change: the alert CeleryQueueBacklog asks for reboot: there is no strategy reboot; known are .*restart/,
    );
    expect(walk.told('incident-escalated')).toEqual(['incident-escalated web no-change']);
  });

  test('that asks for a playbook is repaired by it, and one which there is not is refused with the known ones', async () => {
    await walk.alertFires(aFiringAlert({ wants: { kind: 'playbook', name: 'unhealthy' } }));

    expect(walk.engine.count('restart', 'shop-web-1')).toBe(1);

    walk.engine.up({ service: 'api' });
    await walk.advance(minutes(1));
    const api = { project: 'shop', service: 'api' };
    await walk.alertFires(aFiringAlert({ name: 'Odd', target: api, wants: { kind: 'playbook', name: 'unhelthy' } }));

    expect(walk.lastDecision('api')).toMatch(/asks for a playbook unhelthy, which there is not; known are .*unhealthy/);
  });

  test('for people only opens an incident, touches nothing, and closes with the alert', async () => {
    const alert = aFiringAlert({ wants: { kind: 'none' } });
    await walk.alertFires(alert);
    await walk.advance(minutes(5));

    expect(walk.repairs()).toEqual([]);
    expect(walk.openIncident('web', 'erring')?.state).toBe('escalated');

    await walk.alertEnds(alert);

    expect(walk.openIncident('web', 'erring')).toBeUndefined();
  });

  test('holds no slot of the engine while its end is waited for', async () => {
    await walk.end();
    walk = new Walk({ env: { WATCHDOG_MAX_PARALLEL: '1' } });
    walk.engine.up({ healthcheck: CHECKED });
    walk.engine.up({ healthcheck: CHECKED, service: 'api' });
    await walk.start();
    await walk.alertFires(aFiringAlert());
    await walk.advance(minutes(1));

    walk.engine.probe('shop-api-1', 'unhealthy');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['restart shop-web-1 under way', 'restart shop-api-1 healed']);
  });

  test('keeps no dependant waiting while its end is waited for', async () => {
    walk.engine.up({ service: 'worker', labels: { 'com.docker.compose.depends_on': 'web:service_started:false' } });
    await walk.advance(minutes(1));
    await walk.alertFires(aFiringAlert());
    await walk.advance(minutes(1));

    walk.engine.crash('shop-worker-1');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['restart shop-web-1 under way', 'start shop-worker-1 healed']);
  });

  test('is healed by its own end, whatever else fires', async () => {
    const alert = aFiringAlert({ severity: 'critical' });
    await walk.alertFires(alert);
    await walk.alertFires(aFiringAlert({ name: 'SlowAnswers' }));
    await walk.advance(minutes(1));

    await walk.alertEnds(alert);

    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
    expect(walk.lastDecision('web')).toMatch(/^cooldown: /);
    expect(walk.openIncident('web', 'erring')?.because).toMatch('the alert SlowAnswers fires');
  });

  test('whose container falls ill while the end is waited for is not healed, and repaired for that after its backoff', async () => {
    await walk.alertFires(aFiringAlert());
    await walk.advance(minutes(1));

    walk.engine.crash('shop-web-1');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['restart shop-web-1 not-healed', 'start shop-web-1 healed']);
    expect(walk.repairRecords()[0]?.code).toBe('ended');
  });
});

describe('an alert and our own eyes', () => {
  beforeEach(async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();
  });

  test('that see the same trouble at once make one incident and one repair', async () => {
    const alert = aFiringAlert({ name: 'ContainerUnhealthy', condition: 'unhealthy' });
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.alertFires(alert);
    await walk.advance(minutes(1));

    // The alert lags behind; it says nothing that a look does not show.
    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
    expect(walk.openIncident('web')).toBeUndefined();

    await walk.advance(minutes(30));
    expect(walk.repairs()).toHaveLength(1);
    expect(walk.told('incident-opened')).toEqual(['incident-opened web unhealthy']);
  });

  test('that see different trouble share the cooldown: one restart serves both', async () => {
    const alert = aFiringAlert();
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(minutes(1));
    const healedAt = walk.repairRecords()[0]?.endedAt ?? 0;

    await walk.alertFires(alert);
    await walk.advance(minutes(3));

    expect(walk.lastDecision('web')).toMatch(/^cooldown: /);
    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);

    await walk.advance(minutes(2));
    expect(walk.repairRecords()[1]?.startedAt).toBe(healedAt + minutes(5));
  });

  test('close each incident by its own end, also while the other is open', async () => {
    const alert = aFiringAlert({ wants: { kind: 'none' } });
    await walk.alertFires(alert);
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(minutes(2));

    expect(walk.openIncident('web')).toBeUndefined();
    expect(walk.openIncident('web', 'erring')?.state).toBe('escalated');
    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);

    walk.engine.fate('shop-web-1', 'ill');
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.alertEnds(alert);
    await walk.advance(seconds(30));

    expect(walk.openIncident('web')).toBeDefined();
    expect(walk.openIncident('web', 'erring')).toBeUndefined();
  });
});

test('an alert about a service that a person stopped does not start it before its grace is over', async () => {
  walk.engine.up({ healthcheck: CHECKED });
  await walk.start();
  walk.engine.stopByHand('shop-web-1');

  await walk.alertFires(aFiringAlert({ wants: { kind: 'strategy', name: 'start' } }));

  expect(walk.repairs()).toEqual([]);
  expect(walk.lastDecision('web')).toMatch(/^operator-stop: /);
});
