import { describe, expect, test } from '@jest/globals';
import { OBSTACLE_CODES, type ObstacleCode, obstaclesTo } from '../../../watchdog/diagnose/scaling/obstacles.ts';
import type { Making, Mounted } from '../../../watchdog/domain/making.ts';
import type { Scaling } from '../../../watchdog/domain/scaling.ts';
import { aScaling } from '../../fakes/a-scaling.ts';

/** A worker that nothing keeps from having others beside it. */
const aMaking = (differing: Partial<Making> = {}): Making => ({
  image: 'shop/worker:3',
  ourselves: false,
  oneShot: false,
  ownName: undefined,
  published: [],
  staticAddresses: [],
  sharedNetwork: undefined,
  sharedProcesses: undefined,
  exposes: [],
  mounts: [],
  autoRemove: false,
  ...differing,
});

const data = (differing: Partial<Mounted> = {}): Mounted => ({
  type: 'volume',
  source: 'shop_data',
  target: '/data',
  anonymous: false,
  writable: true,
  ...differing,
});

const told = (making: Partial<Making>, scaling: Partial<Scaling> = {}): string[] =>
  obstaclesTo(aMaking(making), aScaling({ max: 5, ...scaling })).map(({ code, because }) => `${code}: ${because}`);

describe('a service can be scaled', () => {
  test.each<[string, Partial<Making>, Partial<Scaling>]>([
    ['when nothing is in the way', {}, {}],
    ['with a port that the engine chooses', { published: [{ container: '80/tcp', host: '' }] }, {}],
    ['with port 0, which means the same', { published: [{ container: '80/tcp', host: '0' }] }, {}],
    ['with a range of as many ports as its max', { published: [{ container: '80/tcp', host: '8080-8084' }] }, {}],
    ['in a network of its own, whatever it listens on', { exposes: ['80/tcp'] }, {}],
    ['in the network of the host when it does not listen', { sharedNetwork: 'host' }, {}],
    ['with a volume that others than databases write to', { image: 'nginx', mounts: [data()] }, {}],
    [
      'a database with a volume for each of its containers',
      { image: 'postgres', mounts: [data({ anonymous: true })] },
      {},
    ],
    ['a database that only reads', { image: 'postgres', mounts: [data({ writable: false })] }, {}],
    ['a database in memory', { image: 'redis', mounts: [data({ type: 'tmpfs' })] }, {}],
    ['a database whose owner says so', { image: 'postgres', mounts: [data()] }, { sharedStorage: true }],
    ['what only sounds like a database', { image: 'quay.io/postgres-exporter', mounts: [data()] }, {}],
  ])('%s', (_, making, scaling) => {
    expect(told(making, scaling)).toEqual([]);
  });
});

describe('a service cannot be scaled', () => {
  test.each<[string, Partial<Making>, string]>([
    ['that is the watchdog itself', { ourselves: true }, 'ourselves: this is the watchdog itself; one of it is enough'],
    [
      'that is meant to finish',
      { oneShot: true },
      'one-shot: it is meant to finish; more of it would only do its work again',
    ],
    [
      'with container_name',
      { ownName: 'db' },
      'own-name: container_name: db fixes its name, and no two containers can bear it; remove container_name',
    ],
    [
      'with a fixed port of the host',
      {
        published: [
          { container: '80/tcp', host: '8080' },
          { container: '53/udp', host: '53' },
        ],
      },
      'host-port: it publishes 8080:80, 53:53/udp, and no two containers can have one port of the host; publish a range, such as 8080-8089:80, or let a proxy in front of it publish the port',
    ],
    [
      'with a range of ports that is too small',
      { published: [{ container: '80/tcp', host: '8080-8082' }] },
      'few-ports: 8080-8082:80 has ports for 3 replicas only, and its max is 5; publish a wider range, or lower the max',
    ],
    [
      'with a fixed address',
      { staticAddresses: ['172.28.0.5'] },
      'static-address: its address is fixed to 172.28.0.5, and no two containers can have it; remove ipv4_address and ipv6_address',
    ],
    [
      'that listens in the network of the host',
      { sharedNetwork: 'host', exposes: ['80/tcp'] },
      'shared-network: it listens on 80/tcp in the network of the host, where only one can; give it a network of its own',
    ],
    [
      'that listens in the network of another service',
      { sharedNetwork: 'vpn', exposes: ['80/tcp'] },
      'shared-network: it listens on 80/tcp in the network of vpn, where only one can; give it a network of its own',
    ],
    [
      'that is a database with a volume',
      { image: 'registry.example:5000/library/postgres:16@sha256:0123', mounts: [data()] },
      'shared-storage: several postgres would write to the same volume, shop_data, and destroy it; if this one is made for that, set shared_storage: true',
    ],
    [
      'that is a database with a folder of the host',
      { image: 'bitnami/mongodb', mounts: [data({ type: 'bind', source: '/srv/db' })] },
      'shared-storage: several mongodb would write to the same folder, /srv/db, and destroy it; if this one is made for that, set shared_storage: true',
    ],
  ])('%s', (_, making, sentence) => {
    expect(told(making)).toEqual([sentence]);
  });

  test('and everything that is in the way is told in one go, in the order of the list', () => {
    const all = obstaclesTo(
      aMaking({
        image: 'redis:7',
        ourselves: true,
        oneShot: true,
        ownName: 'cache',
        published: [
          { container: '6379/tcp', host: '6379' },
          { container: '80/tcp', host: '80-81' },
        ],
        staticAddresses: ['10.0.0.2'],
        sharedNetwork: 'host',
        exposes: ['6379/tcp'],
        mounts: [data()],
      }),
      aScaling(),
    );

    expect(all.map(({ code }): ObstacleCode => code)).toEqual([...OBSTACLE_CODES]);
  });
});
