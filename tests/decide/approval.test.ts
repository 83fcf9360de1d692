import { expect, test } from '@jest/globals';
import { decide } from '../../watchdog/decide/decide.ts';
import { type Approval, type Consent, deedOf } from '../../watchdog/domain/approval.ts';
import type { Case } from '../../watchdog/domain/decision.ts';
import type { Danger } from '../../watchdog/domain/repair.ts';
import { hours } from '../../watchdog/domain/time.ts';
import { aCase, ago, anApproval, anAttempt, anOrder, aPlaybook, later, NOON } from '../fakes/a-service.ts';
import { rows } from './gate-rows.ts';

const ladder = (strategy: string) => ({ playbook: aPlaybook({ ladder: [{ strategy, with: {} }] }) });
const wiping = anOrder({ strategy: 'wipe' });

rows('what needs a yes', [
  ['waits for one when it touches data', ladder('wipe'), 'approval', later('1d')],
  ['waits for one when it touches the host', ladder('prune-host'), 'approval', later('1d')],
  ['goes where the operator allowed it beforehand', { ...ladder('wipe'), consent: consent({}, ['wipe']) }, 'go'],
  [
    'is not allowed by a yes to another strategy',
    { ...ladder('wipe'), consent: consent({}, ['prune-host']) },
    'approval',
    later('1d'),
  ],
  ['waits for the answer until the question expires', asking({ state: 'waiting' }), 'approval', later('1h')],
  ['goes with a yes to exactly this', asking({ state: 'granted' }), 'go'],
  ['does not go with a yes that was used already', asking({ state: 'used' }), 'approval', later('1d')],
  [
    'asks anew when the yes was not used in time',
    asking({ state: 'granted', expiresAt: NOON }),
    'approval',
    later('1d'),
  ],
  ['asks anew after a resume', asking({ state: 'withdrawn' }), 'approval', later('1d')],
  ['is left to people after a no', asking({ state: 'refused' }), 'approval'],
  ['is left to people after silence', asking({ state: 'waiting', expiresAt: NOON }), 'approval'],
  [
    'does not go with a yes for another container',
    asking({
      state: 'granted',
      deed: deedOf({ ...wiping, targets: [{ id: 'another', name: 'shop-web-1', number: 1 }] }),
    }),
    'approval',
    later('1d'),
  ],
  [
    'does not go with a yes to other parameters',
    asking({ state: 'granted', deed: deedOf({ ...wiping, with: { path: '/' } }) }),
    'approval',
    later('1d'),
  ],
  ['is whatever its playbook says touches data', declared('restart', 'data'), 'approval', later('1d')],
  ['is not made harmless by its playbook', declared('wipe', 'none'), 'approval', later('1d')],
  ['is not what its playbook says interrupts the service only', declared('restart', 'service'), 'go'],
  ['asking for it is not yet the yes', { asked: { strategy: 'wipe' } }, 'approval'],
  ['goes when the person who asks says yes as well', { asked: { strategy: 'wipe', approved: true } }, 'go'],
]);

const spent = { past: { attempts: [anAttempt({ at: ago('40m') })], escalated: true } };

rows('the cap and a yes', [
  ['does not hold back what a person said yes to', { ...asking({ state: 'granted' }), ...spent }, 'go'],
  [
    'holds back what was allowed beforehand',
    { ...ladder('wipe'), consent: consent({}, ['wipe']), ...spent },
    'attempt-cap',
    later('20m'),
  ],
  [
    'holds back what needs no yes, whatever the yes was to',
    { ...asking({ state: 'granted' }), ...ladder('restart'), ...spent },
    'attempt-cap',
    later('20m'),
  ],
]);

rows('a ladder of which people are asked about the second rung', [
  [
    'waits there, though the failure of the first is forgotten',
    climbing({ state: 'waiting' }),
    'approval',
    later('1h'),
  ],
  ['goes on there with a yes', climbing({ state: 'granted' }), 'go'],
]);

