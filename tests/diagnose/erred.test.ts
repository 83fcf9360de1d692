import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../watchdog/diagnose/diagnose.ts';
import { troubleOver } from '../../watchdog/diagnose/trouble-over.ts';
import type { Alert } from '../../watchdog/domain/alert.ts';
import type { StandingError } from '../../watchdog/domain/error-book.ts';
import type { Diagnosis } from '../../watchdog/domain/incident.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { NOTHING_SCALED } from '../../watchdog/domain/size.ts';
import { aStandingError } from '../fakes/a-log-error.ts';
import { aFinding, ago, aHealthyReplica, aReplica, aService, aStack, NOON } from '../fakes/a-service.ts';
import { aFiringAlert } from '../fakes/fake-alerts.ts';
import { conditionOf, incidentOf } from './a-diagnosis.ts';

const WEB = { project: 'shop', service: 'web' };
const CRASHED = aReplica({ state: 'exited', exitCode: 1, inspected: { startedAt: ago('2m'), finishedAt: ago('1m') } });

function looking(
  errors: readonly StandingError[],
  replicas: readonly Replica[] = [aHealthyReplica()],
  alerts: readonly Alert[] = [],
): Diagnosis {
  const stack = aStack([aService({ replicas })]);
  const finding = aFinding({ kind: 'error', source: 'logs' });
  return diagnose(finding, stack, { firing: () => alerts }, NOTHING_SCALED, { standing: () => errors });
}

describe('an error in the log of a container that is ill', () => {
  test('is the incident, where a playbook repairs the cause', () => {
    const error = aStandingError({ remedy: 'if-ill', captures: { port: '8080' } });

    expect(incidentOf(looking([error], [CRASHED]))).toMatchObject({
      kind: 'erring',
      condition: 'port-conflict',
      because: 'shop-web-1 exited with 1; its log says PORT_CONFLICT: bind: address already in use',
      patients: [{ number: 1 }],
      evidence: { exitCode: 1, error: 'PORT_CONFLICT' },
      error: { type: 'PORT_CONFLICT', captures: { port: '8080' }, elseWell: false },
    });
  });

  test('is what people are told of, where none does: the illness is repaired as ever', () => {
    const incident = incidentOf(looking([aStandingError()], [CRASHED]));

    expect(incident).toMatchObject({ kind: 'ailing', condition: 'exited', evidence: { error: 'PORT_CONFLICT' } });
    expect(incident.because).toMatch(/; its log says PORT_CONFLICT: bind/);
    expect(incident.error).toBeUndefined();
  });

  test('explains nothing that is of the engine: a container that it could not remove is what it is', () => {
    const dead = aReplica({ state: 'dead' });

    expect(conditionOf(looking([aStandingError({ remedy: 'if-ill' })], [dead]))).toBe('dead');
  });

  test('says nothing about a replica that has another reason', () => {
    const other = aReplica({ number: 2, state: 'exited', exitCode: 1, inspected: { finishedAt: ago('1m') } });
    const error = aStandingError({ remedy: 'if-ill' });

    expect(incidentOf(looking([error], [CRASHED, other])).patients.map(({ number }) => number)).toEqual([1]);
    expect(conditionOf(looking([error], [other, aReplica()]))).toBe('exited');
  });

  test('is the incident as well where a playbook leaves the cause to people: what they keep from us is not started again', () => {
    expect(incidentOf(looking([aStandingError({ remedy: 'people' })], [CRASHED]))).toMatchObject({
      kind: 'erring',
      condition: 'port-conflict',
      error: { elseWell: false },
    });
  });

  test.each<[string, Parameters<typeof aReplica>[0], string]>([
    ['ended with an error', { state: 'exited', exitCode: 1 }, 'port-conflict'],
    ['goes on running', { state: 'running', health: 'unhealthy' }, 'unhealthy'],
  ])('long ago counts while it %s', (_sentence, differing, meaning) => {
    const inspected = { startedAt: ago('1h'), finishedAt: differing?.state === 'exited' ? ago('30m') : ago('2h') };
    const replica = aReplica({ ...differing, inspected });
    const error = aStandingError({ remedy: 'if-ill', firstAt: ago('30m'), lastAt: ago('30m') });

    expect(conditionOf(looking([error], [replica]))).toBe(meaning);
  });

  test('that was done, and written long ago, is over', () => {
    const done = aReplica({ state: 'exited', exitCode: 0, inspected: { finishedAt: ago('30m') } });
    const error = aStandingError({ severity: 'critical', remedy: 'if-ill', lastAt: ago('30m') });

    expect(conditionOf(looking([error], [done]))).toBe('well');
  });

  describe('that mends itself', () => {
    const ill = { state: 'running', health: 'unhealthy', inspected: { startedAt: ago('5m') } } as const;
    const mending = aStandingError({ remedy: 'patience', lastAt: ago('30s') });

    test.each<[string, Parameters<typeof aReplica>[0], string]>([
      ['is the incident while the container runs', ill, 'port-conflict'],
      ['explains nothing once it was well after that', { ...ill, seen: { healthyAt: ago('10s') } }, 'unhealthy'],
      ['is the incident where it was well before that', { ...ill, seen: { healthyAt: ago('1m') } }, 'port-conflict'],
      [
        'explains nothing of a container that has ended',
        { state: 'exited', exitCode: 1, inspected: { startedAt: ago('5m'), finishedAt: ago('20s') } },
        'exited',
      ],
    ])('%s', (_sentence, differing, meaning) => {
      expect(conditionOf(looking([mending], [aReplica(differing)]))).toBe(meaning);
    });

    test('is nothing in a container that is well, however often it was written', () => {
      expect(conditionOf(looking([{ ...mending, count: 99, error: { ...mending.error, severity: 'critical' } }]))).toBe(
        'well',
      );
    });
  });

  test('leaves a stop by hand what it is', () => {
    const stopped = aReplica({ state: 'exited', exitCode: 1, seen: { stoppedByHandAt: ago('10s') } });

    expect(incidentOf(looking([aStandingError({ remedy: 'if-ill' })], [stopped])).stoppedByHandAt).toBe(ago('10s'));
  });
});

