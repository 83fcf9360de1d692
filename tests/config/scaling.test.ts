import { describe, expect, test } from '@jest/globals';
import { settingsInForce } from '../../watchdog/config/describe.ts';
import { type Loaded, loadSettings } from '../../watchdog/config/load-settings.ts';
import { formatProblem } from '../../watchdog/config/problem.ts';
import type { Env } from '../../watchdog/config/read-env.ts';
import { scalingFor } from '../../watchdog/config/scaling-for.ts';
import { DEFAULT_DOWN, DEFAULT_UP, type Scaling, type ScalingMetric } from '../../watchdog/domain/scaling.ts';

const web = { project: 'shop', service: 'web' };
const load = (yaml: string, env: Env = {}): Loaded => loadSettings({ env, readFile: () => yaml, inContainer: true });
const scaling = (yaml: string, labels: Record<string, string> = {}, env: Env = {}) =>
  scalingFor(load(yaml, env).settings, web, labels);
const labelled = (labels: Record<string, string>, env: Env = {}) => scaling('', { auto_scale: 'true', ...labels }, env);

const cpuThresholds: ScalingMetric = { source: { kind: 'cpu' }, aim: { kind: 'thresholds', up: 0.8, down: 0.2 } };
const celery = { kind: 'queue', queue: 'redis://cache:6379/0#celery' } as const;

describe('who is scaled', () => {
  test('nobody is whom neither file nor label names', () => {
    expect(scaling('')).toMatchObject({ scaling: undefined, problems: [] });
  });

  test.each<[string, string, Record<string, string>, boolean]>([
    ['a section of the file asks for it', 'scaling: { web: { max_replicas: 3 } }', {}, true],
    ['so does one for this project', 'scaling: { shop/web: { max_replicas: 3 } }', {}, true],
    ['one for another project does not', 'scaling: { blog/web: { max_replicas: 3 } }', {}, false],
    ['so does the label', '', { auto_scale: 'true' }, true],
    ['the label takes it out of the file', 'scaling: { web: { max_replicas: 3 } }', { auto_scale: 'no' }, false],
    ['the file can take it out', 'scaling: { web: { enabled: false } }', {}, false],
    ['and the label in again', 'scaling: { web: { enabled: false } }', { auto_scale: 'yes' }, true],
  ])('%s', (_, yaml, labels, scaled) => {
    const found = scaling(yaml, labels);

    expect(found.problems).toEqual([]);
    expect(found.scaling !== undefined).toBe(scaled);
  });
});

