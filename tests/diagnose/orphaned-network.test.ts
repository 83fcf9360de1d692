import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../watchdog/diagnose/diagnose.ts';
import type { Dependency, Replica, Service, ServiceRef } from '../../watchdog/domain/service.ts';
import { aFinding, ago, aReplica, aService, aStack, NOON } from '../fakes/a-service.ts';
import { conditionOf, incidentOf } from './a-diagnosis.ts';

type Differing = NonNullable<Parameters<typeof aReplica>[0]>;

const VPN = { project: 'shop', service: 'vpn' };
const OLD_ID = '0123456789abcdef-old';

/** Made and started an hour ago, in the network of the vpn's container. */
const child = (differing: Differing = {}): Replica => aReplica({ networkParent: 'shop-vpn-1-id', ...differing });
const vpn = (startedAt: number, differing: Differing = {}): Service =>
  aService({ ...VPN, replicas: [aReplica({ ...VPN, createdAt: startedAt, ...differing, inspected: { startedAt } })] });

const needs = (service: string, restart = true): Dependency => ({ service, condition: 'started', restart });

function look(replica: Replica, parents: Service[], facts: { gone?: ServiceRef; needs?: Dependency[] } = {}) {
  const web = aService({ replicas: [replica], dependencies: facts.needs ?? [] });
  const gone = facts.gone === undefined ? undefined : { [OLD_ID]: facts.gone };
  return diagnose(aFinding(), aStack([web, ...parents], gone === undefined ? {} : { gone }));
}

describe('a container in the network of another one that still stands', () => {
  test('has lost it when that was started after itself', () => {
    expect(incidentOf(look(child(), [vpn(ago('5m'))]))).toMatchObject({
      condition: 'orphaned-network',
      because: 'shop-web-1 lost its network: its network parent shop-vpn-1 was restarted',
      evidence: { parent: 'restarted' },
      since: ago('5m'),
    });
  });

  test('is not told to move to another parent', () => {
    expect(incidentOf(look(child(), [vpn(ago('5m'))])).evidence).not.toHaveProperty('networkParent');
  });

  test.each<[string, string, Replica, Service]>([
    ['has it when it was started later', 'well', child(), vpn(ago('2h'))],
    ['has it when both were started in the same moment', 'well', child(), vpn(ago('1h'))],
    ['knows its parent by name as well', 'orphaned-network', child({ networkParent: 'shop-vpn-1' }), vpn(ago('5m'))],
    ['waits for a parent that has ended', 'nothing-wrong', child(), vpn(ago('5m'), { state: 'exited', exitCode: 1 })],
    ['waits for one that the engine restarts', 'nothing-wrong', child(), vpn(ago('5m'), { state: 'restarting' })],
    ['waits for one that cannot be removed', 'nothing-wrong', child(), vpn(ago('5m'), { state: 'dead' })],
    ['has it while its parent is frozen', 'well', child(), vpn(ago('5m'), { state: 'paused' })],
    ['cannot be judged before somebody looked at it', 'well', child({ inspected: null }), vpn(ago('5m'))],
    ['is exited first of all when it does not run', 'exited', child({ state: 'exited', exitCode: 1 }), vpn(ago('5m'))],
    [
      'has lost it before its health check fails for that',
      'orphaned-network',
      child({ health: 'unhealthy' }),
      vpn(ago('5m')),
    ],
  ])('%s', (_sentence, outcome, replica, parent) => {
    expect(conditionOf(look(replica, [parent]))).toBe(outcome);
  });
});

test('a container whose network parent does not run is not well, though it runs and its health check agrees', () => {
  const down = vpn(ago('5m'), { state: 'restarting' });

  expect(look(child({ health: 'healthy' }), [down])).toEqual({
    verdict: 'nothing-wrong',
    because: 'shop-web-1 has no network while its network parent shop-vpn-1 does not run',
  });
});

describe('a container in the network of another one that is gone', () => {
  const orphan = (differing: Differing = {}) => child({ networkParent: OLD_ID, ...differing });

  test('belongs to its successor, which may be older than the look', () => {
    expect(incidentOf(look(orphan(), [vpn(ago('5m'))], { gone: VPN }))).toMatchObject({
      condition: 'orphaned-network',
      because: 'shop-web-1 lost its network: its network parent 0123456789ab was replaced by shop-vpn-1',
      evidence: { parent: 'replaced', networkParent: 'shop-vpn-1-id' },
      since: ago('5m'),
    });
  });

  test('belongs nowhere while it has no successor', () => {
    const incident = incidentOf(look(orphan(), [], { gone: VPN }));

    expect(incident).toMatchObject({ evidence: { parent: 'gone' }, since: NOON });
    expect(incident.because).toContain('is gone and has no successor');
  });

  test('waits for a successor that does not run', () => {
    const ended = vpn(ago('5m'), { state: 'exited', exitCode: 1 });

    expect(look(orphan(), [ended], { gone: VPN })).toEqual({
      verdict: 'nothing-wrong',
      because: 'shop-web-1 has no network while shop-vpn-1, whose network it is to share, does not run',
    });
  });

  test('cannot be started, so it is moved also when it has ended', () => {
    const ended = orphan({ state: 'exited', exitCode: 1 });

    expect(conditionOf(look(ended, [vpn(ago('5m'))], { gone: VPN }))).toBe('orphaned-network');
  });

  test('cannot be started either when it was stopped by hand: that it was is for the gates', () => {
    const stopped = orphan({ state: 'exited', exitCode: 0, seen: { stoppedByHandAt: ago('5m') } });

    expect(incidentOf(look(stopped, [vpn(ago('5m'))], { gone: VPN }))).toMatchObject({
      condition: 'orphaned-network',
      evidence: { parent: 'replaced' },
      stoppedByHandAt: ago('5m'),
    });
  });

  test('was never in it while it was only created', () => {
    const created = orphan({ state: 'created' });

    expect(conditionOf(look(created, [vpn(ago('5m'))], { gone: VPN }))).toBe('never-started');
  });

  test('that was gone before we came is known by a dependency with restart, when it is younger', () => {
    expect(incidentOf(look(orphan(), [vpn(ago('5m'))], { needs: [needs('vpn'), needs('db', false)] }))).toMatchObject({
      evidence: { parent: 'replaced', networkParent: 'shop-vpn-1-id' },
    });
  });

  test.each<[string, Service[], Dependency[]]>([
    ['nobody here can know it: it is from outside of what we watch', [vpn(ago('5m'))], []],
    ['the dependency is older than the child', [vpn(ago('2h'))], [needs('vpn')]],
    ['there are two such dependencies', [vpn(ago('5m'))], [needs('vpn'), needs('proxy')]],
    ['the dependency has no restart', [vpn(ago('5m'))], [needs('vpn', false)]],
    ['the dependency is not deployed', [], [needs('vpn')]],
  ])('is left alone where %s', (_sentence, parents, dependencies) => {
    expect(look(orphan(), parents, { needs: dependencies }).verdict).toBe('well');
  });
});
