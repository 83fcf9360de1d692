import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../watchdog/diagnose/diagnose.ts';
import type { Condition } from '../../watchdog/domain/condition.ts';
import type { Dependency, Probe, Replica, Service } from '../../watchdog/domain/service.ts';
import type { Stack } from '../../watchdog/domain/stack.ts';
import { seconds } from '../../watchdog/domain/time.ts';
import {
  aFinding,
  ago,
  aHealthyReplica,
  aReplica,
  aService,
  aStack,
  HEALTHCHECK,
  later,
  NOON,
} from '../fakes/a-service.ts';

type Verdict = Condition | 'well' | 'nothing-wrong';
type Row = readonly [sentence: string, replica: Replica, verdict: Verdict, because?: string];

/** What it means that web's only replica stands like this, in a stack with these others. */
function judged(replica: Replica, others: readonly Service[] = []): { verdict: Verdict; because: string } {
  return meaning(aStack([aService({ replicas: [replica] }), ...others]));
}

function meaning(stack: Stack, finding = aFinding()): { verdict: Verdict; because: string } {
  const diagnosis = diagnose(finding, stack);
  return diagnosis.verdict === 'incident'
    ? { verdict: diagnosis.incident.condition, because: diagnosis.incident.because }
    : diagnosis;
}

const rows = (about: string, table: readonly Row[]) =>
  describe(about, () => {
    test.each(table.map(([sentence, ...row]) => ({ sentence, row })))(
      '$sentence',
      ({ row: [replica, verdict, because] }) => {
        expect(judged(replica)).toEqual({ verdict, because: expect.stringContaining(because ?? '') });
      },
    );
  });

const policy = (name: 'no' | 'always' | 'on-failure' | 'unless-stopped', maximumRetries = 0) => ({
  name,
  maximumRetries,
});
const exited = (exitCode: number, differing: Parameters<typeof aReplica>[0] = {}) =>
  aReplica({ state: 'exited', exitCode, ...differing, inspected: { finishedAt: ago('1m'), ...differing?.inspected } });
const died = { deaths: [ago('1m')] };
const probe = (output: string, exitCode = 1): Probe => ({ at: ago('2s'), exitCode, output });
const failing = (lastProbe: Probe | undefined, differing: Parameters<typeof aHealthyReplica>[0] = {}) =>
  aHealthyReplica({
    health: 'unhealthy',
    ...differing,
    inspected: { failingStreak: 3, lastProbe, ...differing?.inspected },
  });

rows('a container that runs', [
  ['without a health check is well', aReplica(), 'well', 'shop/web runs'],
  ['and is healthy is well', aHealthyReplica(), 'well', 'shop/web runs and is healthy'],
  ['and is starting is given its time', aHealthyReplica({ health: 'starting' }), 'nothing-wrong', 'starting'],
  [
    'and was told to stop is left alone',
    aReplica({ seen: { signalled: { at: ago('5s'), toEnd: true } } }),
    'nothing-wrong',
    'told to stop',
  ],
  ['and was told to stop long ago is well', aReplica({ seen: { signalled: { at: ago('11m'), toEnd: true } } }), 'well'],
  [
    'and was told to stop within a long grace is left alone',
    aReplica({ inspected: { stopGrace: seconds(3_600) }, seen: { signalled: { at: ago('11m'), toEnd: true } } }),
    'nothing-wrong',
  ],
  ['and was only told to reload is well', aReplica({ seen: { signalled: { at: ago('5s'), toEnd: false } } }), 'well'],
]);

rows('a container that is in somebody else’s hands', [
  ['paused: whoever paused it will unpause it', aReplica({ state: 'paused' }), 'nothing-wrong', 'paused'],
  ['being removed', aReplica({ state: 'removing' }), 'nothing-wrong', 'removed'],
  [
    'dead: the engine failed to remove it',
    aReplica({ state: 'dead', inspected: { error: 'device busy' } }),
    'dead',
    'dead',
  ],
]);