describe('a log that tells of an attack', () => {
  const alarm = aStandingError({ alarm: true, remedy: 'if-ill', severity: 'critical' });

  test.each<[string, Parameters<typeof aReplica>[0]]>([
    ['of a container that is well', { health: 'healthy' }],
    ['of one that is ill, which nobody is to start again', { state: 'exited', exitCode: 1 }],
  ])('is an incident of its own %s', (_sentence, differing) => {
    const replica = aReplica({ ...differing, inspected: { startedAt: ago('2m'), finishedAt: ago('1m') } });

    expect(incidentOf(looking([aStandingError({ remedy: 'even-if-well' }), alarm], [replica]))).toMatchObject({
      kind: 'attacked',
      condition: 'attacked',
      because: 'the log of shop-web-1 tells of an attack: bind: address already in use',
      patients: [{ number: 1 }],
      since: ago('30s'),
      error: { alarm: true },
    });
  });

  test('neither explains an illness nor is an error like others, where a person asks for a repair', () => {
    const asked = (replica: Replica) =>
      diagnose(
        aFinding({ kind: 'asked', ask: {} }),
        aStack([aService({ replicas: [replica] })]),
        { firing: () => [] },
        NOTHING_SCALED,
        { standing: () => [alarm] },
      );

    expect(conditionOf(asked(CRASHED))).toBe('exited');
    expect(conditionOf(asked(aHealthyReplica()))).toBe('asked');
  });

  test('does not keep an incident of another kind open', () => {
    const stack = aStack([aService({ replicas: [aHealthyReplica()] })]);
    const errors = { standing: () => [{ ...alarm, remedy: 'even-if-well' as const }] };

    expect(troubleOver('erring', WEB, stack, { firing: () => [] }, NOON, errors, true)).toBeDefined();
  });
});

