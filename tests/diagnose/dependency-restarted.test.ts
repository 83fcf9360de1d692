import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../watchdog/diagnose/diagnose.ts';
import type { Replica, Service } from '../../watchdog/domain/service.ts';
import { aFinding, ago, aReplica, aService, aStack } from '../fakes/a-service.ts';
import { conditionOf, incidentOf } from './a-diagnosis.ts';

type Differing = NonNullable<Parameters<typeof aReplica>[0]>;

const db = (startedAt: number, differing: Differing = {}): Service =>
  aService({ service: 'db', replicas: [aReplica({ service: 'db', ...differing, inspected: { startedAt } })] });

const web = (replicas: Replica[], restart = true): Service =>
  aService({ replicas, dependencies: [{ service: 'db', condition: 'started', restart }] });

const repaired = (dependency = 'db', kind: 'dependency-repaired' | 'look-again' = 'dependency-repaired') =>
  aFinding({ kind, at: ago('1s'), evidence: { dependency } });

describe('a service with `restart: true` whose dependency was repaired', () => {
  test('is restarted, as it has been running since before the dependency was started', () => {
    const stack = aStack([web([aReplica()]), db(ago('20s'))]);

    expect(incidentOf(diagnose(repaired(), stack))).toEqual({
      project: 'shop',
      service: 'web',
      kind: 'ailing',
      condition: 'dependency-restarted',
      because: 'db was repaired, and web asks to be restarted after that (restart: true)',
      patients: [{ id: 'shop-web-1-id', name: 'shop-web-1', number: 1 }],
      evidence: { dependency: 'db' },
      since: ago('1s'),
      stoppedByHandAt: undefined,
    });
  });

  test('has only those of its replicas restarted that have not been started since', () => {
    const since = aReplica({ number: 2, inspected: { startedAt: ago('10s') } });
    const stack = aStack([web([aReplica(), since, aReplica({ number: 3 })]), db(ago('20s'))]);

    expect(incidentOf(diagnose(repaired(), stack)).patients.map(({ number }) => number)).toEqual([1, 3]);
  });

  test('goes by the newest replica of the dependency', () => {
    const two = aService({
      service: 'db',
      replicas: [ago('20s'), ago('2h')].map((startedAt, i) =>
        aReplica({ service: 'db', number: i + 1, inspected: { startedAt } }),
      ),
    });

    expect(conditionOf(diagnose(repaired(), aStack([web([aReplica()]), two])))).toBe('dependency-restarted');
  });

  test('is ill of its own first', () => {
    const crashed = aReplica({ state: 'exited', exitCode: 1 });

    expect(conditionOf(diagnose(repaired(), aStack([web([crashed]), db(ago('20s'))])))).toBe('exited');
  });

  test.each<[string, Service[], ReturnType<typeof repaired>]>([
    ['it does not ask for that', [web([aReplica()], false), db(ago('20s'))], repaired()],
    ['it was started after its dependency', [web([aReplica()]), db(ago('2h'))], repaired()],
    ['another service was repaired', [web([aReplica()]), db(ago('20s'))], repaired('cache')],
    ['the finding is only to look again', [web([aReplica()]), db(ago('20s'))], repaired('db', 'look-again')],
    ['the dependency is gone again', [web([aReplica()])], repaired()],
    ['the dependency goes by a hostile name', [web([aReplica()]), db(ago('20s'))], repaired('__proto__')],
  ])('is left alone where %s', (_sentence, services, finding) => {
    expect(diagnose(finding, aStack(services)).verdict).toBe('well');
  });

  test('is restarted also where it needs others that do not ask for that', () => {
    const cache = { service: 'cache', condition: 'started' as const, restart: false };
    const both = web([aReplica()]);
    const stack = aStack([{ ...both, dependencies: [cache, ...both.dependencies] }, db(ago('20s'))]);

    expect(conditionOf(diagnose(repaired(), stack))).toBe('dependency-restarted');
  });

  test('is left alone when what it needs without asking for that was repaired', () => {
    const cache = { service: 'cache', condition: 'started' as const, restart: false };
    const both = web([aReplica()]);
    const repairedCache = aService({
      service: 'cache',
      replicas: [aReplica({ service: 'cache', inspected: { startedAt: ago('20s') } })],
    });
    const stack = aStack([{ ...both, dependencies: [cache, ...both.dependencies] }, repairedCache]);

    expect(diagnose(repaired('cache'), stack).verdict).toBe('well');
  });

  test('is left alone where somebody is stopping it: a restart would undo what a person does', () => {
    const stopping = aReplica({ seen: { signalled: { at: ago('2s'), toEnd: true } } });
    const stack = aStack([web([stopping]), db(ago('20s'))]);

    expect(diagnose(repaired(), stack)).toEqual({ verdict: 'nothing-wrong', because: 'shop-web-1 was told to stop' });
  });
});
