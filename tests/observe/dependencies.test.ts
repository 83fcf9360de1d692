import { describe, expect, test } from '@jest/globals';
import { DEPENDS_ON_LABEL, dependenciesFromLabel, dependenciesOf } from '../../watchdog/observe/dependencies.ts';
import { aReplica } from '../fakes/a-service.ts';

const nobody = () => undefined;

describe("Compose's label", () => {
  test.each([
    ['', []],
    [
      'db:service_healthy:true,cache:service_started:false,seed:service_completed_successfully:false',
      [
        { service: 'db', condition: 'healthy', restart: true },
        { service: 'cache', condition: 'started', restart: false },
        { service: 'seed', condition: 'completed', restart: false },
      ],
    ],
    ['db', [{ service: 'db', condition: 'started', restart: false }]],
    [' db : x , ', [{ service: 'db ', condition: 'started', restart: false }]],
    ['db:service_sleepy:maybe', [{ service: 'db', condition: 'started', restart: false }]],
    ['db:constructor:true', [{ service: 'db', condition: 'started', restart: true }]],
    ['__proto__:__proto__:__proto__', [{ service: '__proto__', condition: 'started', restart: false }]],
  ])('%j', (label, dependencies) => {
    expect(dependenciesFromLabel(label)).toEqual(dependencies);
  });
});

describe('what a service depends on', () => {
  test('is what Compose says, whose network and volumes it shares, and what its owner declares; each once', () => {
    const owners: Record<string, string> = { vpn1: 'vpn', store1: 'store', db1: 'db' };
    const replica = aReplica({
      labels: { [DEPENDS_ON_LABEL]: 'db:service_healthy:true' },
      networkParent: 'vpn1',
      inspected: { sharesWith: ['store1', 'db1'] },
    });

    const found = dependenciesOf([replica, { ...replica, number: 2 }], ['cache', 'db'], id => {
      const service = owners[id];
      return service === undefined ? undefined : { project: 'shop', service };
    });

    expect(found).toEqual([
      { service: 'db', condition: 'healthy', restart: true },
      { service: 'vpn', condition: 'started', restart: false },
      { service: 'store', condition: 'started', restart: false },
      { service: 'cache', condition: 'started', restart: false },
    ]);
  });

  test('is never itself, nobody unknown, and nobody of another project', () => {
    const replica = aReplica({ networkParent: 'x', inspected: { sharesWith: ['y'] } });

    const found = dependenciesOf([replica], ['web'], id =>
      id === 'x' ? { project: 'bank', service: 'vpn' } : undefined,
    );

    expect(found).toEqual([]);
  });

  test('is nothing for a service that needs nobody', () => {
    expect(dependenciesOf([aReplica()], [], nobody)).toEqual([]);
  });
});
