import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../watchdog/diagnose/diagnose.ts';
import { troubleOver } from '../../watchdog/diagnose/trouble-over.ts';
import type { Alert } from '../../watchdog/domain/alert.ts';
import type { Diagnosis } from '../../watchdog/domain/incident.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { aFinding, ago, aHealthyReplica, aReplica, aService, aStack, NOON } from '../fakes/a-service.ts';
import { aFiringAlert } from '../fakes/fake-alerts.ts';
import { samplesOf } from '../fakes/some-samples.ts';
import { conditionOf, incidentOf } from './a-diagnosis.ts';

const WEB = { project: 'shop', service: 'web' };

function looking(alerts: readonly Alert[], ...replicas: readonly Replica[]): Diagnosis {
  const stack = aStack([aService({ replicas: replicas.length === 0 ? [aHealthyReplica()] : replicas })]);
  return diagnose(aFinding({ kind: 'alert', source: 'alertmanager' }), stack, { firing: () => alerts });
}

describe('an alert that fires', () => {
  test('is trouble of its own kind, with what its rule wants, about every replica that looks well', () => {
    const replicas = [aHealthyReplica({ number: 1 }), aHealthyReplica({ number: 2, health: 'starting' })];

    expect(incidentOf(looking([aFiringAlert()], ...replicas))).toMatchObject({
      kind: 'erring',
      condition: 'alerting',
      because: 'the alert HighErrorRate fires: 12 % of its answers are errors',
      patients: [{ number: 1 }],
      since: ago('5m'),
      alert: { name: 'HighErrorRate', wants: { kind: 'strategy', name: 'restart' } },
    });
  });

  test.each<[string, Partial<Alert>, string, string]>([
    ['about memory joins what we measure ourselves', { condition: 'high-memory' }, 'starved', 'high-memory'],
    ['about its network as well', { condition: 'network-errors' }, 'starved', 'network-errors'],
    ['about a condition that nobody knows is one of its own', { condition: 'haunted' }, 'erring', 'alerting'],
    [
      "about the host's disk is one of the service, if its rule says so",
      { condition: 'disk-low' },
      'erring',
      'alerting',
    ],
    ['about a word that every object has is one of its own', { condition: 'constructor' }, 'erring', 'alerting'],
  ])('%s', (_sentence, differing, kind, condition) => {
    expect(incidentOf(looking([aFiringAlert(differing)]))).toMatchObject({ kind, condition });
  });

  test.each(['unhealthy', 'exited', 'restarting', 'dead', 'never-started', 'orphaned-network'])(
    'about %s is only a reason to look: what a look does not show is not so',
    condition => {
      const diagnosis = looking([aFiringAlert({ name: 'Lagging', condition })]);

      expect(diagnosis).toMatchObject({
        verdict: 'well',
        because: 'shop/web runs and is healthy; the alert Lagging fires all the same',
      });
    },
  );

  test('about one container is about no other', () => {
    const replicas = [aReplica({ number: 1 }), aReplica({ number: 2 })];
    const about = (containerId: string) => [aFiringAlert({ target: { ...WEB, containerId } })];

    expect(incidentOf(looking(about('shop-web-2-id'), ...replicas)).patients).toMatchObject([{ number: 2 }]);
    expect(conditionOf(looking(about('of-a-life-before'), ...replicas))).toBe('well');
  });

  test('about the container of a name or number is about the one that takes its place', () => {
    const replicas = [aReplica({ number: 1, id: 'made-anew' }), aReplica({ number: 2 })];
    const about = aFiringAlert({ target: { ...WEB, containerId: 'of-a-life-before', number: 1 } });

    expect(incidentOf(looking([about], ...replicas)).patients).toMatchObject([{ id: 'made-anew', number: 1 }]);
  });

  test.each([
    ['is being stopped', aReplica({ seen: { signalled: { at: ago('1s'), toEnd: true } } })],
    ['is paused', aReplica({ state: 'paused' })],
    ['is starting', aHealthyReplica({ health: 'starting' })],
  ])('finds no patient in a container that %s', (_state, replica) => {
    expect(conditionOf(looking([aFiringAlert()], replica))).toBe('nothing-wrong');
  });

  test('comes after what our own eyes see, and after what we measured', () => {
    const ill = aHealthyReplica({ health: 'unhealthy', inspected: { failingStreak: 3 } });

    expect(conditionOf(looking([aFiringAlert()], ill))).toBe('unhealthy');
    expect(conditionOf(looking([aFiringAlert()], aReplica({ samples: samplesOf(11, { memory: 0.95 }) })))).toBe(
      'high-memory',
    );
  });
});