rows('a container that ended', [
  ['with an error is ill', exited(1), 'exited', 'shop-web-1 exited with 1'],
  ['with 0 while it serves a port is ill', exited(0, { publishesPorts: true }), 'exited', 'exited with 0'],
  ['with 0 while it has a health check is ill', exited(0, { inspected: { healthcheck: HEALTHCHECK } }), 'exited'],
  ['with 0 and nothing that only servers have has completed', exited(0), 'well', 'completed'],
  ['with 0 and on-failure has completed', exited(0, { inspected: { restartPolicy: policy('on-failure', 3) } }), 'well'],
  [
    'with 0 while it should run always is ill',
    exited(0, { seen: died, inspected: { restartPolicy: policy('always') } }),
    'exited',
  ],
  [
    'with 1 as a one-shot is ill',
    exited(1, { inspected: { restartPolicy: policy('on-failure', 3), restartCount: 3 } }),
    'exited',
    'the engine gave up',
  ],
  ['with 137 is not out of memory for that', exited(137), 'exited', 'shop-web-1 exited with 137'],
  ['with 137 and the engine’s word is', exited(137, { inspected: { oomKilled: true } }), 'exited', 'more memory'],
  ['with 137 and the engine’s event is', exited(137, { seen: { oom: true } }), 'exited', 'more memory'],
  [
    'because its start failed says why',
    exited(128, { inspected: { error: 'port is already allocated' } }),
    'exited',
    'could not be started: port is already allocated',
  ],
]);

describe('a stop by hand', () => {
  const stoppedByHandAt = (replica: Replica) => {
    const diagnosis = diagnose(aFinding(), aStack([aService({ replicas: [replica] })]));
    return diagnosis.verdict === 'incident' ? diagnosis.incident.stoppedByHandAt : diagnosis.verdict;
  };

  test.each([
    ['was seen', exited(0, { seen: { ...died, stoppedByHandAt: ago('1m') } }), ago('1m')],
    ['was seen, and killed it in the end', exited(137, { seen: { ...died, stoppedByHandAt: ago('1m') } }), ago('1m')],
    [
      'is what `always` leaves exited while nobody watches',
      exited(0, { inspected: { restartPolicy: policy('always') } }),
      ago('1m'),
    ],
    [
      'is what `unless-stopped` leaves exited',
      exited(143, { inspected: { restartPolicy: policy('unless-stopped') } }),
      ago('1m'),
    ],
    [
      'is not what we saw die by itself',
      exited(0, { seen: died, inspected: { restartPolicy: policy('always') } }),
      undefined,
    ],
    [
      'is not a start that failed',
      exited(128, { inspected: { restartPolicy: policy('always'), error: 'no such mount' } }),
      undefined,
    ],
    [
      'is not the kernel’s doing',
      exited(137, { inspected: { restartPolicy: policy('always'), oomKilled: true } }),
      undefined,
    ],
    ['cannot be told from a crash where the engine would not have restarted it', exited(1), undefined],
  ])('%s', (_, replica, at) => {
    expect(stoppedByHandAt(replica)).toBe(at);
  });

  test('of one replica does not make a crash of another one', () => {
    const replicas = [
      exited(0, { publishesPorts: true, seen: { stoppedByHandAt: ago('1h') } }),
      exited(1, { number: 2 }),
    ];

    const diagnosis = diagnose(aFinding(), aStack([aService({ replicas })]));

    expect(diagnosis).toMatchObject({ verdict: 'incident', incident: { stoppedByHandAt: undefined } });
  });
});

describe('a one-shot', () => {
  const awaited: Dependency = { service: 'web', condition: 'completed', restart: false };
  const waiting = aService({ service: 'api', dependencies: [awaited] });

  test('that somebody waits for has completed with 0, whatever else it looks like', () => {
    const replica = exited(0, { publishesPorts: true, inspected: { healthcheck: HEALTHCHECK } });

    expect(judged(replica, [waiting]).verdict).toBe('well');
  });

  test('that somebody waits for is ill when it failed', () => {
    expect(judged(exited(1), [waiting]).verdict).toBe('exited');
  });
});

