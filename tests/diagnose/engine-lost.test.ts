import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../watchdog/diagnose/diagnose.ts';
import { HOST } from '../../watchdog/domain/finding.ts';
import { aFinding, ago, aStack } from '../fakes/a-service.ts';

const ENGINE = { project: HOST, service: 'engine' };

describe('the engine itself', () => {
  test('is an incident of the host, without patients, when it does not answer', () => {
    const finding = aFinding({
      kind: 'engine-lost',
      target: ENGINE,
      at: ago('2s'),
      evidence: { reason: 'ECONNREFUSED' },
    });

    expect(diagnose(finding, aStack([]))).toEqual({
      verdict: 'incident',
      incident: {
        project: HOST,
        service: 'engine',
        kind: 'host',
        condition: 'engine-lost',
        because: 'the Docker engine does not answer: ECONNREFUSED',
        patients: [],
        evidence: { reason: 'ECONNREFUSED' },
        since: ago('2s'),
        stoppedByHandAt: undefined,
      },
    });
  });

  test('is well when it answers again', () => {
    expect(diagnose(aFinding({ kind: 'engine-back', target: ENGINE }), aStack([]))).toMatchObject({
      verdict: 'well',
      because: 'the engine answers',
    });
  });

  test('is neither well nor ill when a later look brings no news of it', () => {
    const finding = aFinding({ kind: 'look-again', target: ENGINE });

    expect(diagnose(finding, aStack([]))).toEqual({ verdict: 'nothing-wrong', because: 'no news of the engine' });
  });
});
