import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../watchdog/diagnose/diagnose.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { aFinding, ago, aHealthyReplica, aReplica, aService, aStack } from '../fakes/a-service.ts';
import { conditionOf, diagnosisOf, incidentOf } from './a-diagnosis.ts';

const numbersOf = (diagnosis: ReturnType<typeof diagnosisOf>) =>
  incidentOf(diagnosis).patients.map(({ number }) => number);

const crashed = (number: number, finishedAt: number): Replica =>
  aReplica({ number, state: 'exited', exitCode: number, inspected: { finishedAt } });
const ailing = (number: number): Replica =>
  aHealthyReplica({ number, health: 'unhealthy', inspected: { failingStreak: 3 } });

describe('a service in which nothing is wrong', () => {
  test('is well since the last of its containers was started', () => {
    const replicas = [ago('2h'), ago('10m'), ago('1h')].map((startedAt, i) =>
      aReplica({ number: i + 1, inspected: { startedAt } }),
    );

    expect(diagnosisOf(replicas)).toEqual({ verdict: 'well', because: 'shop/web runs', wellSince: ago('10m') });
  });

  test('is called healthy where one of its containers has a health check', () => {
    expect(diagnosisOf([aReplica(), aHealthyReplica({ number: 2 })])).toMatchObject({
      because: 'shop/web runs and is healthy',
    });
  });

  test('is well since it became healthy', () => {
    const replica = aHealthyReplica({ seen: { healthyAt: ago('3m') } });

    expect(diagnosisOf(replica)).toEqual({
      verdict: 'well',
      because: 'shop/web runs and is healthy',
      wellSince: ago('3m'),
    });
  });

  test('is well since it was started again, also when it had been healthy before that', () => {
    const replica = aHealthyReplica({ inspected: { startedAt: ago('2m') }, seen: { healthyAt: ago('3m') } });

    expect(diagnosisOf(replica)).toMatchObject({ wellSince: ago('2m') });
  });

  test('is well since it was made where nobody has looked closer', () => {
    expect(diagnosisOf(aReplica({ inspected: null, createdAt: ago('7m') }))).toMatchObject({ wellSince: ago('7m') });
  });

  test('is well for ever where it has no containers: what was wrong with them is over', () => {
    expect(diagnose(aFinding(), aStack([]))).toEqual({
      verdict: 'well',
      because: 'shop/web has no containers any more',
      wellSince: 0,
    });
  });

  test('is not yet well while one of its containers is starting', () => {
    expect(diagnosisOf([aHealthyReplica(), aHealthyReplica({ number: 2, health: 'starting' })])).toEqual({
      verdict: 'nothing-wrong',
      because: 'shop-web-2 is starting',
    });
  });

  test('is well with one container that has completed beside one that runs', () => {
    const done = aReplica({ number: 2, state: 'exited', exitCode: 0, inspected: { finishedAt: ago('5m') } });

    expect(diagnosisOf([aReplica(), done])).toMatchObject({ verdict: 'well', wellSince: ago('5m') });
  });

  test.each<[string, Replica]>([
    ['shop-web-1 is paused; whoever paused it will unpause it', aReplica({ state: 'paused' })],
    ['shop-web-1 is being removed', aReplica({ state: 'removing' })],
    ['shop-web-1 was told to stop', aReplica({ seen: { signalled: { at: ago('1s'), toEnd: true } } })],
  ])('is left to somebody else: %s', (because, replica) => {
    expect(diagnosisOf([aHealthyReplica({ number: 2 }), replica])).toEqual({ verdict: 'nothing-wrong', because });
  });

  test('is left to somebody else rather than called completed', () => {
    const done = aReplica({ state: 'exited', exitCode: 0 });

    expect(diagnosisOf([done, aReplica({ number: 2, state: 'paused' })]).verdict).toBe('nothing-wrong');
  });
});