const looping = (deaths: string[], roundsRestarting = 0) =>
  aReplica({ state: 'restarting', exitCode: 1, seen: { deaths: deaths.map(ago), roundsRestarting } });

rows('a container that the engine restarts', [
  ['for the first time is left to it', looping(['1s']), 'nothing-wrong', 'by its restart policy'],
  ['twice in a minute is left to it', looping(['40s', '1s']), 'nothing-wrong'],
  [
    'three times in a minute is in a loop',
    looping(['40s', '20s', '1s']),
    'restarting',
    'keeps restarting shop-web-1, which exits with 1',
  ],
  ['three times in more than a minute is left to it', looping(['61s', '20s', '1s']), 'nothing-wrong'],
  ['in two rounds running is in a loop, however slowly', looping(['50s'], 2), 'restarting'],
]);

rows('an unhealthy container', [
  [
    'shows the first line of what its check said',
    failing(probe('connection refused\nmore')),
    'unhealthy',
    'fails: connection refused',
  ],
  ['needs no words of its check', failing(undefined), 'unhealthy', 'the health check of shop-web-1 fails'],
  ['whose check takes too long is unhealthy', failing(probe('Health check exceeded timeout (3s)', -1)), 'unhealthy'],
  ['whose check found something missing is unhealthy', failing(probe('HTTP 404: not found')), 'unhealthy'],
  [
    'whose check could not log in is unhealthy',
    failing(probe('ssh: connect to host db port 22: Permission denied')),
    'unhealthy',
  ],
  [
    'that nobody has probed since it was unpaused may be well',
    failing(probe('ok', 0), { inspected: { failingStreak: 0 } }),
    'nothing-wrong',
    'not probed',
  ],
  ['that stopped is not unhealthy but stopped', { ...failing(probe('x')), state: 'exited', exitCode: 1 }, 'exited'],
]);

rows('a check that cannot run', [
  ['exit 127, command not found', failing(probe('whatever', 127)), 'probe-broken', 'exit 127'],
  ['exit 126, cannot be executed', failing(probe('whatever', 126)), 'probe-broken', 'exit 126'],
  ['a shell that misses the program', failing(probe('/bin/sh: 1: curl: not found')), 'probe-broken', 'curl: not found'],
  ['a bare shell', failing(probe('sh: curl: not found')), 'probe-broken'],
  ['bash', failing(probe('bash: line 1: curl: command not found')), 'probe-broken'],
  [
    'the engine that misses the program',
    failing(
      probe('OCI runtime exec failed: exec failed: exec: "curl": executable file not found in $PATH: unknown', -1),
    ),
    'probe-broken',
  ],
  [
    'the engine that misses the file',
    failing(probe('OCI runtime exec failed: exec failed: exec: "/check": stat /check: no such file or directory', -1)),
    'probe-broken',
  ],
]);

describe('all replicas at once', () => {
  const pair = (differing: Parameters<typeof aHealthyReplica>[0] = {}) =>
    [1, 2].map(number => failing(probe('500'), { number, createdAt: ago('2m'), ...differing }));
  const verdict = (replicas: readonly Replica[]) => meaning(aStack([aService({ replicas })])).verdict;

  test('failing since they were deployed: the release or the check is at fault', () => {
    expect(verdict(pair())).toBe('probe-broken');
  });

  test.each([
    ['deployed long ago', pair({ createdAt: ago('11m') })],
    ['that were well in between', pair({ seen: { healthyAt: ago('1m') } })],
    ['but one', [...pair(), aHealthyReplica({ number: 3, createdAt: ago('2m') })]],
    ['of which there is only one', pair().slice(0, 1)],
  ])('%s are just unhealthy', (_, replicas) => {
    expect(verdict(replicas)).toBe('unhealthy');
  });
});

