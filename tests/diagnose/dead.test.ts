import { expect, test } from '@jest/globals';
import { ago, aReplica, NOON } from '../fakes/a-service.ts';
import { diagnosisOf, incidentOf } from './a-diagnosis.ts';

test('a container that the engine calls dead is ill since it ended, and says what the engine said', () => {
  const replica = aReplica({ state: 'dead', inspected: { error: 'device is busy', finishedAt: ago('2m') } });

  expect(incidentOf(diagnosisOf(replica))).toMatchObject({
    condition: 'dead',
    because: 'the engine calls shop-web-1 dead: it failed to remove it and cannot start it again',
    evidence: { error: 'device is busy' },
    since: ago('2m'),
  });
});

test('a dead container that nobody could look at is ill since our look', () => {
  const incident = incidentOf(diagnosisOf(aReplica({ state: 'dead', inspected: null })));

  expect(incident).toMatchObject({ condition: 'dead', evidence: {}, since: NOON });
});

test('a dead container that had lost its network is dead', () => {
  const incident = incidentOf(diagnosisOf(aReplica({ state: 'dead', networkParent: 'gone' })));

  expect(incident.condition).toBe('dead');
});
