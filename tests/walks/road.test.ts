import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { Walk } from './a-walk.ts';

let walk: Walk;
beforeEach(() => {
  walk = new Walk();
});
afterEach(() => walk.end());

describe('an unhealthy service', () => {
  test('is restarted at once, proven, and its incident resolved', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();

    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(0);

    expect(walk.engine.count('restart', 'shop-web-1')).toBe(1);
    expect(walk.openIncident('web')?.state).toBe('verifying');

    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
    expect(walk.openIncident('web')).toBeUndefined();
    expect(walk.told('incident-opened', 'repair-ended', 'incident-resolved', 'incident-escalated')).toEqual([
      'incident-opened web unhealthy',
      'repair-ended web healed',
      'incident-resolved web',
    ]);
  });

  test('is seen at start, and by a round when its event was lost', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    walk.engine.up({ healthcheck: CHECKED, service: 'api' });
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.start();

    expect(walk.engine.count('restart', 'shop-web-1')).toBe(1);

    walk.engine.events.deafen();
    walk.engine.probe('shop-api-1', 'unhealthy');
    await walk.advance(seconds(30));

    expect(walk.engine.count('restart', 'shop-api-1')).toBe(1);
  });

  test('falls ill again within its cooldown and waits until that is over', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(minutes(1));
    const healedAt = walk.repairRecords()[0]?.endedAt ?? 0;

    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(minutes(10));

    expect(walk.repairRecords()[1]?.startedAt).toBe(healedAt + minutes(5));
    expect(walk.repairs()).toEqual(Array(2).fill('restart shop-web-1 healed'));
  });

  test('whose replicas fall ill one after the other has each repaired, the second not waiting for the first one to cool down', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    walk.engine.up({ healthcheck: CHECKED, number: 2 });
    await walk.start();
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(minutes(1));

    walk.engine.probe('shop-web-2', 'unhealthy');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['restart shop-web-1 healed', 'restart shop-web-2 healed']);
  });

  test('is only watched by its own eyes: a container that was just unpaused is not restarted', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();

    walk.engine.pause('shop-web-1');
    await walk.advance(minutes(2));
    walk.engine.unpause('shop-web-1');
    await walk.advance(minutes(2));

    expect(walk.repairs()).toEqual([]);
  });

  test('that fell ill while it was paused is restarted, though the engine sends no event for that', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();
    walk.engine.pause('shop-web-1');
    await walk.advance(minutes(2));
    walk.engine.unpause('shop-web-1', 'unhealthy');
    await walk.advance(minutes(2));

    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
  });
});

describe('a service that no repair helps', () => {
  beforeEach(async () => {
    walk.engine.up({ healthcheck: CHECKED });
    walk.engine.fate('shop-web-1', 'ill');
    await walk.start();
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(minutes(30));
  });

  test('is tried three times, further and further apart, and then left to people, who hear of it once', () => {
    expect(walk.repairs()).toEqual(Array(3).fill('restart shop-web-1 not-healed'));
    const [first, second, third] = walk.repairRecords();
    expect(second?.startedAt).toBe((first?.endedAt ?? 0) + seconds(11));
    expect(third?.startedAt).toBe((second?.endedAt ?? 0) + seconds(22));
    expect(walk.openIncident('web')?.state).toBe('escalated');
    expect(walk.told('incident-escalated')).toEqual(['incident-escalated web attempt-cap']);
  });

  test('gets one attempt more when the window has slid past the others, and people are not told again', async () => {
    await walk.advance(hours(1));

    expect(walk.repairs()).toHaveLength(4);
    const [, , third, fourth] = walk.repairRecords();
    expect(fourth?.startedAt).toBe((third?.startedAt ?? 0) + hours(1));
    expect(walk.openIncident('web')?.state).toBe('escalated');
    expect(walk.told('incident-escalated')).toHaveLength(1);
  });

  test('gets one attempt more when a person says resume', async () => {
    walk.ledger.resume({ project: 'shop', service: 'web' }, walk.clock.now());
    walk.watchdog.lookAgain({ project: 'shop', service: 'web' });
    await walk.advance(minutes(20));

    expect(walk.repairs()).toHaveLength(4);
  });

  test('counts as over when it recovers by itself', async () => {
    walk.engine.probe('shop-web-1', 'healthy');
    await walk.advance(minutes(1));

    expect(walk.openIncident('web')).toBeUndefined();
    expect(walk.told('incident-resolved')).toEqual(['incident-resolved web']);
  });
});

describe('a service that ended', () => {
  test('is started again when it crashed', async () => {
    walk.engine.up();
    await walk.start();

    walk.engine.crash('shop-web-1', 3);
    await walk.advance(seconds(15));

    expect(walk.repairs()).toEqual(['start shop-web-1 healed']);
  });

  test('is said to have run out of memory only when the engine says so', async () => {
    walk.engine.up();
    walk.engine.up({ service: 'api' });
    await walk.start();

    walk.engine.outOfMemory('shop-web-1');
    walk.engine.crash('shop-api-1', 137);
    await walk.advance(0);

    expect(walk.openIncident('web')?.because).toContain('more memory than it may');
    expect(walk.openIncident('api')?.because).toBe('shop-api-1 exited with 137');
  });

  test('is left to the engine while its restart policy acts, and stopped and started when that gets nowhere', async () => {
    walk.engine.up({ restartPolicy: { name: 'always', maximumRetries: 0 } });
    await walk.start();

    walk.engine.crash('shop-web-1');
    await walk.advance(minutes(2));

    expect(walk.repairs()).toEqual([]);

    walk.engine.fate('shop-web-1', 'falls', 'falls', 'well');
    walk.engine.crash('shop-web-1');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['clean-restart shop-web-1 healed']);
  });

  test('after its work was done is left alone', async () => {
    walk.engine.up({ service: 'migrate', publishesPorts: false });
    await walk.start();

    walk.engine.crash('shop-migrate-1', 0);
    await walk.advance(minutes(3));

    expect(walk.repairs()).toEqual([]);
    expect(walk.engine.count('inspect', 'shop-migrate-1')).toBe(1);
  });
});
