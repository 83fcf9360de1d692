import { describe, expect, test } from '@jest/globals';
import type { Dependency, Replica, RestartPolicy, Service } from '../../watchdog/domain/service.ts';
import { ago, aReplica, aService, HEALTHCHECK } from '../fakes/a-service.ts';
import { conditionOf, diagnosisOf, incidentOf } from './a-diagnosis.ts';

type Differing = NonNullable<Parameters<typeof aReplica>[0]>;

/** It ended five minutes ago, by default with 1, and nobody watched. */
const ended = ({ inspected, ...differing }: Differing = {}): Replica =>
  aReplica({
    state: 'exited',
    exitCode: 1,
    ...differing,
    inspected: { startedAt: ago('1h'), finishedAt: ago('5m'), ...inspected },
  });

const policy = (name: RestartPolicy['name'], maximumRetries = 0): RestartPolicy => ({ name, maximumRetries });

const awaiting = (condition: Dependency['condition']): Service =>
  aService({ service: 'app', dependencies: [{ service: 'web', condition, restart: false }] });

describe('a container that has ended', () => {
  test.each<[string, Replica]>([
    ['with 1 has crashed', ended()],
    ['with 137 was killed', ended({ exitCode: 137 })],
    ['with a code that nobody could tell has crashed', ended({ exitCode: undefined })],
    ['with 0 and a health check was meant to stay', ended({ exitCode: 0, inspected: { healthcheck: HEALTHCHECK } })],
    ['with 0 and a published port was meant to stay', ended({ exitCode: 0, publishesPorts: true })],
    ['with 0 under restart: always', ended({ exitCode: 0, inspected: { restartPolicy: policy('always') } })],
    ['with 1 under restart: on-failure, given up', ended({ inspected: { restartPolicy: policy('on-failure', 3) } })],
    ['with 0 and was stopped by hand', ended({ exitCode: 0, seen: { stoppedByHandAt: ago('5m') } })],
  ])('%s: it should run', (_sentence, replica) => {
    expect(conditionOf(diagnosisOf(replica))).toBe('exited');
  });

  test.each<[string, Replica]>([
    ['with 0 and nothing to say that it should go on', ended({ exitCode: 0 })],
    ['with 0 and was never looked at more closely', aReplica({ state: 'exited', exitCode: 0, inspected: null })],
    ['with 0 under restart: on-failure', ended({ exitCode: 0, inspected: { restartPolicy: policy('on-failure') } })],
  ])('%s has completed, which is as good as well', (_sentence, replica) => {
    expect(diagnosisOf(replica)).toMatchObject({ verdict: 'well', because: 'shop-web-1 has completed (exit 0)' });
  });

  test('began to be well when it completed', () => {
    expect(diagnosisOf(ended({ exitCode: 0 }))).toMatchObject({ wellSince: ago('5m') });
  });

  test('is dated by its end, not by our look', () => {
    expect(incidentOf(diagnosisOf(ended())).since).toBe(ago('5m'));
  });
});

describe('a one-shot that somebody waits for (service_completed_successfully)', () => {
  test('has completed with 0, also with a health check and a port', () => {
    const replica = ended({ exitCode: 0, publishesPorts: true, inspected: { healthcheck: HEALTHCHECK } });

    expect(diagnosisOf(replica, awaiting('completed')).verdict).toBe('well');
  });

  test('is ill when it ended with 1', () => {
    expect(conditionOf(diagnosisOf(ended(), awaiting('completed')))).toBe('exited');
  });

  test.each<Dependency['condition']>(['started', 'healthy'])('is no one-shot when it only has to be %s', condition => {
    const replica = ended({ exitCode: 0, publishesPorts: true });

    expect(conditionOf(diagnosisOf(replica, awaiting(condition)))).toBe('exited');
  });

  test('is no one-shot because another project waits for one of that name', () => {
    const elsewhere = { ...awaiting('completed'), project: 'other' };

    expect(conditionOf(diagnosisOf(ended({ exitCode: 0, publishesPorts: true }), elsewhere))).toBe('exited');
  });
});

describe('out of memory', () => {
  const FOR_MEMORY = 'shop-web-1 was killed by the kernel for using more memory than it may';

  test.each<[string, Replica]>([
    ['OOMKilled in the inspection', ended({ exitCode: 137, inspected: { oomKilled: true } })],
    ['an oom event', ended({ exitCode: 137, seen: { oom: true } })],
    ['an oom event, whatever the exit code', ended({ exitCode: 1, seen: { oom: true } })],
  ])('is what the engine says by %s', (_sentence, replica) => {
    const incident = incidentOf(diagnosisOf(replica));

    expect(incident).toMatchObject({ because: FOR_MEMORY, evidence: { oomKilled: true } });
  });

  test('is not what exit 137 says, which any SIGKILL gives', () => {
    const incident = incidentOf(diagnosisOf(ended({ exitCode: 137 })));

    expect(incident.because).toBe('shop-web-1 exited with 137');
    expect(incident.evidence).toEqual({ exitCode: 137 });
  });
});

