import { describe, expect, test } from '@jest/globals';
import { decide, explainGates } from '../../watchdog/decide/decide.ts';
import { type Case, GATE_CODES, type GateCode } from '../../watchdog/domain/decision.ts';
import type { Dependency } from '../../watchdog/domain/service.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import {
  aCase,
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

type Row = readonly [sentence: string, differing: Partial<Case>, code: GateCode | 'go', until?: number];

/** The gate's code and when looking again helps; `go` where none objects. */
function answer(facts: Case): readonly [GateCode | 'go', number | undefined] {
  const decision = decide(facts);
  return decision.verdict === 'go' ? ['go', undefined] : [decision.objection.code, decision.objection.until];
}

const rows = (about: string, table: readonly Row[]) =>
  describe(about, () => {
    // Whole rows, because jest fills up short ones with its own `done`.
    test.each(table.map(([sentence, ...row]) => ({ sentence, row })))(
      '$sentence',
      ({ row: [differing, code, until] }) => {
        expect(answer(aCase(differing))).toEqual([code, until]);
      },
    );
  });

const needs = (service: string, condition: Dependency['condition'] = 'started'): Dependency => ({
  service,
  condition,
  restart: false,
});
const healed = (at: number, replicas = [1]) => anAttempt({ at, outcome: 'healed', code: 'proven', replicas });

rows('nothing in the way', [['lets the repair go', {}, 'go']]);

rows('ourselves', [
  ['never touches its own container', { scope: { projects: '*', selfId: 'shop-web-1-id' } }, 'ourselves'],
  ['lets another container of its project be repaired', { scope: { projects: '*', selfId: 'me' } }, 'go'],
  [
    'knows its own image by its label where it does not know its id',
    { service: aService({ replicas: [aReplica({ labels: { 'compose-watchdog.self': 'true' } })] }) },
    'ourselves',
  ],
  ['not even when a person asks', { scope: { projects: '*', selfId: 'shop-web-1-id' }, asked: {} }, 'ourselves'],
]);

rows('out of scope', [
  ['leaves other projects alone', { scope: { projects: ['blog'], selfId: undefined } }, 'out-of-scope'],
  ['repairs the projects it was given', { scope: { projects: ['blog', 'shop'], selfId: undefined } }, 'go'],
  [
    'is never left for the host itself',
    { ...theEngine(), scope: { projects: ['blog'], selfId: undefined } },
    'no-change',
  ],
  ['stays out when a person asks', { scope: { projects: [], selfId: undefined }, asked: {} }, 'out-of-scope'],
]);

rows('opt out', [
  ['leaves a service alone that its owner took out', { policy: aPolicy({ enabled: false }) }, 'opt-out'],
  ['leaves a service alone whose labels cannot be read', { policy: aPolicy({ problems: ['bad label'] }) }, 'opt-out'],
  ['holds when a person asks', { policy: aPolicy({ enabled: false }), asked: {} }, 'opt-out'],
]);

rows('observe mode', [
  ['touches nothing', { policy: aPolicy({ mode: 'observe' }) }, 'observe-only'],
  ['touches nothing when a person asks', { policy: aPolicy({ mode: 'observe' }), asked: {} }, 'observe-only'],
]);

rows('a pause', [
  [
    'of a person holds until it is over',
    { pause: { by: 'person', until: later('5m'), reason: 'demo' } },
    'paused',
    later('5m'),
  ],
  ['of a person can be for ever', { pause: { by: 'person', until: undefined, reason: 'demo' } }, 'paused'],
  [
    'holds when a person asks',
    { pause: { by: 'maintenance', until: later('1h'), reason: '' }, asked: {} },
    'paused',
    later('1h'),
  ],
  [
    'of the container itself is not ended by a repair that a person asks for',
    { service: aService({ replicas: [aReplica({ state: 'paused' })] }), asked: {} },
    'paused',
  ],
]);

