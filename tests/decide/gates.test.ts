import { describe, expect, test } from '@jest/globals';
import { explainGates } from '../../watchdog/decide/decide.ts';
import { type Case, GATE_CODES } from '../../watchdog/domain/decision.ts';
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

import { answer, capped, rows } from './gate-rows.ts';

rows('nothing in the way', [['lets the repair go', {}, 'go']]);

rows('ourselves', [
  ['never touches its own container', { scope: { projects: '*', selfId: 'shop-web-1-id' } }, 'ourselves'],
  ['lets another container of its project be repaired', { scope: { projects: '*', selfId: 'me' } }, 'go'],
  [
    'knows its own image by its label where it does not know its id',
    { service: aService({ replicas: [aReplica({ labels: { 'compose-watchdog.self': 'true' } })] }) },
    'ourselves',
  ],
  [
    'is known by one replica with that label',
    {
      service: aService({
        replicas: [aReplica(), aReplica({ number: 2, labels: { 'compose-watchdog.self': 'true' } })],
      }),
    },
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
    'waits also while only one replica of another service has been told to end',
    {
      incident: stopped(ago('10m')),
      ...inProject(
        down('web', ago('10m')),
        aService({
          service: 'db',
          replicas: [
            aReplica({ service: 'db', seen: { signalled: { at: ago('2s'), toEnd: true } } }),
            aReplica({ service: 'db', number: 2 }),
          ],
        }),
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

/** In the network of a container that is gone, without a successor. */
const orphan = (differing: Partial<Case> = {}): Partial<Case> => ({
  incident: anIncident({ condition: 'orphaned-network', evidence: { parent: 'gone' } }),
  playbook: aPlaybook({ ladder: [{ strategy: 'rejoin-network', with: {} }] }),
  dangers: { 'rejoin-network': 'service' },
  ...differing,
});

rows('no change', [
  [
    'stops nothing that could not be started again: the container whose network it shares is gone',
    orphan(),
    'no-change',
  ],
  [
    'waits for the deploy that may bring that one back',
    orphan({ stack: aStack([aService()], { lastDeployAt: ago('5s') }) }),
    'in-flight',
    later('5s'),
  ],
  [
    'moves it as soon as there is a successor',
    orphan({
      incident: anIncident({ condition: 'orphaned-network', evidence: { parent: 'replaced', networkParent: 'x' } }),
    }),
    'go',
  ],
  ['leaves to people what no playbook repairs', { playbook: aPlaybook({ ladder: [] }) }, 'no-change'],
  ['leaves to people what has no playbook', { playbook: undefined }, 'no-change'],
  ['leaves the engine to people', theEngine(), 'no-change'],
  [
    'tells people what the playbook says, where that is its next rung',
    { playbook: aPlaybook({ ladder: [{ strategy: 'notify', with: { say: 'call Ada' } }] }) },
    'no-change',
  ],
  ['tells a person that telling people repairs nothing', { asked: { strategy: 'notify' } }, 'no-change'],
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
