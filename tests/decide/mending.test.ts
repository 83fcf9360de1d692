import { expect, test } from '@jest/globals';
import { decide } from '../../watchdog/decide/decide.ts';
import type { Case } from '../../watchdog/domain/decision.ts';
import type { Rung } from '../../watchdog/domain/playbook.ts';
import { minutes } from '../../watchdog/domain/time.ts';
import { aStandingError } from '../fakes/a-log-error.ts';
import { aCase, ago, anIncident, aPlaybook, later } from '../fakes/a-service.ts';
import { rows } from './gate-rows.ts';

const { error } = aStandingError({ type: 'DATABASE_CONNECTION', pattern: 'recovering' });

function recovering(since: string, ladder: readonly Rung[] = [], differing: Partial<Case> = {}): Partial<Case> {
  const incident = anIncident({
    kind: 'erring',
    condition: 'database-connection',
    since: ago(since),
    error: { ...error, sample: 'starting up', elseWell: false },
  });
  const playbook = aPlaybook({ name: 'recovers', condition: 'database-connection', ladder, patience: minutes(30) });
  return { incident, playbook, ...differing };
}
const RESTART = [{ strategy: 'restart', with: {} }];

rows('what mends itself by the word of its playbook', [
  ['is left alone for its patience, from the beginning of its trouble', recovering('10m'), 'in-flight', later('20m')],
  ['is left alone also where a ladder stands ready', recovering('10m', RESTART), 'in-flight', later('20m')],
  ["is people's when it takes longer", recovering('30m'), 'no-change'],
  ['is repaired when it takes longer and there is a ladder', recovering('30m', RESTART), 'go'],
  ['is repaired when a person wants it', recovering('10m', RESTART, { asked: {} }), 'go'],
  ['has nothing to do for a person who names no strategy', recovering('10m', [], { asked: {} }), 'no-change'],
  [
    'is only what its log tells of',
    { playbook: aPlaybook({ patience: minutes(30) }), incident: anIncident({ since: ago('10m') }) },
    'go',
  ],
]);

test('people are not told before it takes too long', () => {
  expect(decide(aCase(recovering('10m')))).toMatchObject({
    objection: {
      tell: false,
      because: 'the health check fails; the playbook recovers leaves it alone: it mends itself',
    },
  });
  expect(decide(aCase(recovering('31m')))).toMatchObject({ objection: { tell: true } });
});
