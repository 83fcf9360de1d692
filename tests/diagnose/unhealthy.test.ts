import { describe, expect, test } from '@jest/globals';
import type { Replica } from '../../watchdog/domain/service.ts';
import { ago, aHealthyReplica, aReplica } from '../fakes/a-service.ts';
import { conditionOf, diagnosisOf, incidentOf } from './a-diagnosis.ts';

type Differing = NonNullable<Parameters<typeof aReplica>[0]>;

/** Made an hour ago; its last three probes have failed. */
const failing = ({ inspected, ...differing }: Differing = {}): Replica =>
  aHealthyReplica({
    health: 'unhealthy',
    ...differing,
    inspected: { failingStreak: 3, lastProbe: { at: ago('4s'), exitCode: 1, output: '' }, ...inspected },
  });

const probed = (exitCode: number, output: string, differing: Differing = {}): Replica =>
  failing({ ...differing, inspected: { lastProbe: { at: ago('4s'), exitCode, output } } });

describe('a health check that fails', () => {
  test('makes a running container ill, with its last output kept for people', () => {
    expect(incidentOf(diagnosisOf(probed(22, 'HTTP 503\nsecond line')))).toMatchObject({
      condition: 'unhealthy',
      because: 'the health check of shop-web-1 fails: HTTP 503',
      evidence: { failingStreak: 3, probeExitCode: 22, probeOutput: 'HTTP 503\nsecond line' },
      since: ago('4s'),
    });
  });

  test('is told by the first line of its output, and no more of it than people read', () => {
    expect(incidentOf(diagnosisOf(probed(1, 'x'.repeat(300)))).because).toBe(
      `the health check of shop-web-1 fails: ${'x'.repeat(200)}`,
    );
  });

  test('is said to decide where the engine had not probed for a while', () => {
    expect(diagnosisOf(failing({ inspected: { failingStreak: 2 } }))).toMatchObject({
      because: 'shop-web-1 was not probed for a while; its health check decides',
    });
  });

  test('is told without an output where it printed none', () => {
    expect(incidentOf(diagnosisOf(failing())).because).toBe('the health check of shop-web-1 fails');
  });

  test.each<[string, string, Replica]>([
    ['is nothing yet while the container is starting', 'nothing-wrong', failing({ health: 'starting' })],
    ['is nothing while the container is paused', 'nothing-wrong', failing({ state: 'paused' })],
    [
      'is nothing while somebody stops the container',
      'nothing-wrong',
      failing({ seen: { signalled: { at: ago('5s'), toEnd: true } } }),
    ],
    [
      'counts in spite of a signal on which programs do not end',
      'unhealthy',
      failing({ seen: { signalled: { at: ago('5s'), toEnd: false } } }),
    ],
    [
      'counts when a stop was asked for long ago and nothing came of it',
      'unhealthy',
      failing({ seen: { signalled: { at: ago('10m'), toEnd: true } } }),
    ],
    [
      'is nothing while its own stop grace, longer than that, runs',
      'nothing-wrong',
      failing({ seen: { signalled: { at: ago('10m'), toEnd: true } }, inspected: { stopGrace: 3_600_000 } }),
    ],
    [
      'awaits more probes when the engine had not probed for a while',
      'nothing-wrong',
      failing({ inspected: { failingStreak: 2 } }),
    ],
    ['counts when nobody could look closer', 'unhealthy', aReplica({ health: 'unhealthy', inspected: null })],
    ['is past once it succeeds', 'well', failing({ health: 'healthy' })],
  ])('%s', (_sentence, outcome, replica) => {
    expect(conditionOf(diagnosisOf(replica))).toBe(outcome);
  });
});

describe('a health check that cannot run', () => {
  test.each([
    [126, ''],
    [127, ''],
    [1, '/bin/sh: curl: not found'],
    [1, '/bin/sh: 1: curl: not found'],
    [1, 'sh: curl: not found'],
    [1, 'bash: line 1: pg_isready: command not found'],
    [1, '/bin/bash: line 1: curl: command not found'],
    [1, '/bin/ash: wget: not found'],
    [1, 'sh: 1: /check: Permission denied'],
    [1, 'checking\nsh: curl: not found\n'],
    [
      -1,
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "curl": executable file not found in $PATH: unknown',
    ],
    [
      -1,
      'OCI runtime exec failed: exec failed: container_linux.go:380: starting container process caused: exec: "/check": permission denied: unknown',
    ],
    [-1, 'OCI runtime exec failed: exec failed: exec: "/check": stat /check: no such file or directory: unknown'],
    [1, '/healthcheck.sh: line 3: curl: command not found'],
    [1, './healthcheck.sh: 3: curl: not found'],
  ])('is at fault itself: exit %d, %j', (exitCode, output) => {
    const incident = incidentOf(diagnosisOf(probed(exitCode, output)));

    expect(incident.condition).toBe('probe-broken');
    expect(incident.because).toMatch(/^shop-web-1 counts as unhealthy, but its check cannot run/);
    expect(incident.evidence).toMatchObject({ probeExitCode: exitCode, probeOutput: output });
  });

  test.each([
    [1, '404 not found'],
    [22, 'curl: (22) The requested URL returned error: 404 Not Found'],
    [1, 'HTTP/1.1 404 Not Found'],
    [1, 'wget: server returned error: HTTP/1.1 404 Not Found'],
    [-1, 'Health check exceeded timeout (3s)'],
    [1, 'database: permission denied for table users'],
    [1, 'cat: /tmp/alive: No such file or directory'],
    [1, 'the shell said sh: curl: not found'],
    [1, 'publish: key: not found'],
    [125, ''],
    [128, ''],
    [2, 'relation "user" not found'],
  ])('is not what a check says that ran: exit %d, %j', (exitCode, output) => {
    expect(conditionOf(diagnosisOf(probed(exitCode, output)))).toBe('unhealthy');
  });
});

describe('all replicas failing since they were deployed', () => {
  const fresh = (number: number, differing: Differing = {}) => failing({ number, createdAt: ago('9m'), ...differing });

  test('speaks against the release or the check, not against the replicas', () => {
    const incident = incidentOf(diagnosisOf([fresh(1), fresh(2)]));

    expect(incident.condition).toBe('probe-broken');
    expect(incident.because).toContain('all 2 replicas have failed since they were deployed');
    expect(incident.patients).toHaveLength(2);
  });

  test.each<[string, Replica[]]>([
    ['there is only one', [fresh(1)]],
    ['the deploy was a while ago', [failing({ number: 1, createdAt: ago('10m') }), failing({ number: 2 })]],
    ['one of them was well since', [fresh(1), fresh(2, { seen: { healthyAt: ago('5m') } })]],
    ['one of them is well', [fresh(1), fresh(2, { health: 'healthy' })]],
    ['one of them is still starting', [fresh(1), fresh(2, { health: 'starting' })]],
  ])('proves nothing when %s', (_sentence, replicas) => {
    expect(conditionOf(diagnosisOf(replicas))).toBe('unhealthy');
  });
});