describe('several replicas', () => {
  test('ill with the same are one incident, since the first of them fell ill', () => {
    const diagnosis = diagnosisOf([crashed(1, ago('2m')), aReplica({ number: 2 }), crashed(3, ago('4m'))]);

    expect(numbersOf(diagnosis)).toEqual([1, 3]);
    expect(incidentOf(diagnosis)).toMatchObject({
      because: 'shop-web-1 exited with 1 (and 1 more of its replicas)',
      evidence: { exitCode: 1 },
      since: ago('4m'),
    });
  });

  test('ill with different things: those with the condition of the first', () => {
    const diagnosis = diagnosisOf([ailing(1), crashed(2, ago('2m')), ailing(3)]);

    expect(conditionOf(diagnosis)).toBe('unhealthy');
    expect(numbersOf(diagnosis)).toEqual([1, 3]);
  });

  test('ill with different things: those with the condition of the one that the finding is about', () => {
    const stack = aStack([aService({ replicas: [ailing(1), crashed(2, ago('2m')), ailing(3)] })]);
    const finding = aFinding({ target: { project: 'shop', service: 'web', containerId: 'shop-web-2-id' } });

    const diagnosis = diagnose(finding, stack);

    expect(conditionOf(diagnosis)).toBe('exited');
    expect(numbersOf(diagnosis)).toEqual([2]);
  });

  test('one of them ill, another one than the finding is about: that one', () => {
    const stack = aStack([aService({ replicas: [aReplica(), crashed(2, ago('2m'))] })]);
    const finding = aFinding({ target: { project: 'shop', service: 'web', containerId: 'shop-web-1-id' } });

    expect(numbersOf(diagnose(finding, stack))).toEqual([2]);
  });
});

describe('a repair that a person asks for', () => {
  const ask = (differing: { strategy?: string; reason?: string } = {}) => aFinding({ kind: 'asked', ask: differing });

  test('of a service that is well is about all its containers', () => {
    const stack = aStack([aService({ replicas: [aReplica(), aReplica({ number: 2, state: 'paused' })] })]);

    expect(incidentOf(diagnose(ask({ reason: 'new certificate' }), stack))).toMatchObject({
      condition: 'asked',
      because: 'new certificate',
      patients: [{ number: 1 }, { number: 2 }],
    });
  });

  test('has a reason also where the person gave none', () => {
    expect(incidentOf(diagnose(ask(), aStack([aService()]))).because).toBe('a person asked for a repair');
  });

  test('of a service that is ill is about what it is ill with', () => {
    const stack = aStack([aService({ replicas: [aReplica(), crashed(2, ago('2m'))] })]);

    const diagnosis = diagnose(ask(), stack);

    expect(conditionOf(diagnosis)).toBe('exited');
    expect(numbersOf(diagnosis)).toEqual([2]);
  });

  test('of a service without containers is about nothing', () => {
    expect(diagnose(ask(), aStack([])).verdict).toBe('well');
  });
});

describe('the same container, seen with several things at once', () => {
  test.each<[string, string, Replica]>([
    ['a paused one is not unhealthy', 'nothing-wrong', aHealthyReplica({ state: 'paused', health: 'unhealthy' })],
    ['one being removed is not dead', 'nothing-wrong', aReplica({ state: 'removing', exitCode: 1 })],
    [
      'one that loops is not unhealthy',
      'restarting',
      aReplica({ state: 'restarting', health: 'unhealthy', seen: { roundsRestarting: 2 } }),
    ],
    [
      'an unhealthy one that has ended is exited',
      'exited',
      aReplica({ state: 'exited', health: 'unhealthy', exitCode: 1 }),
    ],
  ])('%s', (_sentence, outcome, replica) => {
    expect(conditionOf(diagnosisOf(replica))).toBe(outcome);
  });
});

test('services with hostile names are services like any other', () => {
  for (const service of ['constructor', '__proto__', 'toString']) {
    const stack = aStack([aService({ service, replicas: [aReplica({ service, state: 'exited', exitCode: 1 })] })]);
    const finding = aFinding({ target: { project: 'shop', service } });

    expect(incidentOf(diagnose(finding, stack))).toMatchObject({ service, condition: 'exited' });
    expect(diagnose(finding, aStack([aService()])).verdict).toBe('well');
  }
});