describe('a container that was created and does not run', () => {
  const created = (error = '') =>
    aReplica({ state: 'created', createdAt: ago('5m'), inspected: { startedAt: undefined, error } });
  const started = (at: number) =>
    aService({ service: 'db', replicas: [aReplica({ service: 'db', inspected: { startedAt: at } })] });

  test.each([
    ['because its start failed, is ill', created('port is already allocated'), [], 'never-started'],
    ['because an up was broken off before its turn, is ill', created(), [started(ago('4m'))], 'never-started'],
    ['on purpose, as nothing was started since, is left alone', created(), [started(ago('6m'))], 'nothing-wrong'],
    ['on its own is left alone', created(), [], 'nothing-wrong'],
  ])('%s', (_, replica, others, verdict) => {
    expect(judged(replica, others).verdict).toBe(verdict);
  });
});

describe("a container in another one's network", () => {
  const needsVpn: Dependency = { service: 'vpn', condition: 'started', restart: true };
  const child = (differing: Parameters<typeof aReplica>[0] = {}) =>
    aService({
      dependencies: [needsVpn],
      replicas: [aReplica({ networkParent: 'vpn-id', createdAt: ago('1h'), ...differing })],
    });
  const vpn = (differing: Parameters<typeof aReplica>[0] = {}) =>
    aService({ service: 'vpn', replicas: [aReplica({ service: 'vpn', id: 'vpn-id', ...differing })] });
  const GONE = { gone: { 'vpn-id': { project: 'shop', service: 'vpn' } } };

  test.each([
    [
      'is well while its parent lives the same life',
      [child(), vpn({ inspected: { startedAt: ago('2h') } })],
      {},
      'well',
    ],
    [
      'is well when it was started with its parent',
      [child(), vpn({ inspected: { startedAt: ago('1h') } })],
      {},
      'well',
    ],
    [
      'has lost its network when the parent was restarted since',
      [child(), vpn({ inspected: { startedAt: ago('1m') } })],
      {},
      'orphaned-network',
    ],
    [
      'is judged by its own state while the parent is down',
      [child(), vpn({ state: 'exited', exitCode: 1 })],
      {},
      'well',
    ],
    [
      'has lost its network when the parent was replaced',
      [child(), vpn({ id: 'new', createdAt: ago('1m') })],
      GONE,
      'orphaned-network',
    ],
    ['has lost its network when the parent is gone', [child()], GONE, 'orphaned-network'],
    [
      'has lost its network when the parent had been replaced before we came',
      [child(), vpn({ id: 'new', createdAt: ago('1m') })],
      {},
      'orphaned-network',
    ],
    [
      'is left alone when nobody knows the parent, and the likely one is older',
      [child(), vpn({ id: 'new', createdAt: ago('2h') })],
      {},
      'well',
    ],
    ['is left alone when nobody knows the parent', [child()], {}, 'well'],
    [
      'is not restarted after a stop by hand',
      [child({ state: 'exited', exitCode: 0, seen: { stoppedByHandAt: ago('1m') } })],
      GONE,
      'exited',
    ],
    [
      'that ended is started again when the parent runs',
      [child({ state: 'exited', exitCode: 1 }), vpn()],
      {},
      'exited',
    ],
  ])('%s', (_, services, facts, verdict) => {
    expect(meaning(aStack(services, facts)).verdict).toBe(verdict);
  });

  test('names the parent to join when it was replaced', () => {
    const diagnosis = diagnose(aFinding(), aStack([child(), vpn({ id: 'new' })], GONE));

    expect(diagnosis).toMatchObject({ incident: { evidence: { parent: 'replaced', networkParent: 'new' } } });
  });
});