describe('an error in the log of a container that is well', () => {
  test.each<[string, Parameters<typeof aStandingError>[0], string]>([
    ['is nothing, when it was written once', {}, 'well'],
    ['is for people, when it was written three times', { count: 3 }, 'port-conflict'],
    ['is for people at once, when it is critical', { severity: 'critical' }, 'port-conflict'],
    ['is nothing, however often, when it is a warning', { severity: 'warning', count: 99 }, 'well'],
    ['is nothing, when its playbook wants an illness', { remedy: 'if-ill' }, 'well'],
    ['is repaired at once, when its playbook says so', { remedy: 'even-if-well' }, 'port-conflict'],
    ['is over, when it was not written for ten minutes', { count: 3, lastAt: ago('10m') }, 'well'],
    ['is that of another container, when nobody knows that', { count: 3, containerId: 'gone' }, 'well'],
  ])('%s', (_sentence, differing, meaning) => {
    expect(conditionOf(looking([aStandingError(differing)]))).toBe(meaning);
  });

  test('says that nothing else is wrong, so that nobody repairs it unasked', () => {
    expect(incidentOf(looking([aStandingError({ count: 3 })])).error?.elseWell).toBe(true);
  });

  test.each([
    ['from before its start', '5m', '1m', '2m', 'well'],
    ['dated a little before its start, but after the end before', '61s', '1m', '2m', 'port-conflict'],
    ['dated a little after the end of the life before', '119s', '1m', '2m', 'well'],
  ])('%s belongs to the life it was written in', (_sentence, lastAt, startedAt, finishedAt, meaning) => {
    const replica = aHealthyReplica({ inspected: { startedAt: ago(startedAt), finishedAt: ago(finishedAt) } });

    expect(conditionOf(looking([aStandingError({ count: 3, lastAt: ago(lastAt) })], [replica]))).toBe(meaning);
  });

  test('leads by what can be repaired, then by what is worse, then by what came first', () => {
    const leading = (...errors: readonly StandingError[]) => conditionOf(looking(errors));
    const late = aStandingError({ type: 'API_FAILURE', count: 3, firstAt: ago('1m') });
    const early = aStandingError({ type: 'NETWORK_ERROR', count: 3, firstAt: ago('2m') });
    const grave = aStandingError({ type: 'DATA_CORRUPTION', severity: 'critical', firstAt: ago('1m') });
    const curable = aStandingError({ type: 'REDIS_AOF_CORRUPTION', remedy: 'even-if-well' });

    expect(leading(late, early)).toBe('network-error');
    expect(leading(late, early, grave)).toBe('data-corruption');
    expect(leading(late, early, grave, curable)).toBe('redis-aof-corruption');
    expect(leading({ ...grave, remedy: 'people' }, curable)).toBe('data-corruption');
  });

  test('comes after an alert that wants a repair, and before one that is for people if it can be repaired', () => {
    const forPeople = aFiringAlert({ wants: { kind: 'none' } });
    const replicas = [aHealthyReplica()];

    expect(conditionOf(looking([aStandingError({ count: 3 })], replicas, [forPeople]))).toBe('alerting');
    expect(conditionOf(looking([aStandingError({ remedy: 'even-if-well' })], replicas, [forPeople]))).toBe(
      'port-conflict',
    );
    expect(conditionOf(looking([aStandingError({ remedy: 'even-if-well' })], replicas, [aFiringAlert()]))).toBe(
      'alerting',
    );
  });
});