test.each<[sentence: string, state: Approval['state'], expiresAt: number, strategy: string]>([
  ['is not left for the first while they think', 'waiting', later('1h'), 'wipe'],
  ['is not left for the first when they have said yes', 'granted', later('1h'), 'wipe'],
  ['is left after a no', 'refused', later('1h'), 'restart'],
  ['is left after silence', 'waiting', NOON, 'restart'],
  ['is left when the yes has lapsed', 'granted', NOON, 'restart'],
  ['is left when the yes is used', 'used', later('1h'), 'restart'],
])('the rung that people are asked about %s', (_sentence, state, expiresAt, strategy) => {
  expect(decide(aCase(climbing({ state, expiresAt }))).order?.strategy).toBe(strategy);
});

test('what people are asked about by another playbook moves nothing', () => {
  const playbook = aPlaybook({
    ladder: [
      { strategy: 'restart', with: {} },
      { strategy: 'prune-host', with: {} },
    ],
  });

  expect(decide(aCase({ ...climbing({ state: 'granted' }), playbook })).order?.strategy).toBe('restart');
});

function climbing(differing: Partial<Approval>): Partial<Case> {
  const rungs = ['restart', 'wipe'].map(strategy => ({ strategy, with: {} }));
  return { playbook: aPlaybook({ ladder: rungs }), consent: consent(differing) };
}

function consent(differing: Partial<Approval>, beforehand: readonly string[] = []): Consent {
  const approvals = Object.keys(differing).length === 0 ? [] : [anApproval({ deed: deedOf(wiping), ...differing })];
  return { beforehand, approvals, wait: hours(24) };
}

function declared(strategy: string, danger: Danger): Partial<Case> {
  return { playbook: aPlaybook({ ladder: [{ strategy, with: {}, danger }] }) };
}

test('what a command would be is asked word for word, without its secrets', () => {
  const argv = ['app', '--password', 'hunter2', 'drop it'];
  const playbook = aPlaybook({ ladder: [{ strategy: 'wipe', with: { argv } }] });

  expect(decide(aCase({ playbook }))).toMatchObject({
    objection: {
      asks: 'wipe with argv=["app","--password","***","drop it"] on shop-web-1 of shop/web: empties a folder (touches data)',
    },
  });
});

function asking(differing: Partial<Approval>): Partial<Case> {
  return { ...ladder('wipe'), consent: consent(differing) };
}

test('a question says what would be done, to which container, and how to say yes', () => {
  const first = decide(aCase({ ...ladder('wipe') }));
  const waiting = decide(aCase(asking({ state: 'waiting', what: 'wipe on shop-web-1' })));

  expect(first).toMatchObject({
    objection: { asks: 'wipe on shop-web-1 of shop/web: empties a folder (touches data)' },
  });
  expect(waiting).toMatchObject({
    objection: { because: expect.stringContaining('wipe on shop-web-1; watchdog approve 7 --order 3') },
  });
});

test.each<[sentence: string, differing: Partial<Case>, because: string, people: 'told' | 'left alone']>([
  [
    'a no is respected until somebody takes it back',
    asking({ state: 'refused' }),
    'somebody said no to wipe on shop-web-1 of shop/web: empties a folder (touches data); after watchdog resume it is asked anew',
    'told',
  ],
  [
    'silence is no yes',
    asking({ state: 'waiting', expiresAt: NOON }),
    'nobody said yes within 1d to wipe on shop-web-1 of shop/web: empties a folder (touches data); after watchdog resume it is asked anew',
    'told',
  ],
  [
    'whoever asks for it hears how to say that it is meant, and nobody else is called',
    { asked: { strategy: 'wipe' } },
    'wipe on shop-web-1 of shop/web: empties a folder (touches data); to say yes with the wish: watchdog repair web --strategy wipe --approve',
    'left alone',
  ],
])('%s', (_sentence, differing, because, people) => {
  expect(decide(aCase(differing))).toMatchObject({ objection: { because, tell: people === 'told' } });
});

test('people are called while a question waits', () => {
  expect(decide(aCase(asking({ state: 'waiting' })))).toMatchObject({ objection: { tell: true } });
});