const stopped = (at: number) => anIncident({ condition: 'exited', stoppedByHandAt: at });
const down = (service: string, at: number | undefined, differing = {}) =>
  aService({
    service,
    replicas: [aReplica({ service, state: 'exited', exitCode: 0, seen: { stoppedByHandAt: at }, ...differing })],
  });
const inProject = (...services: readonly ReturnType<typeof aService>[]): Partial<Case> => ({
  service: services[0],
  stack: aStack(services),
});

rows('a stop by hand', [
  [
    'is left for a grace',
    { incident: stopped(ago('10s')), ...inProject(down('web', ago('10s')), aService({ service: 'db' })) },
    'operator-stop',
    later('20s'),
  ],
  [
    'is undone after the grace',
    { incident: stopped(ago('30s')), ...inProject(down('web', ago('30s')), aService({ service: 'db' })) },
    'go',
  ],
  [
    'gets its grace from our start on when nobody watched before',
    {
      incident: stopped(ago('1d')),
      watchingSince: ago('5s'),
      ...inProject(down('web', ago('1d')), aService({ service: 'db' })),
    },
    'operator-stop',
    later('25s'),
  ],
  [
    'is respected for ever where that is asked for',
    {
      incident: stopped(ago('1d')),
      policy: aPolicy({ onStop: 'respect' }),
      ...inProject(down('web', ago('1d')), aService({ service: 'db' })),
    },
    'operator-stop',
  ],
  [
    'waits for the others while the project is still going down',
    {
      incident: stopped(ago('10m')),
      ...inProject(
        down('web', ago('10m')),
        aService({ service: 'db', replicas: [aReplica({ seen: { signalled: { at: ago('2s'), toEnd: true } } })] }),
      ),
    },
    'operator-stop',
    later('5s'),
  ],
  [
    'of the whole project is respected',
    { incident: stopped(ago('1d')), ...inProject(down('web', ago('1d')), down('db', ago('1d'))) },
    'operator-stop',
  ],
  [
    'of the whole project is respected by what had crashed before as well',
    {
      incident: anIncident({ condition: 'exited' }),
      ...inProject(
        down('web', undefined, { exitCode: 1, inspected: { finishedAt: ago('2h') } }),
        down('db', ago('1h')),
      ),
    },
    'operator-stop',
  ],
  [
    'of one service does not keep another from being repaired that crashed afterwards',
    {
      incident: anIncident({ condition: 'exited' }),
      ...inProject(
        down('web', undefined, { exitCode: 1, inspected: { finishedAt: ago('1h') } }),
        down('db', ago('2h')),
      ),
    },
    'go',
  ],
  [
    'of the only other service beside the watchdog is the stop of one service',
    {
      incident: stopped(ago('1h')),
      scope: { projects: '*', selfId: 'shop-watchdog-1-id' },
      ...inProject(
        down('web', ago('1h')),
        aService({ service: 'watchdog', replicas: [aReplica({ service: 'watchdog' })] }),
      ),
    },
    'go',
  ],
  [
    'of all but the watchdog is the stop of the whole project',
    {
      incident: stopped(ago('1h')),
      scope: { projects: '*', selfId: 'shop-watchdog-1-id' },
      ...inProject(
        down('web', ago('1h')),
        down('db', ago('1h')),
        aService({ service: 'watchdog', replicas: [aReplica({ service: 'watchdog' })] }),
      ),
    },
    'operator-stop',
  ],
  [
    'does not bind the person who asks for a start',
    { incident: stopped(NOON), asked: {}, ...inProject(down('web', NOON), down('db', NOON)) },
    'go',
  ],
]);