describe('the sentence', () => {
  test.each<[string, Replica]>([
    ['shop-web-1 exited with 3', ended({ exitCode: 3 })],
    ['shop-web-1 exited with an unknown code', ended({ exitCode: undefined })],
    [
      'shop-web-1 exited with 1 and the engine gave up restarting it',
      ended({ inspected: { restartPolicy: policy('on-failure', 5), restartCount: 5 } }),
    ],
    ['shop-web-1 could not be started: port is taken', ended({ exitCode: 128, inspected: { error: 'port is taken' } })],
    ['shop-web-1 was stopped by hand', ended({ seen: { stoppedByHandAt: ago('5m') } })],
  ])('is: %s', (sentence, replica) => {
    expect(incidentOf(diagnosisOf(replica)).because).toBe(sentence);
  });
});

describe('a stop by hand', () => {
  const kept = { finishedAt: ago('3m'), restartPolicy: policy('unless-stopped') };

  test.each<[string, Replica, number | undefined]>([
    ['is what the events showed', ended({ seen: { stoppedByHandAt: ago('4m') } }), ago('4m')],
    ['was a stop of what restart: unless-stopped left exited', ended({ inspected: kept }), ago('3m')],
    [
      'was a stop of what restart: always left exited',
      ended({ inspected: { ...kept, restartPolicy: policy('always') } }),
      ago('3m'),
    ],
    ['is not inferred without a restart policy', ended(), undefined],
    [
      'is not inferred from on-failure, which gives up',
      ended({ inspected: { ...kept, restartPolicy: policy('on-failure') } }),
      undefined,
    ],
    ['is not inferred when the start failed', ended({ inspected: { ...kept, error: 'no such file' } }), undefined],
    ['is not inferred when it ran out of memory', ended({ inspected: { ...kept, oomKilled: true } }), undefined],
    ['is not inferred when we saw it die', ended({ inspected: kept, seen: { deaths: [ago('3m')] } }), undefined],
  ])('%s', (_sentence, replica, stoppedAt) => {
    expect(incidentOf(diagnosisOf(replica)).stoppedByHandAt).toBe(stoppedAt);
  });

  test('of all replicas counts from the last of them', () => {
    const replicas = [ago('4m'), ago('2m'), ago('3m')].map((stoppedByHandAt, i) =>
      ended({ number: i + 1, seen: { stoppedByHandAt } }),
    );

    expect(incidentOf(diagnosisOf(replicas)).stoppedByHandAt).toBe(ago('2m'));
  });

  test('of one replica is no stop of another that crashed', () => {
    const replicas = [ended({ seen: { stoppedByHandAt: ago('4m') } }), ended({ number: 2 })];

    expect(incidentOf(diagnosisOf(replicas)).stoppedByHandAt).toBeUndefined();
  });
});

describe('people read why a container does not run', () => {
  const onFailure = { restartPolicy: policy('on-failure', 3) };

  test.each<[Replica, string, object]>([
    [ended(), 'shop-web-1 exited with 1', { exitCode: 1 }],
    [ended({ exitCode: undefined }), 'shop-web-1 exited with an unknown code', {}],
    [
      ended({ inspected: { ...onFailure, restartCount: 3 } }),
      'shop-web-1 exited with 1 and the engine gave up restarting it',
      { exitCode: 1 },
    ],
    [ended({ inspected: { ...onFailure, restartCount: 0 } }), 'shop-web-1 exited with 1', { exitCode: 1 }],
    [
      ended({ inspected: { restartPolicy: policy('no'), restartCount: 3 } }),
      'shop-web-1 exited with 1',
      { exitCode: 1 },
    ],
    [
      ended({ inspected: { error: 'port is already allocated' } }),
      'shop-web-1 could not be started: port is already allocated',
      { exitCode: 1, error: 'port is already allocated' },
    ],
    [aReplica({ state: 'exited', exitCode: 1, inspected: null }), 'shop-web-1 exited with 1', { exitCode: 1 }],
  ])('%#', (replica, because, evidence) => {
    const incident = incidentOf(diagnosisOf(replica));

    expect(incident.because).toBe(because);
    expect(incident.evidence).toStrictEqual(evidence);
  });
});