describe('what a log says is told', () => {
  const two = [aHealthyReplica(), aHealthyReplica({ number: 2 }), aHealthyReplica({ number: 3 })];
  const often = (differing: Parameters<typeof aStandingError>[0] = {}) => aStandingError({ count: 3, ...differing });

  test('by the names of those that wrote it, and of no others', () => {
    const other = often({ containerId: 'shop-web-2-id', type: 'NETWORK_ERROR', firstAt: NOON });
    const incident = incidentOf(looking([often(), other, often({ containerId: 'shop-web-3-id' })], two));

    expect(incident.because).toBe('the log of shop-web-1, shop-web-3 says PORT_CONFLICT: bind: address already in use');
    expect(incident.patients.map(({ number }) => number)).toEqual([1, 3]);
  });

  test('with whether its Compose file or a disk keeps it from writing', () => {
    const made = aHealthyReplica({ inspected: { mayWrite: { '/': true, '/data': false } } });
    const sample = 'touch: /data/x: Read-only file system';
    const error = often({ type: 'PERMISSION_DENIED', sample, captures: { path: '/data/x' } });

    expect(incidentOf(looking([error], [made])).because).toContain(
      `PERMISSION_DENIED: ${sample}; its Compose file mounts /data read-only`,
    );
  });

  test('in one line', () => {
    expect(incidentOf(looking([often({ sample: '  bind:\n\t  address \n' })])).because).toBe(
      'the log of shop-web-1 says PORT_CONFLICT: bind: address',
    );
  });

  test.each([
    [200, 'x'.repeat(200)],
    [201, `${'x'.repeat(200)}…`],
  ])('and no longer than people read: of %i letters', (length, quote) => {
    expect(incidentOf(looking([often({ sample: 'x'.repeat(length) })])).because).toMatch(new RegExp(`: ${quote}$`));
  });

  test('with the same lead each time, where nothing tells several errors apart', () => {
    const errors = [often({ type: 'NETWORK_ERROR' }), often({ type: 'API_FAILURE' }), often({ type: 'PORT_CONFLICT' })];

    for (const some of [errors, errors.toReversed(), [...errors.slice(1), ...errors.slice(0, 1)]])
      expect(conditionOf(looking(some))).toBe('api-failure');
  });

  test('with what can be repaired first, in whatever order they were written', () => {
    const curable = often({ remedy: 'even-if-well', firstAt: NOON });
    const older = often({ type: 'NETWORK_ERROR' });

    expect(conditionOf(looking([older, curable]))).toBe('port-conflict');
    expect(conditionOf(looking([curable, older]))).toBe('port-conflict');
  });

  test('of the container that wrote it, and not of its neighbour that is still in an earlier life', () => {
    const fresh = aHealthyReplica({ inspected: { startedAt: ago('10s') } });

    expect(conditionOf(looking([often({ lastAt: ago('30s') })], [fresh, aHealthyReplica({ number: 2 })]))).toBe('well');
    expect(
      conditionOf(looking([often({ containerId: 'shop-web-2-id' })], [fresh, aHealthyReplica({ number: 2 })])),
    ).toBe('port-conflict');
  });
});

describe('the last words of what the engine restarts again and again', () => {
  test('count, however long ago they were written', () => {
    const looping = aReplica({
      state: 'restarting',
      exitCode: 0,
      inspected: { startedAt: ago('1h'), finishedAt: ago('59m') },
      seen: { roundsRestarting: 2 },
    });
    const error = aStandingError({ remedy: 'if-ill', lastAt: ago('59m') });

    expect(conditionOf(looking([error], [looping]))).toBe('port-conflict');
  });
});

describe('the first words of a life', () => {
  test.each([
    ['written just before the engine noted its start, count', '61s', 'port-conflict'],
    ['written longer before, are of somebody else', '62s', 'well'],
  ])('%s', (_sentence, lastAt, meaning) => {
    const first = aHealthyReplica({ inspected: { startedAt: ago('1m') } });

    expect(conditionOf(looking([aStandingError({ count: 3, lastAt: ago(lastAt) })], [first]))).toBe(meaning);
  });

  test('count where nobody has looked when it began', () => {
    const unseen = aReplica({ inspected: null });

    expect(conditionOf(looking([aStandingError({ count: 3 })], [unseen]))).toBe('port-conflict');
  });
});

describe('trouble that a log told of', () => {
  const overSince = (errors: readonly StandingError[], replica: Replica) =>
    troubleOver(
      'erring',
      WEB,
      aStack([aService({ replicas: [replica] })]),
      { firing: () => [] },
      NOON,
      { standing: () => errors },
      true,
    )?.since;

  test('is over once no error counts any more and the container is well', () => {
    const well = aHealthyReplica({ inspected: { startedAt: ago('1h') } });

    expect(overSince([aStandingError({ count: 3 })], well)).toBeUndefined();
    expect(overSince([aStandingError({ count: 3, lastAt: ago('10m') })], well)).toBe(ago('1h'));
    expect(overSince([], CRASHED)).toBeUndefined();
  });

  test('is not over while one of several replicas is not well', () => {
    const stack = aStack([aService({ replicas: [aHealthyReplica(), { ...CRASHED, id: 'other', number: 2 }] })]);

    expect(troubleOver('erring', WEB, stack, { firing: () => [] }, NOON, { standing: () => [] }, true)).toBeUndefined();
  });
});
