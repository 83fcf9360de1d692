import { describe, expect, test } from '@jest/globals';
import { MADE_LABEL } from '../../watchdog/domain/scaling.ts';
import type { Service } from '../../watchdog/domain/service.ts';
import { ago, aReplica, aService } from '../fakes/a-service.ts';
import { conditionOf, diagnosisOf, incidentOf } from './a-diagnosis.ts';

const created = (error = '') =>
  aReplica({ state: 'created', createdAt: ago('5m'), inspected: { error, startedAt: undefined } });

const beside = (startedAt: number, differing: Parameters<typeof aReplica>[0] = {}): Service => {
  const place = { project: differing.project ?? 'shop', service: 'db' };
  return aService({ ...place, replicas: [aReplica({ ...place, ...differing, inspected: { startedAt } })] });
};

describe('a container that was created and does not run', () => {
  test('could not be started where the engine says why', () => {
    expect(incidentOf(diagnosisOf(created('port is already allocated')))).toMatchObject({
      condition: 'never-started',
      because: 'shop-web-1 could not be started: port is already allocated',
      evidence: { error: 'port is already allocated' },
      since: ago('5m'),
    });
  });

  test('was left behind by an `up` that was broken off, where another service was started after it was made', () => {
    expect(incidentOf(diagnosisOf(created(), beside(ago('4m'))))).toMatchObject({
      condition: 'never-started',
      because: 'shop-web-1 was created but never started',
      evidence: {},
      since: ago('5m'),
    });
  });

  test.each<[string, Service[]]>([
    ['nothing else was started', []],
    ['the others had been running before it was made', [beside(ago('6m'))]],
    ['another one was started since and has ended again', [beside(ago('4m'), { state: 'exited', exitCode: 0 })]],
    ['only another project was started since', [beside(ago('4m'), { project: 'other' })]],
  ])('was created on purpose where %s', (_sentence, others) => {
    expect(diagnosisOf(created(), ...others)).toEqual({
      verdict: 'nothing-wrong',
      because: 'shop-web-1 was created and not started on purpose',
    });
  });

  test('is left alone, whatever else it is, while it is kept of a service that was scaled to nothing', () => {
    const seed = aReplica({ state: 'created', labels: { [MADE_LABEL]: 'seed' } });

    expect(diagnosisOf(seed)).toMatchObject({
      verdict: 'well',
      because: 'shop-web-1 is kept for the time when a replica is needed again',
    });
  });

  test('is not judged before anybody has looked at it', () => {
    expect(diagnosisOf(aReplica({ state: 'created', createdAt: ago('5m'), inspected: null }))).toEqual({
      verdict: 'nothing-wrong',
      because: 'shop-web-1 was created and not started on purpose',
    });
  });

  test('was left behind beside a replica of its own service that was started', () => {
    const sibling = aReplica({ number: 2, inspected: { startedAt: ago('4m') } });

    expect(conditionOf(diagnosisOf([created(), sibling]))).toBe('never-started');
  });
});
