import { describe, expect, test } from '@jest/globals';
import { decide } from '../../watchdog/decide/decide.ts';
import { inFlight } from '../../watchdog/decide/gates/in-flight.ts';
import type { Incident } from '../../watchdog/domain/incident.ts';
import type { Dependency, Replica, Service } from '../../watchdog/domain/service.ts';
import { seconds } from '../../watchdog/domain/time.ts';
import { aStandingError } from '../fakes/a-log-error.ts';
import { aCase, ago, aHealthyReplica, anIncident, aReplica, aService, aStack } from '../fakes/a-service.ts';

const needs = (service: string): Dependency => ({ service, condition: 'started', restart: false });

/** Crashed, and needing these others. */
const down = (service: string, ...others: string[]): Service =>
  aService({
    service,
    replicas: [aReplica({ service, state: 'exited', exitCode: 1 })],
    dependencies: others.map(needs),
  });

/** Which of these services may be repaired now, all others of them being as they are. */
const free = (services: readonly Service[]): string[] =>
  services
    .filter(service => {
      const incident = anIncident({ service: service.service, condition: 'exited' });
      return decide(aCase({ incident, service, stack: aStack(services) })).verdict === 'go';
    })
    .map(({ service }) => service);

describe('of services that are all down', () => {
  test.each<[string, Service[], string[]]>([
    ['the lowest goes first', [down('web', 'api'), down('api', 'db'), down('db')], ['db']],
    ['two lowest ones go side by side', [down('web', 'db', 'cache'), down('db'), down('cache')], ['db', 'cache']],
    [
      'two that depend on each other do not wait for each other',
      [down('web', 'api'), down('api', 'web')],
      ['web', 'api'],
    ],
    ['three in a ring do not wait for each other', [down('a', 'b'), down('b', 'c'), down('c', 'a')], ['a', 'b', 'c']],
    ['who stands above a ring waits for it', [down('web', 'a'), down('a', 'b'), down('b', 'a')], ['a', 'b']],
    ['a ring waits for what stands below it', [down('a', 'b', 'db'), down('b', 'a'), down('db')], ['b', 'db']],
    ['one that depends on itself does not wait', [down('web', 'web')], ['web']],
    [
      'a ring of hostile names is a ring',
      [down('constructor', '__proto__'), down('__proto__', 'constructor')],
      ['constructor', '__proto__'],
    ],
    ['hostile names wait like others', [down('toString', '__proto__'), down('__proto__')], ['__proto__']],
  ])('%s', (_sentence, services, expected) => {
    expect(free(services)).toEqual(expected);
  });
});

describe('a service whose dependency has just recovered', () => {
  const web = aService({
    dependencies: [needs('db')],
    replicas: [aHealthyReplica({ health: 'unhealthy' })],
  });

  const objectionTo = (differing: Partial<Incident>, ...replicas: Replica[]) => {
    const stack = aStack([web, aService({ service: 'db', replicas })]);
    const facts = aCase({ incident: anIncident({ since: ago('8s'), ...differing }), service: web, stack });
    return inFlight.objection(facts, undefined);
  };
  const objection = (...replicas: Replica[]) => objectionTo({}, ...replicas);
  const db = (number: number, startedAt: number): Replica =>
    aReplica({ service: 'db', number, inspected: { startedAt } });

  test('awaits its next probe, and for as long as that may take', () => {
    expect(objection(db(1, ago('5s')))?.until).toBe(ago('5s') + seconds(10 + 3 + 1));
  });

  test('awaits it also where its log says why it is unhealthy, and not where the log alone says so', () => {
    const told = (elseWell: boolean): Partial<Incident> => ({
      kind: 'erring',
      condition: 'network-error',
      error: { ...aStandingError({ type: 'NETWORK_ERROR' }).error, sample: 'unknown host db', elseWell },
    });

    expect(objectionTo(told(false), db(1, ago('5s')))?.code).toBe('in-flight');
    expect(objectionTo(told(true), db(1, ago('5s')))).toBeUndefined();
  });

  test('awaits nothing where one replica of the dependency was well all the time: that was not the cause', () => {
    expect(objection(db(1, ago('1h')), db(2, ago('5s')))).toBeUndefined();
  });

  test('awaits the next one also where both happened at the same moment', () => {
    expect(objection(db(1, ago('8s')))?.until).toBe(ago('8s') + seconds(10 + 3 + 1));
  });

  test('awaits nothing where it was probed since', () => {
    expect(objection(db(1, ago('9s')))).toBeUndefined();
  });

  test('says which one it was', () => {
    expect(objection(db(1, ago('5s')))?.because).toBe(
      'db, which it depends on, has just recovered; its next health check decides',
    );
  });

  test('does not count what of the dependency is down as well all the time', () => {
    const crashed = aReplica({ service: 'db', number: 2, state: 'exited', inspected: { finishedAt: ago('1h') } });

    expect(objection(db(1, ago('5s')), crashed)).toBeDefined();
  });

  test('goes by the health check of the replica that is ill, not by that of another', () => {
    const slow = { interval: seconds(600), timeout: seconds(3), retries: 3, startPeriod: 0 };
    const two = aService({
      dependencies: [needs('db')],
      replicas: [
        aHealthyReplica({ inspected: { healthcheck: slow } }),
        aHealthyReplica({ number: 2, health: 'unhealthy' }),
      ],
    });
    const patients = [{ id: 'shop-web-2-id', name: 'shop-web-2', number: 2 }];
    const stack = aStack([two, aService({ service: 'db', replicas: [db(1, ago('5s'))] })]);
    const facts = aCase({ incident: anIncident({ since: ago('8s'), patients }), service: two, stack });

    expect(inFlight.objection(facts, undefined)?.until).toBe(ago('5s') + seconds(10 + 3 + 1));
  });

  test('awaits no probe where it crashed: no probe would start it', () => {
    const stack = aStack([web, aService({ service: 'db', replicas: [db(1, ago('5s'))] })]);
    const incident = anIncident({ condition: 'exited', since: ago('8s') });

    expect(inFlight.objection(aCase({ incident, service: web, stack }), undefined)).toBeUndefined();
  });

  test('awaits nothing that nobody has looked at', () => {
    const unseen = aService({ dependencies: [needs('db')], replicas: [aReplica({ inspected: null })] });
    const stack = aStack([unseen, aService({ service: 'db', replicas: [db(1, ago('5s'))] })]);
    const facts = aCase({ incident: anIncident({ since: ago('8s') }), service: unseen, stack });

    expect(inFlight.objection(facts, undefined)).toBeUndefined();
  });
});

test('a paused replica does not keep another one from being repaired', () => {
  const ill = aHealthyReplica({ health: 'unhealthy' });
  const service = aService({ replicas: [ill, aReplica({ number: 2, state: 'paused' })] });

  expect(decide(aCase({ service, stack: aStack([service]) })).verdict).toBe('go');
});

test('what another service awaits the end of, and has ended, is not down, though only servers have a health check', () => {
  const migrations = aService({
    service: 'migrations',
    replicas: [aHealthyReplica({ service: 'migrations', state: 'exited', exitCode: 0 })],
  });
  const worker = aService({
    service: 'worker',
    dependencies: [{ service: 'migrations', condition: 'completed', restart: false }],
  });
  const web = down('web', 'migrations');

  expect(free([web, aService({ service: 'worker' }), migrations])).not.toContain('web');
  expect(free([web, worker, migrations])).toContain('web');
});
