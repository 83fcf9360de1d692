import { describe, expect, test } from '@jest/globals';
import type { Seen } from '../../watchdog/domain/service.ts';
import { ago, aReplica } from '../fakes/a-service.ts';
import { conditionOf, diagnosisOf, incidentOf } from './a-diagnosis.ts';

const looping = (seen: Partial<Seen>) =>
  aReplica({ state: 'restarting', exitCode: 3, seen, inspected: { restartCount: 7 } });

describe('a container that the engine restarts by its restart policy', () => {
  test.each<[string, string, Partial<Seen>]>([
    ['is left to the engine at first', 'nothing-wrong', { deaths: [ago('1s')], roundsRestarting: 1 }],
    ['is left to the engine after two deaths', 'nothing-wrong', { deaths: [ago('40s'), ago('1s')] }],
    [
      'is left to the engine when its deaths are spread over more than a minute',
      'nothing-wrong',
      { deaths: [ago('60s'), ago('30s'), ago('1s')] },
    ],
    ['loops when it died three times in a minute', 'restarting', { deaths: [ago('59s'), ago('30s'), ago('1s')] }],
    ['loops when two rounds in a row found it so', 'restarting', { roundsRestarting: 2 }],
  ])('%s', (_sentence, outcome, seen) => {
    expect(conditionOf(diagnosisOf(looping(seen)))).toBe(outcome);
  });

  test('is ill since the first of the deaths that count, with the code that it exits with', () => {
    const incident = incidentOf(diagnosisOf(looping({ deaths: [ago('5m'), ago('50s'), ago('30s'), ago('1s')] })));

    expect(incident).toMatchObject({
      because: 'the engine keeps restarting shop-web-1, which exits with 3 each time',
      since: ago('50s'),
      evidence: { exitCode: 3, deathsInLastMinute: 3, restarts: 7 },
    });
  });

  test('is said to be at that, while it is left to the engine', () => {
    expect(diagnosisOf(looping({}))).toMatchObject({
      because: 'the engine is restarting shop-web-1 by its restart policy',
    });
  });

  test('is judged by what rounds and events told where nobody has looked at it', () => {
    const unseen = aReplica({ state: 'restarting', seen: { roundsRestarting: 2 }, inspected: null });

    expect(incidentOf(diagnosisOf(unseen)).evidence).toEqual({ exitCode: 0, deathsInLastMinute: 0, restarts: 0 });
  });

  test('loops no more once it runs, however often it has died', () => {
    const replica = aReplica({ seen: { deaths: [ago('3s'), ago('2s'), ago('1s')], roundsRestarting: 5 } });

    expect(diagnosisOf(replica).verdict).toBe('well');
  });
});
