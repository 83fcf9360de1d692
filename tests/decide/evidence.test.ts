import { describe, expect, test } from '@jest/globals';
import { decide } from '../../watchdog/decide/decide.ts';
import { aCase, anIncident, aPlaybook, aPolicy } from '../fakes/a-service.ts';
import { rows } from './gate-rows.ts';

const attacked = anIncident({
  kind: 'attacked',
  condition: 'attacked',
  because: 'the log of shop-redis-1 tells of an attack: root',
});
const wiping = { playbook: aPlaybook({ ladder: [{ strategy: 'wipe', with: {} }] }) };
const allowed = { ...aCase().consent, beforehand: ['wipe'] };

rows('what was attacked', [
  ['is left as it is, whatever else is wrong with it', { attack: '7' }, 'evidence'],
  ['is repaired again when a person has resolved that', { attack: undefined }, 'go'],
  ['is not touched where people allowed it beforehand', { attack: '7', ...wiping, consent: allowed }, 'evidence'],
  ['is repaired as a person asks for', { attack: '7', asked: {} }, 'go'],
  [
    'is not repaired as a person asks for, where that touches data',
    { attack: '7', asked: { strategy: 'wipe', approved: true } },
    'evidence',
  ],
  [
    'is nobody’s to touch, where nothing says what would be done',
    { attack: '7', playbook: undefined, asked: {} },
    'evidence',
  ],
]);

describe('an attack', () => {
  test('is never repaired, and people hear what it is and what to do', () => {
    const decision = decide(aCase({ incident: attacked, playbook: aPlaybook({ condition: 'attacked' }) }));

    expect(decision).toMatchObject({
      verdict: 'stand-back',
      objection: { code: 'evidence', until: undefined, tell: true },
    });
    expect(decision.verdict === 'stand-back' && decision.objection.because).toMatch(
      /^the log of shop-redis-1 tells of an attack: root\. Nothing is repaired, .* watchdog errors resolve/,
    );
  });

  test.each([
    ['taken out of repair', { policy: aPolicy({ enabled: false }) }],
    ['only observed', { policy: aPolicy({ mode: 'observe' }) }],
    ['paused', { pause: { by: 'person', until: undefined, reason: 'a demo' } as const }],
  ])('of a service that is %s is told all the same', (_sentence, differing) => {
    expect(decide(aCase({ incident: attacked, ...differing }))).toMatchObject({
      objection: { code: 'evidence', tell: true },
    });
  });

  test('of a project that is not watched is nobody’s', () => {
    const facts = aCase({ incident: attacked, scope: { projects: ['blog'], selfId: undefined } });

    expect(decide(facts)).toMatchObject({ objection: { code: 'out-of-scope' } });
  });
});
