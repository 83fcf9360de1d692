import { expect, test } from '@jest/globals';
import { decide } from '../../watchdog/decide/decide.ts';
import type { Case } from '../../watchdog/domain/decision.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import type { SizeFacts } from '../../watchdog/domain/size.ts';
import { aRecord, aScaling, aSize, asking, aTrack } from '../fakes/a-scaling.ts';
import { aCase, ago, aHealthyReplica, anAttempt, anIncident, aPlaybook, aService, later } from '../fakes/a-service.ts';
import { rows } from './gate-rows.ts';

const SCALE = aPlaybook({ name: 'mis-sized', condition: 'mis-sized', ladder: [{ strategy: 'scale', with: {} }] });

/** shop/web has three replicas and its load asks for five. */
const misSized = (size: Partial<SizeFacts> = {}, differing: Partial<Case> = {}): Partial<Case> => ({
  incident: anIncident({ kind: 'mis-sized', condition: 'mis-sized', patients: [] }),
  service: aService({ replicas: [aHealthyReplica()] }),
  playbook: SCALE,
  onService: ['scale'],
  dangers: { scale: 'service' },
  size: aSize({ recommendation: asking(5), ...size }),
  ...differing,
});

const BACKLOG = {
  fingerprint: 'f',
  name: 'CeleryQueueBacklog',
  wants: { kind: 'strategy' as const, name: 'scale' },
};
const byAlert = (size: Partial<SizeFacts> = {}) =>
  misSized(size, { incident: anIncident({ kind: 'erring', condition: 'alerting', alert: BACKLOG }) });

const healedOften = Array.from({ length: 20 }, (_, i) =>
  anAttempt({ at: ago(`${40 - i}m`), outcome: 'healed', code: 'proven', strategy: 'scale', replicas: [] }),
);

rows('the size of a service', [
  ['is changed when the load asks for it', misSized(), 'go'],
  ['stays where it cannot be scaled', misSized({ obstacle: 'container_name: web fixes its name' }), 'sizing'],
  ['waits until the service was healed', misSized({}, { ailing: true }), 'sizing'],
  ['stays inside its limits', misSized({ scaling: aScaling({ max: 3 }) }), 'sizing'],
  [
    'stays while less was asked for within the window',
    misSized({ recommendation: asking(1), record: aRecord({ track: aTrack([[1_000, 3]]) }) }),
    'sizing',
  ],
  [
    'is held by no cap and no cooldown, however often it was changed',
    misSized({}, { past: { attempts: healedOften, escalated: false } }),
    'go',
  ],
  [
    'is left to people when three changes within the window did not work',
    misSized(
      {},
      { past: { attempts: [ago('50m'), ago('40m'), ago('30m')].map(at => anAttempt({ at })), escalated: false } },
    ),
    'attempt-cap',
    later('10m'),
  ],
  [
    'is left alone in a pause',
    misSized({}, { pause: { by: 'person', until: undefined, reason: 'a release' } }),
    'paused',
  ],
  ['waits for the end of what somebody has told to stop', misSized({}, toldToStop('20s')), 'in-flight'],
  ['but not for ever', misSized({}, toldToStop('10m')), 'go'],
  ['nor for what has ended already', misSized({}, toldToStop('20s', { state: 'exited' })), 'go'],
  [
    'leaves what is ill to be repaired while another replica is told to stop',
    {
      service: aService({
        replicas: [aHealthyReplica({ health: 'unhealthy' }), ...(toldToStop('20s').service?.replicas.slice(1) ?? [])],
      }),
    },
    'go',
  ],
  ['waits for it also when an alert asks', { ...byAlert(), ...toldToStop('20s') }, 'in-flight'],
  [
    'is nothing that an alert can ask for where the service is not scaled',
    { ...byAlert(), size: undefined },
    'no-change',
  ],
  ['is changed for an alert within the limits', byAlert({ recommendation: asking(3) }), 'go'],
  ['is not changed for an alert beyond them', byAlert({ scaling: aScaling({ max: 3 }) }), 'sizing'],
]);

/** So long ago somebody told one of two replicas to end; it has not yet. */
function toldToStop(before: string, differing: Pick<Partial<Replica>, 'state'> = {}): Partial<Case> {
  const leaving = aHealthyReplica({ number: 2, ...differing, seen: { signalled: { at: ago(before), toEnd: true } } });
  return { service: aService({ replicas: [aHealthyReplica(), leaving] }) };
}

const orderOf = (differing: Partial<Case>) => decide(aCase(differing)).order;
const objectionTo = (differing: Partial<Case>) => {
  const decision = decide(aCase(differing));
  return decision.verdict === 'go' ? undefined : decision.objection;
};

test('the order says how many, from how many, and what led to it, and names no container', () => {
  expect(orderOf(misSized())).toMatchObject({
    strategy: 'scale',
    with: { replicas: 5, from: 3, reason: 'signals' },
    targets: [],
  });
  expect(orderOf(misSized({ current: 0, scaling: aScaling({ min: 0 }) }))?.with).toMatchObject({
    replicas: 4,
    from: 0,
  });
  expect(orderOf(misSized({ current: 9, scaling: aScaling({ max: 7 }) }))?.with).toEqual({
    replicas: 7,
    from: 9,
    reason: 'maximum',
  });
  expect(orderOf(misSized({ current: 1, scaling: aScaling({ min: 2 }) }))?.with).toMatchObject({ reason: 'minimum' });
});

test('an alert gets one more than the signals ask for, or than there are', () => {
  expect(orderOf(byAlert())?.with).toEqual({ replicas: 6, from: 3, reason: 'alert' });
  expect(orderOf(byAlert({ recommendation: asking(1) }))?.with).toMatchObject({ replicas: 4 });
});

test('a number that the playbook itself names stands', () => {
  const playbook = aPlaybook({ ladder: [{ strategy: 'scale', with: { replicas: 2 } }] });

  expect(orderOf(misSized({}, { playbook }))?.with).toEqual({ replicas: 2 });
});

test('what an alert adds is said beside what the signals ask for', () => {
  expect(objectionTo(byAlert({ scaling: aScaling({ max: 3 }) }))?.because).toBe(
    'the alert CeleryQueueBacklog asks for one more; cpu asks for 5; its max is 3: stays at 3',
  );
});

test('a size that is left alone says on whose account', () => {
  const chosen = { at: ago('1m'), before: { all: 1, composes: 1 } };
  const two = aService({ replicas: [aHealthyReplica(), aHealthyReplica({ number: 2 })] });

  expect(objectionTo(misSized({ record: aRecord({ chosen }) }, { service: two }))?.because).toBe(
    'somebody brought it from 1 to 2 replicas, which is respected for a while',
  );
  expect(objectionTo(misSized({}, toldToStop('20s')))?.because).toBe(
    'shop-web-2 was told to stop by somebody, and has not ended yet',
  );
});

test('an alert calls nobody for a service at its max: its load does', () => {
  const record = aRecord({ pinnedSince: ago('1h') });

  expect(objectionTo(byAlert({ scaling: aScaling({ max: 3 }), record }))).toMatchObject({
    code: 'sizing',
    tell: false,
  });
});

test('people hear of a service that wants more than its max when it has done so for ten minutes', () => {
  const pinned = (since: string) =>
    misSized({ scaling: aScaling({ max: 3 }), record: aRecord({ pinnedSince: ago(since) }) });

  expect(objectionTo(pinned('9m'))).toMatchObject({ code: 'sizing', tell: false });
  expect(objectionTo(pinned('10m'))).toMatchObject({
    tell: true,
    because: expect.stringContaining('more than its max of 3 for 10m'),
  });
});
