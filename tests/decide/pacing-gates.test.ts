import type { Case } from '../../watchdog/domain/decision.ts';
import type { Headcount } from '../../watchdog/domain/headcount.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { aRecord, aSize, asking } from '../fakes/a-scaling.ts';
import {
  ago,
  aHealthyReplica,
  anAttempt,
  anIncident,
  aPlaybook,
  aPolicy,
  aReplica,
  aService,
  aStack,
  later,
  NOON,
} from '../fakes/a-service.ts';
import { attempts, capped, healed, needs, rows } from './gate-rows.ts';

const ailing = { incident: anIncident({ kind: 'ailing' }), playbook: aPlaybook() };
const deployed = (at: number) => ({ stack: aStack([aService()], { lastDeployAt: at }) });

rows('in flight', [
  ['waits while a deploy is under way', deployed(ago('4s')), 'in-flight', later('6s')],
  ['waits no longer when it has been quiet', deployed(ago('10s')), 'go'],
  ['does not wait for the hours by which the clock was set back', deployed(later('2h')), 'go'],
  [
    'waits for whoever made a container to start it',
    { incident: anIncident({ condition: 'never-started', since: ago('10s') }) },
    'in-flight',
    later('20s'),
  ],
  ['not for ever', { incident: anIncident({ condition: 'never-started', since: ago('30s') }) }, 'go'],
  [
    'awaits the next probe of a service whose dependency has just recovered',
    justRecovered(seconds(5)),
    'in-flight',
    NOON - seconds(5) + seconds(14),
  ],
  ['takes that next probe for an answer', justRecovered(seconds(14)), 'go'],
  [
    'believes a probe that was made after the dependency had recovered',
    { ...justRecovered(seconds(5)), incident: anIncident({ since: ago('1s') }) },
    'go',
  ],
  ['respects the number of replicas that a person chose', resized(minutes(9)), 'in-flight', later('1m')],
  ['for a while', resized(minutes(10)), 'go'],
  ['but brings back what a plain up has taken', resized(minutes(1), { all: 4, composes: 2 }), 'go'],
  ['and repairs what is ill all the same', { ...resized(minutes(1)), ...ailing }, 'go'],
  [
    'respects it whoever asks for another one',
    { ...resized(minutes(9)), incident: anIncident({ kind: 'erring', patients: [] }) },
    'in-flight',
    later('1m'),
  ],
  ['but not against the same person', { ...resized(minutes(9)), asked: { strategy: 'scale' } }, 'go'],
  ['does not hold back a person', { ...deployed(NOON), asked: {} }, 'go'],
]);

/** So long ago somebody made two replicas of what there was before; the load asks for five. */
function resized(ago: number, before: Headcount = { all: 1, composes: 1 }): Partial<Case> {
  const web = aService({ replicas: [aHealthyReplica(), aHealthyReplica({ number: 2 })] });
  return {
    incident: anIncident({ kind: 'mis-sized', patients: [] }),
    playbook: aPlaybook({ ladder: [{ strategy: 'scale', with: {} }] }),
    onService: ['scale'],
    dangers: { restart: 'none', scale: 'none' },
    service: web,
    stack: aStack([web]),
    size: aSize({
      recommendation: asking(5),
      current: 2,
      record: aRecord({ chosen: { at: NOON - ago, before } }),
    }),
  };
}

/** The dependency recovered so long ago, and the service was last probed just before. */
function justRecovered(before: number): Partial<Case> {
  const web = aService({
    dependencies: [needs('db')],
    replicas: [aHealthyReplica({ health: 'unhealthy' })],
  });
  const db = aService({ service: 'db', replicas: [aReplica({ inspected: { startedAt: NOON - before } })] });
  return {
    incident: anIncident({ since: NOON - before - 1 }),
    service: web,
    stack: aStack([web, db]),
  };
}

const withDb = (db: ReturnType<typeof aService> | undefined, needed = needs('db')): Partial<Case> => {
  const web = aService({ dependencies: [needed] });
  return { service: web, stack: aStack(db === undefined ? [web] : [web, db]) };
};
const dbOf = (...replicas: ReturnType<typeof aReplica>[]) => aService({ service: 'db', replicas });

rows('a dependency', [
  ['that is sick goes first', withDb(dbOf(aHealthyReplica({ health: 'unhealthy' }))), 'dependency'],
  ['that is starting is waited for', withDb(dbOf(aHealthyReplica({ health: 'starting' }))), 'dependency'],
  ['that is stopped is waited for', withDb(dbOf(aReplica({ state: 'exited', exitCode: 1 }))), 'dependency'],
  ['with one well replica is well enough', withDb(dbOf(aReplica({ state: 'exited' }), aReplica())), 'go'],
  ['that is not deployed here is nobody to wait for', withDb(undefined), 'go'],
  [
    'that nobody will heal is not waited for',
    { ...withDb(dbOf(aReplica({ state: 'dead' }))), beyondRepair: ['db'] },
    'go',
  ],
  [
    'that we are at ourselves right now is waited for',
    { ...withDb(dbOf(aReplica())), underRepair: ['db'] },
    'dependency',
  ],
  [
    'that has completed its work is well',
    withDb(dbOf(aReplica({ state: 'exited', exitCode: 0 })), needs('db', 'completed')),
    'go',
  ],
  [
    'that serves and has ended with 0 is not',
    withDb(dbOf(aHealthyReplica({ state: 'exited', health: 'none', exitCode: 0 })), needs('db', 'started')),
    'dependency',
  ],
  [
    'that has not completed its work is not',
    withDb(dbOf(aReplica({ state: 'exited', exitCode: 2 })), needs('db', 'completed')),
    'dependency',
  ],
  [
    'that should be healthy and has ended is not well, whatever it ended with',
    withDb(dbOf(aReplica({ state: 'exited', exitCode: 0 })), needs('db', 'healthy')),
    'dependency',
  ],
  ['does not hold back a person', { ...withDb(dbOf(aReplica({ state: 'dead' }))), asked: {} }, 'go'],
  ['called `constructor` is a dependency like any other', withDb(undefined, needs('constructor')), 'go'],
  ['called `__proto__` as well', withDb(undefined, needs('__proto__')), 'go'],
]);

