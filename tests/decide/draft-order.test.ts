import { describe, expect, test } from '@jest/globals';
import { decide } from '../../watchdog/decide/decide.ts';
import { draftOrder } from '../../watchdog/decide/draft-order.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { aStandingError } from '../fakes/a-log-error.ts';
import { aCase, ago, anAttempt, anIncident, aPlaybook, aPolicy, aReplica, aService } from '../fakes/a-service.ts';

const LADDER = ['reconnect-networks', 'restart', 'recreate'].map(strategy => ({ strategy, with: { why: strategy } }));
const failures = (n: number) => Array.from({ length: n }, (_, i) => anAttempt({ at: ago('30m') + i * minutes(1) }));
const patients = [1, 2, 3].map(number => ({ id: `web-${number}-id`, name: `shop-web-${number}`, number }));
const healed = (at: number, ...replicas: number[]) => anAttempt({ at, outcome: 'healed', replicas });

describe('the rung', () => {
  test.each([
    ['is the first while nothing was tried', [], 'reconnect-networks'],
    ['is the next after a failure', failures(1), 'restart'],
    ['is the last after as many failures as there are rungs before it', failures(2), 'recreate'],
    ['stays the last when the ladder is used up', failures(7), 'recreate'],
    ['is the first again after a repair that worked', [...failures(2), healed(ago('10m'), 1)], 'reconnect-networks'],
    [
      'does not move for an attempt under way',
      [anAttempt({ endedAt: undefined, outcome: undefined })],
      'reconnect-networks',
    ],
  ])('%s', (_, attempts, strategy) => {
    const order = draftOrder(aCase({ playbook: aPlaybook({ ladder: LADDER }), past: { attempts, escalated: false } }));

    expect(order).toMatchObject({ strategy, with: { why: strategy } });
  });

  test.each([
    ['the ladder is empty', { playbook: aPlaybook({ ladder: [] }) }],
    ['there is no playbook', { playbook: undefined }],
    ['there is no container to repair', { incident: anIncident({ patients: [] }) }],
  ])('is none where %s', (_, differing) => {
    expect(draftOrder(aCase(differing))).toBeUndefined();
  });

  const STARTS = ['start', 'notify'].map(strategy => ({ strategy, with: {} }));

  test.each([
    ['starts what has ended', 'exited', STARTS, 'start'],
    ['passes over the start of what runs, which would change nothing', 'running', STARTS, 'notify'],
    ['is none where all that could be done is to start what runs', 'running', STARTS.slice(0, 1), undefined],
  ] as const)('%s', (_, state, ladder, strategy) => {
    const [replica, other] = [aReplica({ id: 'web-1-id', state }), aReplica({ id: 'web-2-id', state: 'running' })];
    const incident = anIncident({ patients: patients.slice(0, 2) });
    const service = aService({ replicas: [replica, other] });

    const order = draftOrder(aCase({ incident, service, playbook: aPlaybook({ ladder }) }));

    expect(order?.strategy).toBe(strategy);
  });

  test.each([
    ['is left out where it needs to be allowed and is not', false, ['restart', 'recreate']],
    ['is there where the service allows it', true, ['restart', 'find-alternative-port', 'recreate']],
  ])('%s', (_, alternativePort, strategies) => {
    const ladder = ['restart', 'find-alternative-port', 'recreate'].map(strategy => ({ strategy, with: {} }));
    const playbook = aPlaybook({ ladder });
    const policy = aPolicy({ alternativePort });

    const climbed = strategies.map((_strategy, n) =>
      draftOrder(aCase({ playbook, policy, past: { attempts: failures(n), escalated: false } })),
    );

    expect(climbed.map(order => order?.strategy)).toEqual(strategies);
  });

  test('is what a person names, without the parameters of another', () => {
    const order = draftOrder(aCase({ asked: { strategy: 'recreate', reason: 'because I say so' } }));

    expect(order).toMatchObject({ strategy: 'recreate', with: {}, asked: true, reason: 'because I say so' });
  });
});