describe('what a service is scaled by', () => {
  test('without a word more: cpu between 0.2 and 0.8 of the limit, 1 to 5 replicas, at the pace of Kubernetes', () => {
    expect(labelled({}).scaling).toEqual({
      min: 1,
      max: 5,
      metrics: [cpuThresholds],
      up: DEFAULT_UP,
      down: DEFAULT_DOWN,
      fallback: undefined,
      sharedStorage: false,
    } satisfies Scaling);
  });

  test.each<[string, Record<string, string>, Partial<Scaling>]>([
    ['min and max', { 'auto_scale.min': '2', 'auto_scale.max': '9' }, { min: 2, max: 9 }],
    [
      'thresholds',
      {
        'auto_scale.metric': 'memory',
        'auto_scale.scale_up_threshold': '0.7',
        'auto_scale.scale_down_threshold': '0.3',
      },
      { metrics: [{ source: { kind: 'memory' }, aim: { kind: 'thresholds', up: 0.7, down: 0.3 } }] },
    ],
    [
      'a target',
      { 'auto_scale.target': '0.6' },
      { metrics: [{ source: { kind: 'cpu' }, aim: { kind: 'target', target: 0.6 } }] },
    ],
    [
      'a queue, with a hundred items for each replica',
      { 'auto_scale.metric': 'queue', 'auto_scale.queue': celery.queue },
      { metrics: [{ source: celery, aim: { kind: 'per-replica', target: 100 } }] },
    ],
    [
      'a queue that lets it go to nought',
      {
        'auto_scale.metric': 'QUEUE',
        'auto_scale.queue': celery.queue,
        'auto_scale.target_per_replica': '5',
        'auto_scale.min': '0',
      },
      { min: 0, metrics: [{ source: celery, aim: { kind: 'per-replica', target: 5 } }] },
    ],
    [
      'a query of what each replica has',
      { 'auto_scale.metric': 'prometheus', 'auto_scale.query': 'avg(busy)', 'auto_scale.target': '0.5' },
      { metrics: [{ source: { kind: 'prometheus', query: 'avg(busy)' }, aim: { kind: 'target', target: 0.5 } }] },
    ],
    [
      'a cooldown for both directions',
      { 'auto_scale.cooldown': '2m' },
      { up: { ...DEFAULT_UP, cooldown: 120_000 }, down: { ...DEFAULT_DOWN, cooldown: 120_000 } },
    ],
  ])('the labels can say: %s', (_, labels, expected) => {
    const found = labelled(labels);

    expect(found.problems).toEqual([]);
    expect(found.scaling).toMatchObject(expected);
  });

  test('the file can say all of it', () => {
    const { settings, problems } = load(`
scaling:
  web:
    metrics:
      - { metric: cpu, target: 0.6 }
      - { metric: prometheus, query: 'sum(rate(requests_total[1m]))', target_per_replica: 50 }
    max_replicas: 30
    behaviour:
      scale_up: { stabilization_window: 1m, policies: [{ replicas: 2, period: 1m }], select: min }
      scale_down: { select: disabled, cooldown: 5m }
    cooldown: 30s
    fallback: { replicas: 4, after: 3 }
    shared_storage: yes
`);

    expect(problems).toEqual([]);
    expect(scalingFor(settings, web, {}).scaling).toEqual({
      min: 1,
      max: 30,
      metrics: [
        { source: { kind: 'cpu' }, aim: { kind: 'target', target: 0.6 } },
        {
          source: { kind: 'prometheus', query: 'sum(rate(requests_total[1m]))' },
          aim: { kind: 'per-replica', target: 50 },
        },
      ],
      up: {
        window: 60_000,
        policies: [{ unit: 'replicas', allow: 2, period: 60_000 }],
        select: 'min',
        cooldown: 30_000,
      },
      down: { ...DEFAULT_DOWN, select: 'disabled', cooldown: 300_000 },
      fallback: { replicas: 4, after: 3 },
      sharedStorage: true,
    } satisfies Scaling);
  });

  test.each([
    ['SIGUSR1', { kind: 'signal', signal: 'SIGUSR1' }],
    ['celery-drain  --now', { kind: 'command', argv: ['celery-drain', '--now'] }],
    ['["sh", "-c", "drain; wait"]', { kind: 'command', argv: ['sh', '-c', 'drain; wait'] }],
  ])('a replica is told %s before it is stopped', (told, drain) => {
    const found = labelled({ 'auto_scale.pre_stop': told, 'auto_scale.pre_stop_timeout': '5m' });

    expect(found.problems).toEqual([]);
    expect(found.scaling?.drain).toEqual({ ...drain, within: 300_000 });
  });

  test.each(['drain && exit', "sh -c 'drain'", '["drain", 1]', '[]', '["drain"'])(
    'what only a shell would understand is refused: %s',
    told => {
      const { scaling, problems } = labelled({ 'auto_scale.pre_stop': told });

      expect(scaling).toBeUndefined();
      expect(problems[0]).toContain('expected a signal such as SIGUSR1, a command');
    },
  );

  test('environment, service, project and label each have the last word over those before', () => {
    const yaml = 'scaling:\n  web: { min_replicas: 3, max_replicas: 7 }\n  shop/web:\n    max_replicas: 8\n';

    const found = scaling(yaml, { 'auto_scale.max': '9' }, { MIN_REPLICAS: '2', MAX_REPLICAS: '6' });

    expect(found.scaling).toMatchObject({ min: 3, max: 9 });
    expect(found.origins).toEqual({ min_replicas: 'watchdog.yml:2', max_replicas: 'label auto_scale.max' });
    expect(scalingFor(load(yaml).settings, { ...web, project: 'blog' }, {}).scaling).toMatchObject({ min: 3, max: 7 });
    expect(scalingFor(load('', { MAX_REPLICAS: '6' }).settings, web, { auto_scale: '1' }).scaling?.max).toBe(6);
  });

  test('whoever names a metric begins anew with all that belongs to it', () => {
    const yaml = 'scaling: { web: { metric: cpu, target: 0.6 } }';

    const found = scaling(yaml, { 'auto_scale.metric': 'queue', 'auto_scale.queue': celery.queue });

    expect(found.problems).toEqual([]);
    expect(found.scaling?.metrics).toEqual([{ source: celery, aim: { kind: 'per-replica', target: 100 } }]);
  });

  test('MIN_REPLICAS=0 means 1 where nothing could tell when the first is needed', () => {
    expect(labelled({}, { MIN_REPLICAS: '0' })).toMatchObject({ problems: [], scaling: { min: 1 } });
  });
});