rows('a storm', [
  ['closes the gate when the budget is spent', storm(60), 'storm', ago('9m') + minutes(10)],
  ['lets go while there is budget left', storm(59), 'go'],
  ['does not count what was before the clock was set back by hours', storm(60, later('2h')), 'go'],
  ['does not hold back a person', { ...storm(60), asked: {} }, 'go'],
]);

function storm(repairs: number, since = ago('9m')): Partial<Case> {
  const recent = Array.from({ length: repairs }, (_, n) => since + n);
  return { host: { repairsInStormWindow: [ago('10m'), ...recent], stormLimit: 60, stormWindow: minutes(10) } };
}

rows('the cap', [
  ['lets a third attempt go', capped(false, '30m', '20m'), 'go'],
  [
    'stops the fourth, until the first is out of the window',
    capped(false, '40m', '30m', '20m'),
    'attempt-cap',
    later('20m'),
  ],
  ['does not count what is out of the window', capped(false, '60m', '30m', '20m'), 'go'],
  [
    'does not count what was before the clock was set back by hours',
    { past: { attempts: [2, 3, 4].map(n => anAttempt({ at: later(`${n}h`) })), escalated: false } },
    'go',
  ],
  [
    'is the playbook’s where that has one',
    { ...capped(false, '20m'), playbook: aPlaybook({ attempts: 1 }) },
    'attempt-cap',
    later('40m'),
  ],
  [
    'once used up lets nothing go until the window is empty',
    capped(true, '40m', '30m', '20m'),
    'attempt-cap',
    later('40m'),
  ],
  ['then lets one go', capped(true, '70m', '65m', '60m'), 'go'],
  ['and not a second one', capped(true, '65m', '60m', '10m'), 'attempt-cap', later('50m')],
  [
    'counts an attempt that is under way',
    {
      past: {
        attempts: [...attempts('40m', '30m'), anAttempt({ at: NOON, endedAt: undefined, outcome: undefined })],
        escalated: false,
      },
    },
    'attempt-cap',
    later('20m'),
  ],
  ['does not hold back a person', { ...capped(true, '40m', '30m', '20m'), asked: {} }, 'go'],
]);

rows('the cooldown', [
  [
    'keeps away from what was healed a moment ago',
    { past: { attempts: [healed(ago('2m'))], escalated: false } },
    'cooldown',
    ago('2m') + seconds(5) + minutes(5),
  ],
  ['is over when it is over', { past: { attempts: [healed(ago('5m') - seconds(5))], escalated: false } }, 'go'],
  [
    'is the playbook’s where that has one',
    { past: { attempts: [healed(ago('6m'))], escalated: false }, playbook: aPlaybook({ cooldown: minutes(10) }) },
    'cooldown',
    ago('6m') + seconds(5) + minutes(10),
  ],
  [
    'of one replica does not make the others wait',
    { past: { attempts: [healed(ago('1m'), [2])], escalated: false } },
    'go',
  ],
  ['does not hold back a person', { past: { attempts: [healed(ago('2m'))], escalated: false }, asked: {} }, 'go'],
]);

rows('the backoff', [
  [
    'waits after a failure',
    { past: { attempts: [anAttempt({ at: ago('10s') })], escalated: false } },
    'backoff',
    ago('10s') + seconds(15),
  ],
  [
    'waits twice as long after the second',
    { past: { attempts: [anAttempt({ at: ago('1m') }), anAttempt({ at: ago('10s') })], escalated: false } },
    'backoff',
    ago('10s') + seconds(25),
  ],
  [
    'begins anew after a success',
    {
      past: {
        attempts: [...attempts('30m', '29m'), healed(ago('20m')), anAttempt({ at: ago('15s') })],
        escalated: false,
      },
      policy: aPolicy({ maxAttempts: 9 }),
    },
    'go',
  ],
  [
    'does not last for the hours by which the clock was set back',
    { past: { attempts: [anAttempt({ at: later('2h') })], escalated: false } },
    'go',
  ],
  [
    'counts a repair that was interrupted',
    { past: { attempts: [anAttempt({ at: ago('10s'), outcome: 'interrupted', code: 'crash' })], escalated: false } },
    'backoff',
    ago('10s') + seconds(15),
  ],
  [
    'does not hold back a person',
    { past: { attempts: [anAttempt({ at: ago('6s') })], escalated: false }, asked: {} },
    'go',
  ],
]);