describe('the targets', () => {
  const incident = anIncident({ patients });
  const numbers = (attempts: ReturnType<typeof anAttempt>[], asked?: object) =>
    draftOrder(aCase({ incident, past: { attempts, escalated: false }, asked }))?.targets.map(({ number }) => number);

  test('are all patients', () => {
    expect(numbers([])).toEqual([1, 2, 3]);
  });

  test('leave out a replica that cools down, so that it does not make the others wait', () => {
    expect(numbers([healed(ago('1m'), 2)])).toEqual([1, 3]);
  });

  test('are all of them again when all cool down: the gate says until when', () => {
    expect(numbers([healed(ago('1m'), 1, 2, 3)])).toEqual([1, 2, 3]);
  });

  test('are all of them when a person asks', () => {
    expect(numbers([healed(ago('1m'), 2)], {})).toEqual([1, 2, 3]);
  });
});

describe('a rung that tells people', () => {
  const say = (words: Readonly<Record<string, string>>, attempts: ReturnType<typeof anAttempt>[] = []) =>
    decide(
      aCase({
        playbook: aPlaybook({
          ladder: [
            { strategy: 'restart', with: {} },
            { strategy: 'notify', with: words },
          ],
        }),
        past: { attempts, escalated: false },
      }),
    );

  test('does so in its own words, once what comes before it has failed', () => {
    expect(say({ say: 'call Ada' })).toMatchObject({ verdict: 'go', order: { strategy: 'restart' } });
    expect(say({ say: 'call Ada' }, failures(1))).toMatchObject({
      verdict: 'stand-back',
      objection: { code: 'no-change', because: 'unhealthy: call Ada', tell: true },
    });
  });

  test('needs no words', () => {
    expect(say({}, failures(1))).toMatchObject({
      objection: { because: 'unhealthy: no repair of ours helps here; a person has to look' },
    });
  });
});

test('an order spells out everything', () => {
  const order = draftOrder(
    aCase({
      incident: anIncident({ evidence: { networkParent: 'parent-id' } }),
      policy: aPolicy({ stopTimeout: seconds(3) }),
      past: { attempts: [anAttempt({ at: ago('2h') }), ...failures(1)], escalated: false },
    }),
  );

  expect(order).toEqual({
    project: 'shop',
    service: 'web',
    kind: 'ailing',
    condition: 'unhealthy',
    strategy: 'restart',
    with: { networkParent: 'parent-id' },
    targets: anIncident().patients,
    // The one two hours ago is out of the window.
    attempt: 2,
    reason: 'the health check fails',
    asked: false,
    stopTimeout: seconds(3),
  });
});

test('evidence under a hostile name is only evidence', () => {
  const evidence = JSON.parse('{ "__proto__": "x", "constructor": "y", "hasOwnProperty": "z" }');

  expect(draftOrder(aCase({ incident: anIncident({ evidence }) }))?.with).toEqual({});
});

describe('for an error that a log told of', () => {
  const told = (elseWell: boolean, evenIfWell: boolean) =>
    aCase({
      incident: anIncident({
        kind: 'erring',
        condition: 'port-conflict',
        error: { ...aStandingError({ captures: { port: '80' } }).error, sample: 'in use', elseWell },
      }),
      playbook: aPlaybook({ name: 'port-conflict', condition: 'port-conflict', evenIfWell }),
    });

  test.each([
    ['what is ill is repaired', false, false, 'restart'],
    ['what is well is not', true, false, undefined],
    ['what is well is, where the playbook says so', true, true, 'restart'],
  ])('%s', (_sentence, elseWell, evenIfWell, strategy) => {
    expect(draftOrder(told(elseWell, evenIfWell))?.strategy).toBe(strategy);
  });

  test('the order says what was read of it', () => {
    expect(draftOrder(told(false, false))?.error).toMatchObject({ type: 'PORT_CONFLICT', captures: { port: '80' } });
  });

  test('people hear why nothing is done', () => {
    expect(decide(told(true, false))).toMatchObject({
      verdict: 'stand-back',
      objection: { code: 'no-change', because: expect.stringContaining('repairs only what is ill'), tell: true },
    });
  });

  test('people hear what the playbook would tell them in the end', () => {
    const ladder = [
      { strategy: 'restart', with: {} },
      { strategy: 'notify', with: { say: 'call Ada' } },
    ];
    const facts = { ...told(true, false), playbook: aPlaybook({ name: 'port-conflict', ladder }) };

    expect(decide(facts)).toMatchObject({
      objection: { because: expect.stringMatching(/repairs only what is ill\. call Ada$/) },
    });
  });
});