describe('a section that does not fit together is refused at start, with its place', () => {
  test.each<[string, string, string]>([
    [
      'metric: queue',
      'watchdog.yml:1 scaling.web.metric: found queue and no queue, expected queue beside it: a Redis list such as',
      '',
    ],
    ['metric: prometheus, target: 1', 'scaling.web.metric: found prometheus and no query', ''],
    [
      'metric: prometheus, query: up',
      'found prometheus and no aim, expected target_per_replica, target, or both thresholds',
      '',
    ],
    [
      'metric: cpu, query: up',
      'scaling.web.query: found a key that the metric cpu does not have, expected target, scale_up_threshold',
      '',
    ],
    ['target_per_replica: 5', 'scaling.web.target_per_replica: found a key that the metric cpu does not have', ''],
    [
      'metric: queue, queue: "redis://c#q", target: 5',
      'scaling.web.target: found a key that the metric queue does not have, expected queue, target_per_replica',
      '',
    ],
    ['target: 0.5, scale_up_threshold: 0.8', 'scaling.web.scale_up_threshold: found a second aim', ''],
    [
      'scale_up_threshold: 0.5, scale_down_threshold: 0.5',
      'scaling.web.scale_down_threshold: found 0.5, expected less than the upper threshold, 0.5',
      '',
    ],
    [
      'scale_up_threshold: 0.1',
      'scaling.web.scale_up_threshold: found 0.1, expected more than the lower threshold, 0.2',
      '',
    ],
    ['min_replicas: 6', 'scaling.web.min_replicas: found 6, expected at most the max, which is 5', ''],
    ['max_replicas: 2', 'scaling.web.max_replicas: found 2, expected at least the min, which is 3', '3'],
    ['min_replicas: 0', 'scaling.web.min_replicas: found 0, expected at least 1 where no metric is a total', ''],
    ['metrics: [{ metric: cpu }, { metric: queue }]', 'scaling.web.metrics.1.metric: found queue and no queue', ''],
    ['metrics: []', 'expected at least one metric', ''],
    ['queue: "http://cache/0#x"', 'expected a Redis list such as redis://cache:6379/0#celery', ''],
    ['min: 2', 'watchdog.yml:1 scaling.web.min: found the unknown key "min"', ''],
    ['behaviour: { scale_up: { policies: [] } }', 'expected at least one policy', ''],
    ['behaviour: { scale_up: { policies: [{ period: 1m }] } }', 'expected one of percent and replicas, not both', ''],
    [
      'behaviour: { scale_up: { policies: [{ percent: 1, replicas: 1, period: 1m }] } }',
      'one of percent and replicas, not both',
      '',
    ],
    ['behaviour: { scale_down: { stabilization_window: 2h } }', 'at most 1h', ''],
    ['fallback: { replicas: 2 }', 'scaling.web.fallback.after', ''],
  ])('%s', (section, sentence, min) => {
    const { problems } = load(`scaling: { web: { ${section} } }`, min === '' ? {} : { MIN_REPLICAS: min });

    expect(problems.map(formatProblem)).toEqual([expect.stringContaining(sentence)]);
  });

  test('also where the environment contradicts itself', () => {
    expect(load('', { MIN_REPLICAS: '6' }).problems.map(formatProblem)).toEqual([
      'env MIN_REPLICAS: found 6, expected at most the max, which is 5. Lower it, or raise max_replicas (auto_scale.max, MAX_REPLICAS).',
    ]);
  });
});

describe('a label that cannot be read leaves the size of its own service alone and says why', () => {
  test.each<[Record<string, string>, string]>([
    [
      { 'auto_scale.min': 'many' },
      'label auto_scale.min of service shop/web: found "many", expected a whole number from 0 to 10000. Correct the label and run `docker compose up -d`; until then this service is not scaled.',
    ],
    [{ 'auto_scale.mni': '2' }, 'found the unknown label "auto_scale.mni"'],
    [{ 'auto-scale.max': '2' }, 'label auto-scale.max of service shop/web: found the unknown label'],
    [{ 'auto_scale.max': '0' }, 'expected a whole number from 1 to 10000'],
    [
      { 'auto_scale.min': '9' },
      'label auto_scale.min of service shop/web: found 9, expected at most the max, which is 5',
    ],
    [{ 'auto_scale.metric': 'queue' }, 'label auto_scale.metric of service shop/web: found queue and no queue'],
    [{ 'auto_scale.target': '0' }, 'expected a number above 0'],
    [{ auto_scale: 'maybe' }, 'label auto_scale of service shop/web: found "maybe"'],
  ])('%j', (labels, sentence) => {
    const found = labelled(labels);

    expect(found.scaling).toBeUndefined();
    expect(found.problems).toEqual([expect.stringContaining(sentence)]);
  });

  test('a label that says how, and none that says whether', () => {
    expect(scaling('', { 'auto_scale.max': '9' })).toMatchObject({
      scaling: undefined,
      problems: [
        'label auto_scale.max of service shop/web: found no label auto_scale beside it, expected auto_scale=true, or a section of the configuration file. Add auto_scale=true, or remove the label.',
      ],
    });
  });

  test('labels of others are none of ours', () => {
    expect(scaling('', { auto_repair: 'x', 'com.docker.autoscale': 'x' }).problems).toEqual([]);
  });

  test('the password of a queue is not told', () => {
    const [sentence] = labelled({
      'auto_scale.metric': 'queue',
      'auto_scale.queue': 'redis://:hunter2@cache/0',
    }).problems;

    expect(sentence).toContain('"redis://:***@cache/0"');
  });
});