describe('a dependant that asks to be restarted with its dependency', () => {
  const edge = (restart: boolean): Dependency => ({ service: 'db', condition: 'started', restart });
  const repaired = aFinding({ kind: 'dependency-repaired', evidence: { dependency: 'db' } });
  const db = aService({ service: 'db', replicas: [aReplica({ service: 'db', inspected: { startedAt: ago('15s') } })] });
  const api = (restart: boolean, startedAt: number) =>
    aService({ dependencies: [edge(restart)], replicas: [aReplica({ inspected: { startedAt } })] });

  test.each([
    ['is restarted when it is older than its dependency', api(true, ago('1h')), repaired, 'dependency-restarted'],
    ['is left alone when it came back meanwhile', api(true, ago('10s')), repaired, 'well'],
    ['is left alone when it did not ask', api(false, ago('1h')), repaired, 'well'],
    ['is left alone when nobody was repaired', api(true, ago('1h')), aFinding(), 'well'],
  ])('%s', (_, service, finding, verdict) => {
    expect(meaning(aStack([service, db]), finding).verdict).toBe(verdict);
  });
});

describe('a service', () => {
  test('with several sick replicas is one incident with all that have the same condition', () => {
    const replicas = [exited(1), exited(2, { number: 2 }), failing(probe('x'), { number: 3 }), aReplica({ number: 4 })];

    const diagnosis = diagnose(aFinding(), aStack([aService({ replicas })]));

    expect(diagnosis).toMatchObject({
      incident: {
        condition: 'exited',
        because: 'shop-web-1 exited with 1 (and 1 more of its replicas)',
        patients: [{ number: 1 }, { number: 2 }],
      },
    });
  });

  test('is judged first by the container that the finding names', () => {
    const replicas = [exited(1), failing(probe('x'), { number: 2 })];
    const finding = aFinding({ target: { project: 'shop', service: 'web', containerId: 'shop-web-2-id' } });

    expect(meaning(aStack([aService({ replicas })]), finding).verdict).toBe('unhealthy');
  });

  test('that is gone is nobody’s trouble any more', () => {
    expect(meaning(aStack([]))).toEqual({ verdict: 'well', because: 'shop/web has no containers any more' });
  });

  test('counts as well from the youngest of its good states on', () => {
    const replicas = [
      aHealthyReplica({ seen: { healthyAt: ago('10s') } }),
      aHealthyReplica({ number: 2, inspected: { startedAt: ago('30s') } }),
    ];

    expect(diagnose(aFinding(), aStack([aService({ replicas })]))).toMatchObject({
      verdict: 'well',
      wellSince: ago('10s'),
    });
  });

  test('that a person wants repaired is an incident although it is well', () => {
    const finding = aFinding({ kind: 'asked', ask: { reason: 'new certificate' } });

    expect(meaning(aStack([aService()]), finding)).toEqual({ verdict: 'asked', because: 'new certificate' });
  });

  test('that a person wants repaired and that is sick is what it is', () => {
    const finding = aFinding({ kind: 'asked', ask: {} });

    expect(meaning(aStack([aService({ replicas: [exited(1)] })]), finding).verdict).toBe('exited');
  });
});

describe('the engine', () => {
  const target = { project: 'host', service: 'engine' };

  test.each([
    ['engine-lost', 'engine-lost'],
    ['engine-back', 'well'],
    ['look-again', 'nothing-wrong'],
  ] as const)('after %s is %s', (kind, verdict) => {
    expect(meaning(aStack([]), aFinding({ kind, target, evidence: { reason: 'refused' } })).verdict).toBe(verdict);
  });
});

test('every illness is dated by the engine, not by our look', () => {
  const sick: readonly [Replica, number][] = [
    [exited(1), ago('1m')],
    [exited(0, { seen: { stoppedByHandAt: ago('2m') } }), ago('2m')],
    [failing(probe('x')), ago('2s')],
    [looping(['40s', '20s', '1s']), ago('40s')],
    [aReplica({ state: 'dead', inspected: { finishedAt: ago('3m') } }), ago('3m')],
  ];

  for (const [replica, since] of sick)
    expect(
      diagnose(aFinding({ at: NOON, seenAt: later('0s') }), aStack([aService({ replicas: [replica] })])),
    ).toMatchObject({
      incident: { since },
    });
});
