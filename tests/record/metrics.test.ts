import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GATE_CODES } from '../../watchdog/domain/decision.ts';
import { NOTHING_SEEN, type Service } from '../../watchdog/domain/service.ts';
import { createMetrics, type Metrics, type Standing } from '../../watchdog/record/metrics.ts';
import { metricsReporter } from '../../watchdog/record/metrics-reporter.ts';
import { aService } from './a-service.ts';
import { anIncident, anOrder, aPlace, attempted, NOON, type Place } from './ledger/a-ledger.ts';
import { aGo, anEnd, anOpening, aResolution, aStandBack, aVerdict } from './some-news.ts';

let place: Place;
let metrics: Metrics;
beforeEach(() => {
  place = aPlace();
  metrics = createMetrics({ version: '1.2.3' });
});
afterEach(() => place.remove());

/** The series of this metric, without `# HELP` and `# TYPE`. */
async function seriesOf(name: string): Promise<string[]> {
  const page = await metrics.metrics();
  return page.split('\n').filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

const standing = (services: () => Iterable<Service>, changes: Partial<Standing> = {}): Standing => ({
  services,
  openIncidents: () => [],
  limits: () => [],
  measuredSince: () => 0,
  disks: () => [],
  memory: () => undefined,
  sizes: () => [],
  dockerDisk: () => ({}),
  checks: () => ({ engine: undefined, ledger: undefined }),
  queues: () => [{ queue: 'lanes', fill: 2, limit: 24 }],
  ...changes,
});

test('the page is in the text format, every family described once, and ends with a line feed', async () => {
  metrics.mirror(standing(() => [aService({})]));

  const page = await metrics.metrics();

  const families = page.match(/^# TYPE \S+/gm) ?? [];
  expect(new Set(families).size).toBe(families.length);
  expect(page.match(/^# HELP \S+/gm)).toHaveLength(families.length);
  expect(page.endsWith('\n')).toBe(true);
  for (const line of page.split('\n').filter(each => each !== '' && !each.startsWith('#'))) {
    expect(line).toMatch(/^[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? [-+0-9.eE]+$/);
  }
  expect(metrics.contentType).toContain('version=0.0.4');
});

test.each([
  'repair_attempts_total',
  'service_health_status',
  'service_failure_count',
  'service_last_repair_timestamp',
  'service_restarts_total',
  'service_replicas',
  'service_created_timestamp',
  'service_replicas_down',
  'service_depends_on',
  'service_oom_kills_total',
  'watchdog_decisions_total',
  'watchdog_incidents_open',
  'watchdog_incidents_escalated',
  'watchdog_detection_seconds',
  'watchdog_recovery_seconds',
  'watchdog_attempts_in_window',
  'watchdog_cooldown_until_timestamp',
  'watchdog_round_duration_seconds',
  'watchdog_docker_requests_total',
  'watchdog_event_gaps_total',
  'watchdog_build_info',
  'watchdog_ledger_errors_total',
  'process_resident_memory_bytes',
  'process_cpu_seconds_total',
  'process_start_time_seconds',
  'nodejs_eventloop_utilization_ratio',
])('%s is there', async name => {
  metrics.mirror(standing(() => []));

  expect(await metrics.metrics()).toContain(`# TYPE ${name} `);
});

test('the present status of a service is 1 and the others 0', async () => {
  metrics.mirror(standing(() => [aService({ health: 'unhealthy' })]));

  const series = await seriesOf('service_health_status');

  expect(series).toHaveLength(8);
  expect(series.filter(line => line.endsWith(' 1'))).toEqual([
    'service_health_status{project="shop",service="web",status="unhealthy"} 1',
  ]);
});

test('a service that is gone leaves nothing behind', async () => {
  const services = [aService({}), aService({ service: 'db' })];
  metrics.mirror(standing(() => services));
  for (const service of ['web', 'db']) metrics.repairEnded(anOrder({ service }), 'healed', NOON);
  expect(await seriesOf('service_health_status')).toHaveLength(16);
  expect(await seriesOf('repair_attempts_total')).toHaveLength(2);

  services.pop();

  expect(await metrics.metrics()).not.toContain('service="db"');
  expect(await seriesOf('repair_attempts_total')).toHaveLength(1);
});

test('the incidents of the host stay, though the host is no service', async () => {
  metrics.incidentOpened({ project: 'host', service: 'engine' }, 0);
  metrics.mirror(standing(() => []));

  expect(await seriesOf('service_failure_count')).toEqual(['service_failure_count{project="host",service="engine"} 1']);
});

test('replicas are those that run, restarts those of the engine', async () => {
  const inspected = {
    startedAt: 0,
    finishedAt: undefined,
    restartPolicy: { name: 'always', maximumRetries: 0 },
    oomKilled: false,
    error: '',
    healthcheck: undefined,
    failingStreak: 0,
    lastProbe: undefined,
    stopGrace: undefined,
    sharesWith: [],
    mayWrite: { '/': true },
    aliases: [],
  } as const;
  const service = aService(
    { inspected: { ...inspected, restartCount: 2 } },
    { state: 'exited', inspected: { ...inspected, restartCount: 3 } },
    {},
  );
  metrics.mirror(standing(() => [service]));

  expect(await seriesOf('service_replicas')).toEqual(['service_replicas{project="shop",service="web"} 2']);
  expect(await seriesOf('service_restarts_total')).toEqual(['service_restarts_total{project="shop",service="web"} 5']);
});

test('a service was made when its newest container was, and one without containers never', async () => {
  const service = aService({ createdAt: 1_000_500 }, { createdAt: 2_000_500 });
  metrics.mirror(standing(() => [service, { ...service, service: 'gone', replicas: [] }]));

  expect(await seriesOf('service_created_timestamp')).toEqual([
    'service_created_timestamp{project="shop",service="web"} 2000.5',
  ]);
});

describe('what is down', () => {
  const downOf = async (...services: Service[]): Promise<string[]> => {
    metrics.mirror(standing(() => services));
    return (await seriesOf('service_replicas_down')).map(line => line.split(' ').at(-1) ?? '');
  };

  test.each([
    ['runs', [{}], '0'],
    ['crashed, one of two', [{}, { state: 'exited', exitCode: 1 }], '1'],
    ['dead', [{ state: 'dead' }], '1'],
    ['created and not started', [{ state: 'created' }], '1'],
    ['paused', [{ state: 'paused' }], '0'],
    ['restarted by the engine', [{ state: 'restarting' }], '0'],
    ['a one-shot that is done', [{ state: 'exited', exitCode: 0 }], '0'],
    ['a server that exited 0', [{ state: 'exited', exitCode: 0, publishesPorts: true }], '1'],
    ['stopped by hand', [{ state: 'exited', exitCode: 0, seen: { ...NOTHING_SEEN, stoppedByHandAt: 1 } }], '1'],
  ] as const)('%s', async (_, replicas, expected) => {
    expect(await downOf(aService(...replicas))).toEqual([expected]);
  });

  test('somebody waits for its completion, in its own project', async () => {
    const migrate = { service: 'migrate', state: 'exited', exitCode: 0, publishesPorts: true } as const;
    const waits = { dependencies: [{ service: 'migrate', condition: 'completed', restart: false } as const] };

    expect(await downOf(aService(migrate), { ...aService({}), ...waits })).toEqual(['0', '0']);
    expect(await downOf(aService(migrate), { ...aService({ project: 'other' }), ...waits })).toEqual(['1', '0']);
  });
});

test('who depends on whom is told once for each dependency', async () => {
  const on = (service: string, condition: 'started' | 'healthy') => ({ service, condition, restart: false });
  const dependencies = [on('db', 'healthy'), on('db', 'started'), on('cache', 'started')];
  metrics.mirror(standing(() => [{ ...aService({}), dependencies }]));

  expect(await seriesOf('service_depends_on')).toEqual([
    'service_depends_on{project="shop",service="web",dependency="db"} 1',
    'service_depends_on{project="shop",service="web",dependency="cache"} 1',
  ]);
});

test('out-of-memory kills are counted from 0, by service, as long as it is there', async () => {
  const services = [aService({}), aService({ service: 'db' })];
  metrics.mirror(standing(() => services));
  metrics.oomKilled({ project: 'shop', service: 'db' });
  metrics.oomKilled({ project: 'shop', service: 'db' });
  expect(await seriesOf('service_oom_kills_total')).toEqual([
    'service_oom_kills_total{project="shop",service="web"} 0',
    'service_oom_kills_total{project="shop",service="db"} 2',
  ]);

  const db = services.pop() as Service;
  await metrics.metrics();
  services.push(db);

  expect(await seriesOf('service_oom_kills_total')).toContain('service_oom_kills_total{project="shop",service="db"} 0');
});

test('every gate is there from the beginning, at 0', async () => {
  const series = await seriesOf('watchdog_decisions_total');

  expect(series).toHaveLength(GATE_CODES.length);
  expect(series).toContain('watchdog_decisions_total{verdict="stand-back",code="storm"} 0');
});

test('names from Compose files cannot break the page', async () => {
  metrics.mirror(standing(() => [aService({ service: 'a"b\\c\nd' })]));

  expect(await seriesOf('service_replicas')).toEqual([
    String.raw`service_replicas{project="shop",service="a\"b\\c\nd"} 1`,
  ]);
});

test('open incidents are counted by kind', async () => {
  const openIncidents = () =>
    [anIncident(), anIncident({ service: 'db' }), anIncident({ kind: 'host' })].map(open => ({
      ...open,
      state: open.service === 'db' ? ('escalated' as const) : ('opened' as const),
      approvals: [],
    }));
  metrics.mirror(standing(() => [], { openIncidents }));

  const series = await seriesOf('watchdog_incidents_open');

  expect(series).toContain('watchdog_incidents_open{kind="ailing"} 2');
  expect(series).toContain('watchdog_incidents_open{kind="host"} 1');
  expect(series).toContain('watchdog_incidents_open{kind="starved"} 0');
  expect(await seriesOf('watchdog_incidents_escalated')).toEqual([
    'watchdog_incidents_escalated{project="shop",service="db",kind="ailing"} 1',
  ]);
});

test('limits are shown as they stand', async () => {
  const ref = { project: 'shop', service: 'web', kind: 'ailing' } as const;
  const limits = () => [
    { ...ref, attemptsInWindow: 2, cooldownUntil: 1_500 },
    { ...ref, service: 'db', attemptsInWindow: 0, cooldownUntil: undefined },
  ];
  metrics.mirror(standing(() => [], { limits }));

  expect(await seriesOf('watchdog_attempts_in_window')).toEqual([
    'watchdog_attempts_in_window{project="shop",service="web",kind="ailing"} 2',
    'watchdog_attempts_in_window{project="shop",service="db",kind="ailing"} 0',
  ]);
  expect(await seriesOf('watchdog_cooldown_until_timestamp')).toEqual([
    'watchdog_cooldown_until_timestamp{project="shop",service="web",kind="ailing"} 1.5',
  ]);
});

test('a ledger that cannot be read costs its own metrics only, and is counted', async () => {
  const broken = () => {
    throw new Error('disk');
  };
  metrics.mirror(standing(() => [aService({})], { openIncidents: broken, limits: broken }));

  const page = await metrics.metrics();

  expect(page).toContain('service_replicas{project="shop",service="web"} 1');
  expect(page).not.toContain('watchdog_incidents_open{');
  expect(page).toContain('watchdog_ledger_errors_total 2');
});

test('what is known elsewhere is asked at a scrape only', async () => {
  let asked = 0;
  metrics.mirror(
    standing(() => {
      asked += 1;
      return [];
    }),
  );

  metrics.repairEnded(anOrder(), 'healed', NOON);
  expect(asked).toBe(0);
  await metrics.metrics();
  expect(asked).toBe(1);
});

test('the news are counted', async () => {
  const { tell } = metricsReporter(metrics);
  for (const news of [
    anOpening(),
    aGo(),
    anEnd({ outcome: 'not-healed' }),
    aStandBack(),
    aStandBack(),
    aGo(),
    anEnd(),
  ]) {
    tell(news);
  }
  for (const news of [aVerdict('well'), anOpening({ detectedAfter: 20 })]) tell(news);

  expect((await seriesOf('watchdog_decisions_total')).filter(line => !line.endsWith(' 0'))).toEqual([
    'watchdog_decisions_total{verdict="stand-back",code="cooldown"} 2',
    'watchdog_decisions_total{verdict="go",code="go"} 2',
    'watchdog_decisions_total{verdict="well",code="well"} 1',
  ]);
  expect(await seriesOf('repair_attempts_total')).toEqual([
    'repair_attempts_total{project="shop",service="web",action="restart",success="false"} 1',
    'repair_attempts_total{project="shop",service="web",action="restart",success="true"} 1',
  ]);
  expect(await seriesOf('service_last_repair_timestamp')).toEqual([
    `service_last_repair_timestamp{project="shop",service="web"} ${NOON / 1_000}`,
  ]);
  expect(await seriesOf('watchdog_detection_seconds_sum')).toEqual(['watchdog_detection_seconds_sum 1.52']);
});

test('failures are counted until the service is healthy', async () => {
  const { tell } = metricsReporter(metrics);
  const failures = async () => (await seriesOf('service_failure_count')).map(line => line.split(' ').at(-1));

  tell(anOpening());
  tell(anEnd({ outcome: 'not-healed' }));
  tell(anEnd({ outcome: 'failed' }));
  expect(await failures()).toEqual(['3']);

  tell(anEnd({ outcome: 'healed' }));
  tell(aResolution());
  expect(await failures()).toEqual(['0']);
  expect(await seriesOf('watchdog_recovery_seconds_sum')).toEqual(['watchdog_recovery_seconds_sum 25']);
});

test('after a restart of the watchdog the failures and the last repair are known again', async () => {
  const { ledger } = place.open();
  attempted(ledger, NOON - 1_000);
  attempted(ledger, NOON);
  const { id } = ledger.openIncident(anIncident({ service: 'db' }), NOON);
  ledger.moveIncident(id, 'resolved', 'healthy', NOON);

  metrics.recall(ledger);

  expect(await seriesOf('service_failure_count')).toEqual(['service_failure_count{project="shop",service="web"} 3']);
  expect(await seriesOf('service_last_repair_timestamp')).toEqual([
    `service_last_repair_timestamp{project="shop",service="web"} ${NOON / 1_000}`,
  ]);
});

test('rounds, engine requests, gaps and ledger failures are counted', async () => {
  metrics.roundTook(0.02);
  metrics.engineAsked('containers/json', 'ok');
  metrics.engineAsked('containers/json', 'ok');
  metrics.engineAsked('containers/restart', '500');
  metrics.eventGap();
  metrics.ledgerFailed();

  const page = await metrics.metrics();

  expect(page).toContain('watchdog_round_duration_seconds_bucket{le="0.025"} 1');
  expect(page).toContain('watchdog_round_duration_seconds_bucket{le="0.01"} 0');
  expect(page).toContain('watchdog_docker_requests_total{endpoint="containers/json",code="ok"} 2');
  expect(page).toContain('watchdog_docker_requests_total{endpoint="containers/restart",code="500"} 1');
  expect(page).toContain('watchdog_event_gaps_total 1');
  expect(page).toContain('watchdog_ledger_errors_total 1');
  expect(page).toContain(`watchdog_build_info{version="1.2.3",node="${process.versions.node}"} 1`);
});

test('two registries do not mix', async () => {
  const other = createMetrics({ version: '2' });
  other.eventGap();

  expect(await seriesOf('watchdog_event_gaps_total')).toEqual(['watchdog_event_gaps_total 0']);
});

test('shows what is wrong with the watchdog itself, and how full its queues are', async () => {
  const queues = () => [{ queue: 'lanes', fill: 2, limit: 24 }];
  metrics.mirror(standing(() => [], { checks: () => ({ engine: undefined, ledger: 'the disk is full' }), queues }));

  expect(await seriesOf('watchdog_healthy')).toEqual([
    'watchdog_healthy{check="engine"} 1',
    'watchdog_healthy{check="ledger"} 0',
  ]);
  expect(await seriesOf('watchdog_queue_fill')).toEqual(['watchdog_queue_fill{queue="lanes"} 2']);
  expect(await seriesOf('watchdog_queue_limit')).toEqual(['watchdog_queue_limit{queue="lanes"} 24']);
});

test('counts the times in which the event loop stood still', async () => {
  metrics.stalled(2_500);

  expect(await seriesOf('watchdog_event_loop_stall_seconds_sum')).toEqual([
    'watchdog_event_loop_stall_seconds_sum 2.5',
  ]);
});