describe('the place of a queue that a label names', () => {
  const named = (queue: string, yaml = '') =>
    scaling(yaml, { auto_scale: 'true', 'auto_scale.metric': 'queue', 'auto_scale.queue': queue });

  test.each(['redis://cache#jobs', 'redis://:word@shop-cache-1:6380/3#jobs', 'redis://Cache_2#jobs'])(
    'may be a name on a network of Compose: %s',
    queue => {
      expect(named(queue).problems).toEqual([]);
    },
  );

  test.each([
    'redis://169.254.169.254:80/#latest',
    'redis://127.0.0.1:8099#x',
    'redis://127.1#x',
    'redis://2130706433#x',
    'redis://0x7f000001#x',
    'redis://[::1]#x',
    'redis://[::ffff:127.0.0.1]#x',
    'redis://localhost#x',
    'redis://LOCALHOST#x',
    'redis://localhost.#x',
    'redis://ip6-loopback#x',
    'redis://host.docker.internal:2375#x',
    'redis://%6cocalhost#x',
    'redis://10.0.0.5:6379#x',
    'redis://redis.example.com#x',
  ])('is refused where the watchdog may stand and that person does not: %s', queue => {
    const { scaling: size, problems } = named(queue);

    expect(size).toBeUndefined();
    expect(problems.join()).toContain('or one that queues.hosts of the configuration file lists');
  });

  test('may be what the operator lists', () => {
    const yaml = 'queues: { hosts: [redis.example.com, 10.0.0.5, "::1"] }\n';

    for (const host of ['redis.example.com', 'REDIS.example.com:6380', '10.0.0.5', '[::1]'])
      expect(named(`redis://${host}#jobs`, yaml).problems).toEqual([]);
    expect(named('redis://10.0.0.6#jobs', yaml).problems).toHaveLength(1);
  });

  test.each(['redis://cache#a%0d%0aFLUSHALL', 'redis://cache#%00', 'redis://:a%0ab@cache#x', 'redis://cache#%zz'])(
    'cannot be a second command, or no text at all, wherever it is written: %s',
    queue => {
      expect(named(queue).problems.join()).toContain('expected a Redis list such as');
      expect(load(`scaling: { web: { metric: queue, queue: ${JSON.stringify(queue)} } }\n`).problems).toHaveLength(1);
    },
  );

  test('may be anything where the file says it', () => {
    const yaml = 'scaling: { web: { metric: queue, queue: "redis://10.0.0.5/0#jobs" } }\n';

    expect(scaling(yaml, {}).scaling?.metrics).toMatchObject([{ source: { queue: 'redis://10.0.0.5/0#jobs' } }]);
  });
});

test('check shows every value with where it stands, and no password', () => {
  const yaml = `scaling:
  web:
    max_replicas: 9
    metrics:
      - { target_per_replica: 5, metric: queue, queue: "redis://:hunter2@cache#jobs" }
    behaviour: { scale_up: { policies: [{ percent: 50, period: 1m }], select: min }, scale_down: { cooldown: 90s } }
    cooldown: 2m
    fallback: { replicas: 2, after: 3 }
`;
  const lines = settingsInForce(load(yaml, { SCALER_INTERVAL: '15' }).settings);
  const shown = Object.fromEntries(lines.map(({ name, value, origin }) => [name, `${value} (${origin})`]));

  expect(shown).toMatchObject({
    SCALER_INTERVAL: '15s (env SCALER_INTERVAL)',
    MIN_REPLICAS: '1 (default)',
    MAX_REPLICAS: '5 (default)',
    'scaling.web.max_replicas': '9 (watchdog.yml:3)',
    'scaling.web.metrics': 'metric queue, target_per_replica 5, queue redis://***@cache#jobs (watchdog.yml:4)',
    'scaling.web.behaviour': 'scale_up: 50% in 1m, select min; scale_down: cooldown 1m 30s (watchdog.yml:6)',
    'scaling.web.cooldown': '2m (watchdog.yml:7)',
    'scaling.web.fallback': '2 after 3 failures (watchdog.yml:8)',
  });
});