describe('of several alerts', () => {
  const warning = aFiringAlert({ name: 'Warning' });
  const critical = aFiringAlert({ name: 'Critical', severity: 'critical', startsAt: ago('1m') });
  const older = aFiringAlert({ name: 'Older', startsAt: ago('1h') });
  const forPeople = aFiringAlert({ name: 'ForPeople', severity: 'critical', wants: { kind: 'none' } });

  test.each<[string, Alert[], string]>([
    ['the more severe leads', [warning, critical], 'the alert Critical fires (beside it Warning)'],
    ['the older of two alike leads', [warning, older], 'the alert Older fires (beside it Warning)'],
    [
      'one that asks for a repair comes before one for people',
      [forPeople, warning],
      'the alert Warning fires (beside it ForPeople)',
    ],
    [
      'one without a severity comes last',
      [aFiringAlert({ name: 'Plain', severity: undefined }), warning],
      'the alert Warning fires (beside it Plain)',
    ],
  ])('%s', (_sentence, alerts, sentence) => {
    expect(incidentOf(looking(alerts)).because).toMatch(sentence);
    expect(incidentOf(looking(alerts.toReversed())).because).toMatch(sentence);
  });
});

describe('what an alert tells of', () => {
  test('is said without a summary where its rule has none', () => {
    expect(incidentOf(looking([aFiringAlert({ summary: '' })])).because).toBe('the alert HighErrorRate fires');
  });

  test('names all others that fire', () => {
    const alerts = ['First', 'Second', 'Third'].map((name, i) => aFiringAlert({ name, startsAt: ago(`${9 - i}m`) }));

    expect(incidentOf(looking(alerts)).because).toMatch('the alert First fires (beside it Second, Third): ');
  });

  test.each([
    ['warning', { alert: 'HighErrorRate', foundBy: 'labels project and service', severity: 'warning' }],
    [undefined, { alert: 'HighErrorRate', foundBy: 'labels project and service' }],
  ])('is kept for people, with its severity where it has one: %s', (severity, evidence) => {
    expect(incidentOf(looking([aFiringAlert({ severity })])).evidence).toStrictEqual(evidence);
  });

  test('leads by its severity, in whatever letters, from critical over page, error and warning to info and any other', () => {
    const ranked = ['CRITICAL', 'page', 'error', 'Warning', 'info', 'odd'];
    const alerts = ranked.map((severity, i) => aFiringAlert({ name: severity, severity, startsAt: ago(`${i}m`) }));

    for (const [i, severity] of ranked.entries())
      expect(incidentOf(looking(alerts.slice(i).toReversed())).because).toMatch(`the alert ${severity} fires`);
  });

  test('leads by its fingerprint where nothing else tells them apart, so that one incident stays one', () => {
    const alerts = ['b', 'a', 'c'].map(name => aFiringAlert({ name }));

    for (const some of [alerts, alerts.toReversed(), [...alerts.slice(1), ...alerts.slice(0, 1)]])
      expect(incidentOf(looking(some)).because).toMatch('the alert a fires (beside it b, c)');
  });
});

describe('trouble is over', () => {
  const over = (kind: 'ailing' | 'starved' | 'erring', alerts: readonly Alert[], replica: Replica) =>
    troubleOver(kind, WEB, aStack([aService({ replicas: [replica] })]), { firing: () => alerts }, NOON)?.since;
  const well = aReplica({ inspected: { startedAt: ago('1h') }, samples: samplesOf(3) });
  const ill = aHealthyReplica({ health: 'unhealthy', inspected: { failingStreak: 3 }, samples: samplesOf(3) });

  test.each<[string, Parameters<typeof over>, number | undefined]>([
    ['of our own eyes, whatever alerts fire', ['ailing', [aFiringAlert()], well], ago('1h')],
    ['of our own eyes not while it is ill', ['ailing', [], ill], undefined],
    [
      'of alerts once none fires, also while it is ill',
      ['erring', [], aReplica({ state: 'exited', inspected: { finishedAt: ago('1m') } })],
      ago('1m'),
    ],
    ['of alerts not while one fires', ['erring', [aFiringAlert()], well], undefined],
    [
      'of alerts while only one of another kind fires',
      ['erring', [aFiringAlert({ condition: 'high-cpu' })], well],
      ago('1h'),
    ],
    ['of measurements, also while it is ill', ['starved', [], ill], ago('1m')],
    [
      'of measurements not while an alert says otherwise',
      ['starved', [aFiringAlert({ condition: 'high-cpu' })], well],
      undefined,
    ],
  ])('%s', (_sentence, asked, expected) => {
    expect(over(...asked)).toBe(expected);
  });

  test.each<[string, Parameters<typeof over>[0], Replica, string]>([
    ['erring', 'erring', well, 'no alert about shop/web fires any more'],
    ['starved', 'starved', well, 'shop/web uses no more than it may'],
    ['ailing', 'ailing', well, 'shop/web runs'],
  ])('and says so: %s', (_kind, kind, replica, because) => {
    const stack = aStack([aService({ replicas: [replica] })]);

    expect(troubleOver(kind, WEB, stack, { firing: () => [] }, NOON)?.because).toBe(because);
  });

  test('of alerts since the last of its replicas became well', () => {
    const stack = aStack([
      aService({ replicas: [well, aReplica({ number: 2, inspected: { startedAt: ago('1m') } })] }),
    ]);

    expect(troubleOver('erring', WEB, stack, { firing: () => [] }, NOON)?.since).toBe(ago('1m'));
  });

  test('where the service is gone', () => {
    expect(troubleOver('erring', WEB, aStack([]), { firing: () => [] }, NOON)).toEqual({
      since: 0,
      because: 'shop/web has no containers any more',
    });
  });
});