rows('no change', [
  ['leaves to people what no playbook repairs', { playbook: aPlaybook({ ladder: [] }) }, 'no-change'],
  ['leaves to people what has no playbook', { playbook: undefined }, 'no-change'],
  ['leaves the engine to people', theEngine(), 'no-change'],
  [
    'says so when the strategy does not exist',
    { playbook: aPlaybook({ ladder: [{ strategy: 'pray', with: {} }] }) },
    'no-change',
  ],
  ['says so when a person asks for one that does not exist', { asked: { strategy: 'constructor' } }, 'no-change'],
  [
    'does not repeat what left a container wedged',
    { past: { attempts: [anAttempt({ outcome: 'failed', code: 'wedged' })], escalated: false } },
    'no-change',
  ],
  [
    'tries again when the wedged container has been started since',
    {
      past: { attempts: [anAttempt({ outcome: 'failed', code: 'wedged', at: ago('10m') })], escalated: false },
      service: aService({ replicas: [aHealthyReplica({ health: 'unhealthy', inspected: { startedAt: ago('5m') } })] }),
    },
    'go',
  ],
  [
    'lets a person try a wedged container again',
    { past: { attempts: [anAttempt({ outcome: 'failed', code: 'wedged' })], escalated: false }, asked: {} },
    'go',
  ],
]);

const deployed = (at: number) => ({ stack: aStack([aService()], { lastDeployAt: at }) });

rows('in flight', [
  ['waits while a deploy is under way', deployed(ago('4s')), 'in-flight', later('6s')],
  ['waits no longer when it has been quiet', deployed(ago('10s')), 'go'],
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
  ['does not hold back a person', { ...deployed(NOON), asked: {} }, 'go'],
]);

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
  ['does not hold back a person', { ...storm(60), asked: {} }, 'go'],
]);

function storm(repairs: number): Partial<Case> {
  const recent = Array.from({ length: repairs }, (_, n) => ago('9m') + n);
  return { host: { repairsInStormWindow: [ago('10m'), ...recent], stormLimit: 60, stormWindow: minutes(10) } };
}

const ladder = (strategy: string) => ({ playbook: aPlaybook({ ladder: [{ strategy, with: {} }] }) });

rows('what needs a yes', [
  ['waits for one when it touches data', ladder('wipe'), 'approval'],
  ['waits for one when it touches the host', ladder('prune-host'), 'approval'],
  ['goes with a yes', { ...ladder('wipe'), approved: true }, 'go'],
  ['asking for it is not yet the yes', { asked: { strategy: 'wipe' } }, 'approval'],
]);

const attempts = (...ats: string[]) => ats.map(at => anAttempt({ at: ago(at) }));
const capped = (escalated: boolean, ...ats: string[]) => ({ past: { attempts: attempts(...ats), escalated } });

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

describe('the first objection', () => {
  test('stands, in the order in which the gates are published', () => {
    const everything = aCase({
      scope: { projects: [], selfId: 'shop-web-1-id' },
      policy: aPolicy({ enabled: false, mode: 'observe' }),
      pause: { by: 'person', until: undefined, reason: '' },
      playbook: aPlaybook({ ladder: [] }),
      ...capped(true, '3m', '2m', '1m'),
    });

    const { answers } = explainGates(everything);
    const objecting = answers.filter(({ objection }) => objection !== undefined).map(({ code }) => code);

    expect(answers.map(({ code }) => code)).toEqual(GATE_CODES);
    expect(objecting.slice(0, 6)).toEqual([
      'ourselves',
      'out-of-scope',
      'opt-out',
      'observe-only',
      'paused',
      'no-change',
    ]);
    expect(answer(everything)[0]).toBe('ourselves');
  });

  test('is the one that explain shows first', () => {
    const facts = aCase(capped(false, '40m', '30m', '10s'));

    const { answers } = explainGates(facts);

    expect(answers.find(({ objection }) => objection !== undefined)?.code).toBe(answer(facts)[0]);
  });
});

function theEngine(): Partial<Case> {
  return {
    incident: anIncident({ project: 'host', service: 'engine', kind: 'host', condition: 'engine-lost', patients: [] }),
    service: undefined,
    playbook: aPlaybook({ name: 'engine-lost', condition: 'engine-lost', ladder: [] }),
  };
}
