import { expect, test } from '@jest/globals';
import { decide } from '../../watchdog/decide/decide.ts';
import type { Case } from '../../watchdog/domain/decision.ts';
import { aStandingError } from '../fakes/a-log-error.ts';

import { aCase, ago, anAttempt, anIncident, aPlaybook, aReplica, aService } from '../fakes/a-service.ts';
import { rows } from './gate-rows.ts';

const WEDGED = anAttempt({ outcome: 'failed', code: 'wedged', at: ago('10m') });
const wedged = { past: { attempts: [WEDGED], escalated: false } };
const patient = (number: number) => ({ id: `shop-web-${number}-id`, name: `shop-web-${number}`, number });
/** Replicas of shop/web by when each was started; the incident is about these of them. */
const started = (ats: readonly number[], ...ill: number[]): Partial<Case> => ({
  ...wedged,
  incident: anIncident({ patients: ill.map(patient) }),
  service: aService({ replicas: ats.map((startedAt, i) => aReplica({ number: i + 1, inspected: { startedAt } })) }),
});

rows('a container that the engine could not get hold of', [
  ['is not moved by the start of another replica', started([ago('1h'), ago('5m')], 1), 'no-change'],
  ['is tried again when it was started since, whatever the others do', started([ago('5m'), ago('1h')], 1), 'go'],
  ['is tried again when one of several was', started([ago('5m'), ago('1h')], 1, 2), 'go'],
  [
    'is tried again when it has ended since',
    { ...wedged, service: aService({ replicas: [aReplica({ inspected: { finishedAt: ago('5m') } })] }) },
    'go',
  ],
  [
    'stays so while nobody has looked at it',
    { ...wedged, service: aService({ replicas: [aReplica({ inspected: null })] }) },
    'no-change',
  ],
  ['stays so when its service is not there any more', { ...wedged, service: undefined }, 'no-change'],
  [
    'stays so while another attempt is under way',
    {
      past: {
        attempts: [WEDGED, anAttempt({ at: ago('1m'), endedAt: undefined, outcome: undefined, code: '' })],
        escalated: false,
      },
    },
    'no-change',
  ],
]);

const said = (differing: Partial<Case>) => {
  const decision = decide(aCase(differing));
  return decision.verdict === 'go' ? 'go' : decision.objection.because;
};

test('a playbook that an alert asks for and that leaves it to people is not called unknown', () => {
  const alert = { name: 'Odd', fingerprint: 'f', wants: { kind: 'playbook' as const, name: 'by-hand' } };
  const incident = anIncident({ kind: 'erring', condition: 'alerting', alert });

  expect(said({ incident, playbook: aPlaybook({ name: 'by-hand', ladder: [] }) })).toBe(
    'alerting: no repair of ours helps here; a person has to look',
  );
});

test('only a playbook that would repair is said to wait for an illness', () => {
  const { error } = aStandingError();
  const incident = anIncident({
    kind: 'erring',
    condition: 'port-conflict',
    error: { ...error, sample: '', elseWell: true },
  });
  const left = 'port-conflict: no repair of ours helps here; a person has to look';

  expect(said({ incident, playbook: undefined })).toBe(left);
  expect(said({ incident, playbook: aPlaybook({ ladder: [] }) })).toBe(left);
});

test('an illness of no container is left to people in the same words', () => {
  expect(said({ incident: anIncident({ patients: [] }) })).toBe(
    'unhealthy: no repair of ours helps here; a person has to look',
  );
});
