import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { Walk } from './a-walk.ts';

let walk: Walk;
beforeEach(() => {
  walk = new Walk();
});
afterEach(() => walk.end());

const dependsOn = (label: string) => ({ 'com.docker.compose.depends_on': label });

describe('a service and what it depends on', () => {
  test('both sick: the dependency is repaired first, and a dependant that recovers with it is never touched', async () => {
    walk.engine.up({ service: 'db', healthcheck: CHECKED });
    walk.engine.up({ healthcheck: CHECKED, labels: dependsOn('db:service_healthy:false') });
    await walk.start();

    walk.engine.probe('shop-db-1', 'unhealthy');
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(seconds(2));
    walk.engine.probe('shop-web-1', 'healthy');
    await walk.advance(minutes(2));

    expect(walk.repairs()).toEqual(['restart shop-db-1 healed']);
    expect(walk.openIncident('web')).toBeUndefined();
  });

  test('both crashed: the dependant is started once the dependency is proven', async () => {
    walk.engine.up({ service: 'db', healthcheck: CHECKED });
    walk.engine.up({ labels: dependsOn('db:service_healthy:false') });
    await walk.start();

    walk.engine.crash('shop-web-1');
    walk.engine.crash('shop-db-1');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['start shop-db-1 healed', 'start shop-web-1 healed']);
    const [db, web] = walk.repairRecords();
    expect(web?.startedAt).toBeGreaterThanOrEqual(db?.endedAt ?? 0);
  });

  test('a dependant that crashed while its dependency was only starting is started as soon as that is healthy', async () => {
    walk.engine.up({ service: 'db', healthcheck: CHECKED });
    walk.engine.up({ labels: dependsOn('db:service_healthy:false') });
    await walk.start();
    await walk.advance(seconds(1));

    walk.engine.restartByHand('shop-db-1');
    walk.engine.crash('shop-web-1');
    await walk.advance(seconds(1));
    expect(walk.repairs()).toEqual([]);
    walk.engine.probe('shop-db-1', 'healthy');
    await walk.advance(seconds(1));

    expect(walk.engine.container('shop-web-1')?.state).toBe('running');
  });

  test('a dependant with restart: true is restarted after a repair of ours', async () => {
    walk.engine.up({ service: 'db' });
    walk.engine.up({ labels: dependsOn('db:service_started:true') });
    await walk.advance(minutes(1));
    await walk.start();

    walk.engine.crash('shop-db-1');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['start shop-db-1 healed', 'restart shop-web-1 healed']);
  });

  test('a dependant with restart: true that was started after its dependency is left alone', async () => {
    walk.engine.up({ service: 'db' });
    walk.engine.up({ labels: dependsOn('db:service_started:true') });
    await walk.advance(minutes(1));
    await walk.start();

    walk.engine.crash('shop-db-1');
    await walk.advance(seconds(3));
    walk.engine.restartByHand('shop-web-1');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['start shop-db-1 healed']);
  });

  test('a dependant does not wait for a dependency that nobody will heal', async () => {
    walk.engine.up({ service: 'db', healthcheck: CHECKED, labels: { auto_repair: 'false' } });
    walk.engine.up({ labels: dependsOn('db:service_healthy:false') });
    await walk.start();

    walk.engine.probe('shop-db-1', 'unhealthy');
    walk.engine.crash('shop-web-1');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['start shop-web-1 healed']);
  });

  test('a dependant of a dependency that is given up is repaired after all', async () => {
    walk.engine.up({ service: 'db', healthcheck: CHECKED });
    walk.engine.up({ labels: dependsOn('db:service_healthy:false') });
    walk.engine.fate('shop-db-1', 'ill');
    await walk.start();

    walk.engine.probe('shop-db-1', 'unhealthy');
    walk.engine.crash('shop-web-1');
    await walk.advance(minutes(10));

    expect(walk.repairs()).toEqual([...Array(3).fill('restart shop-db-1 not-healed'), 'start shop-web-1 healed']);
  });

  test('two that depend on each other do not wait for each other for ever', async () => {
    walk.engine.up({ service: 'a', labels: dependsOn('b:service_started:false') });
    walk.engine.up({ service: 'b', labels: { 'auto_repair.depends_on': 'a' } });
    await walk.start();

    walk.engine.crash('shop-a-1');
    walk.engine.crash('shop-b-1');
    await walk.advance(minutes(2));

    expect(walk.repairs().sort()).toEqual(['start shop-a-1 healed', 'start shop-b-1 healed']);
  });
});

describe("a container in another one's network", () => {
  const shares = (networkParent: string) => ({
    service: 'side',
    networkParent,
    labels: dependsOn('web:service_started:true'),
  });

  test('is restarted once when its parent was restarted by us', async () => {
    const parent = walk.engine.up({ healthcheck: CHECKED });
    walk.engine.up(shares(parent));
    await walk.advance(minutes(1));
    await walk.start();

    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(hours(1));

    expect(walk.repairs()).toEqual(['restart shop-web-1 healed', 'rejoin-network shop-side-1 healed']);
  });

  test('is restarted when its parent was restarted between two rounds and no event told of it', async () => {
    const parent = walk.engine.up();
    walk.engine.up(shares(parent));
    await walk.advance(minutes(1));
    await walk.start();
    await walk.advance(minutes(2));

    walk.engine.events.deafen();
    walk.engine.restartByHand('shop-web-1');
    await walk.advance(minutes(5));

    expect(walk.repairs()).toEqual(['rejoin-network shop-side-1 healed']);
  });

  test('is restarted when its parent was restarted while no watchdog ran', async () => {
    const parent = walk.engine.up();
    walk.engine.up(shares(parent));
    await walk.advance(minutes(1));
    walk.engine.restartByHand('shop-web-1');
    await walk.advance(minutes(1));

    await walk.start();
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['rejoin-network shop-side-1 healed']);
  });

  test.each(['while the watchdog looks on', 'while no watchdog runs'])(
    'is made again in the new network when its parent is replaced %s',
    async when => {
      const parent = walk.engine.up();
      walk.engine.up(shares(parent));
      await walk.advance(minutes(1));
      if (when === 'while the watchdog looks on') await walk.start();

      walk.engine.removeByHand(parent);
      const successor = walk.engine.up();
      if (when !== 'while the watchdog looks on') await walk.start();
      await walk.advance(minutes(2));

      expect(walk.repairs()).toEqual(['rejoin-network shop-side-1 healed']);
      expect(walk.engine.containersOf('side').map(({ name, making }) => [name, making.networkParent])).toEqual([
        ['shop-side-1', successor],
      ]);
    },
  );

  test('is left alone when that is no service of the project: nobody here can tell what became of it', async () => {
    walk.engine.up({ service: 'db' });
    walk.engine.up({
      service: 'torrent',
      networkParent: 'vpn-of-another-project',
      labels: dependsOn('db:service_started:true'),
    });
    await walk.start();
    await walk.advance(minutes(5));
    walk.engine.restartByHand('shop-db-1');
    await walk.advance(minutes(5));

    expect(walk.repairs()).toEqual([]);
  });
});
