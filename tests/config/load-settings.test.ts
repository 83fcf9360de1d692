import { describe, expect, test } from '@jest/globals';
import { type Loaded, loadSettings } from '../../watchdog/config/load-settings.ts';
import { formatProblem } from '../../watchdog/config/problem.ts';
import type { Settings } from '../../watchdog/config/settings.ts';

/** What `node:fs` throws. */
const failure = (code: string): Error => Object.assign(new Error(`${code}: no`), { code });

function load(env: Record<string, string>, files: Record<string, string | Error> = {}): Loaded {
  const readFile = (path: string): string => {
    const found = files[path] ?? failure('ENOENT');
    if (found instanceof Error) throw found;
    return found;
  };
  return loadSettings({ env, readFile, inContainer: true });
}

const sentences = (loaded: Loaded): string[] => loaded.problems.map(formatProblem);

describe('without any settings', () => {
  test('the defaults of INTERFACE are in force', () => {
    const { settings, problems } = load({});

    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      interval: 30_000,
      maxParallel: 8,
      stormLimit: 60,
      stormWindow: 600_000,
      projects: 'own',
      host: '0.0.0.0',
      port: 8099,
      token: undefined,
      dataFolder: '/data',
      logLevel: 'info',
      logFile: '/data/logs/auto_repair.log',
      retention: { keep: 30 * 86_400_000, maxBytes: 268_435_456 },
      strategiesFolder: '/etc/watchdog/strategies',
      configFile: undefined,
    });
    expect(settings.policy).toEqual({
      enabled: true,
      mode: 'repair',
      maxAttempts: 3,
      cooldown: 300_000,
      window: 3_600_000,
      backoff: { initial: 10_000, factor: 2, max: 300_000 },
      onStop: 'repair',
      stopGrace: 30_000,
      settle: 10_000,
      dependsOn: [],
      followLogs: true,
      freeMemory: false,
      critical: false,
      alternativePort: false,
      playbooks: {},
      stopTimeout: undefined,
      problems: [],
    });
    expect(new Set(Object.values(settings.origins))).toEqual(new Set(['default']));
  });

  test.each([
    [{ HOME: '/home/ann' }, '/home/ann/.local/state/compose-watchdog'],
    [{ HOME: '/home/ann', XDG_STATE_HOME: '/state' }, '/state/compose-watchdog'],
    [{ HOME: '/home/ann', WATCHDOG_DATA: '/srv/watchdog' }, '/srv/watchdog'],
  ])('on a host with %j the data is kept in %s', (env, folder) => {
    const { settings } = loadSettings({
      env,
      readFile: () => {
        throw failure('ENOENT');
      },
      inContainer: false,
    });

    expect(settings.dataFolder).toBe(folder);
    expect(settings.logFile).toBe(`${folder}/logs/auto_repair.log`);
    expect(settings.host).toBe('127.0.0.1');
  });
});

describe('every variable says what INTERFACE says', () => {
  test.each<[Record<string, string>, Partial<Settings>]>([
    [{ WATCHDOG_INTERVAL: '15' }, { interval: 15_000 }],
    [{ WATCHDOG_INTERVAL: ' 1m30s ' }, { interval: 90_000 }],
    [{ WATCHDOG_INTERVAL: '' }, { interval: 30_000 }],
    [{ WATCHDOG_STUCK_AFTER: '10m' }, { stuckAfter: 600_000 }],
    [{ WATCHDOG_MAX_PARALLEL: '2' }, { maxParallel: 2 }],
    [{ WATCHDOG_STORM_LIMIT: '20' }, { stormLimit: 20, stormWindow: 600_000 }],
    [{ WATCHDOG_STORM_LIMIT: '20/5m' }, { stormLimit: 20, stormWindow: 300_000 }],
    [{ WATCHDOG_STORM_LIMIT: '20 per 1h' }, { stormLimit: 20, stormWindow: 3_600_000 }],
    [{ WATCHDOG_PROJECTS: '*' }, { projects: '*' }],
    [{ WATCHDOG_PROJECTS: 'shop, bank' }, { projects: ['shop', 'bank'] }],
    [{ WATCHDOG_PORT: '9000' }, { port: 9000 }],
    [{ WATCHDOG_HOST: '::1' }, { host: '::1' }],
    [{ WATCHDOG_TOKEN: 'sixteen-letters!' }, { token: 'sixteen-letters!', tokenFile: undefined }],
    [{ WATCHDOG_DATA: '/srv' }, { dataFolder: '/srv', logFile: '/srv/logs/auto_repair.log' }],
    [{ WATCHDOG_LOG_LEVEL: 'DEBUG' }, { logLevel: 'debug' }],
    [{ WATCHDOG_LOG_FILE: '/tmp/x.log' }, { logFile: '/tmp/x.log' }],
    [{ WATCHDOG_ACT_HOST: 'tcp://proxy:2375' }, { actHost: 'tcp://proxy:2375' }],
    [{ WATCHDOG_ACT_HOST: 'unix:///run/act.sock' }, { actHost: 'unix:///run/act.sock' }],
  ])('%j', (env, expected) => {
    const { settings, problems } = load(env);

    expect(problems).toEqual([]);
    expect(settings).toMatchObject(expected);
  });

  test.each<[Record<string, string>, Partial<Settings['policy']>]>([
    [{ MAX_RESTART_ATTEMPTS: '5' }, { maxAttempts: 5 }],
    [{ RESTART_COOLDOWN: '60' }, { cooldown: 60_000 }],
    [{ WATCHDOG_ATTEMPT_WINDOW: '2h' }, { window: 7_200_000 }],
    [{ WATCHDOG_BACKOFF_INITIAL: '500ms' }, { backoff: { initial: 500, factor: 2, max: 300_000 } }],
    [{ WATCHDOG_BACKOFF_FACTOR: '1.5' }, { backoff: { initial: 10_000, factor: 1.5, max: 300_000 } }],
    [{ WATCHDOG_BACKOFF_MAX: '1h' }, { backoff: { initial: 10_000, factor: 2, max: 3_600_000 } }],
    [{ WATCHDOG_SETTLE: '5s' }, { settle: 5_000 }],
    [{ WATCHDOG_MODE: 'observe' }, { mode: 'observe' }],
    [{ WATCHDOG_RESPECT_STOP: 'Yes' }, { onStop: 'respect' }],
    [{ WATCHDOG_RESPECT_STOP: '0' }, { onStop: 'repair' }],
    [{ WATCHDOG_STOP_GRACE: '0' }, { stopGrace: 0 }],
  ])('%j', (env, expected) => {
    const { settings, problems } = load(env);

    expect(problems).toEqual([]);
    expect(settings.policy).toMatchObject(expected);
  });

  test('what later parts read is known already, and its format is checked', () => {
    const later = {
      SCALER_INTERVAL: '60',
      MIN_REPLICAS: '1',
      MAX_REPLICAS: '5',
      PROMETHEUS_URL: 'http://prometheus:9090',
    };

    expect(load(later).problems).toEqual([]);
    expect(sentences(load({ PROMETHEUS_URL: 'prometheus:9090' }))).toEqual([
      'env PROMETHEUS_URL: found "prometheus:9090", expected an address beginning with http:// or https://. Correct the value, or remove the variable to get the default.',
    ]);
  });

  test.each([
    [{}, false],
    [{ PROMETHEUS_URL: 'http://p:9090' }, true],
    [{ PROMETHEUS_URL: 'http://p:9090', ALERTMANAGER_URL: 'http://a:9093' }, false],
    [{ PROMETHEUS_URL: 'http://p:9090', ALERTMANAGER_URL: 'http://a:9093', WATCHDOG_PULL_ALERTS: 'yes' }, true],
    [{ PROMETHEUS_URL: 'http://p:9090', WATCHDOG_PULL_ALERTS: 'no' }, false],
  ])('with %j alerts are pulled: %s', (env, pullAlerts) => {
    const { settings, problems } = load(env);

    expect(problems).toEqual([]);
    expect(settings.prometheus.pullAlerts).toBe(pullAlerts);
  });

  test('alerts cannot be pulled from nowhere', () => {
    expect(sentences(load({ WATCHDOG_PULL_ALERTS: 'true' }))).toEqual([
      expect.stringContaining('env WATCHDOG_PULL_ALERTS: found true, and no PROMETHEUS_URL, expected the address'),
    ]);
  });

  test('whom to tell is read, also from files, and nobody is told without', () => {
    const files = { '/key': 'k\n', '/hook': 'https://hooks.example/x', '/beat': 'https://beat.example/y' };
    const { settings, problems } = load(
      {
        ALERTMANAGER_URL: 'http://alertmanager:9093',
        SLACK_WEBHOOK_URL_FILE: '/hook',
        PAGERDUTY_ROUTING_KEY_FILE: '/key',
        WATCHDOG_PAGERDUTY_URL: 'https://events.eu.example/v2/enqueue',
        WATCHDOG_NOTIFY_WEBHOOK_URL_FILE: '/hook',
        WATCHDOG_HEARTBEAT_URL_FILE: '/beat',
      },
      files,
    );

    expect(problems).toEqual([]);
    expect(settings.notify).toEqual({
      alertmanager: 'http://alertmanager:9093',
      slack: 'https://hooks.example/x',
      pagerdutyKey: 'k',
      pagerduty: 'https://events.eu.example/v2/enqueue',
      webhook: 'https://hooks.example/x',
      heartbeat: 'https://beat.example/y',
    });
    expect(new Set(Object.values(load({}).settings.notify))).toEqual(new Set([undefined]));
  });

  test.each(['WATCHDOG_NOTIFY_WEBHOOK_URL', 'WATCHDOG_HEARTBEAT_URL', 'SLACK_WEBHOOK_URL'])(
    'an address that cannot be one is refused and not shown: %s',
    name => {
      const [sentence = ''] = sentences(load({ [name]: 'hooks.example/s3cret' }));

      expect(sentence).toContain(`env ${name}: found a value that is not shown, expected an address`);
      expect(sentence).not.toContain('s3cret');
    },
  );

  test('the origin of each value is told', () => {
    const { origins } = load({ WATCHDOG_INTERVAL: '5', RESTART_COOLDOWN: '5' }).settings;

    expect(origins).toMatchObject({
      WATCHDOG_INTERVAL: 'env WATCHDOG_INTERVAL',
      WATCHDOG_PORT: 'default',
      'policy.cooldown': 'env RESTART_COOLDOWN',
      'policy.settle': 'default',
    });
  });
});

describe('a bad variable is refused with place, found, expected and remedy', () => {
  test.each<[Record<string, string>, string]>([
    [
      { WATCHDOG_INTERVALL: '5' },
      'env WATCHDOG_INTERVALL: found an unknown variable with our prefix, expected one of the variables in docs/settings.md. Did you mean WATCHDOG_INTERVAL?',
    ],
    [{ WATCHDOG_PROJECST: 'x' }, 'Did you mean WATCHDOG_PROJECTS?'],
    [{ WATCHDOG_COLOUR: 'red' }, 'Remove it or correct its name.'],
    [{ WATCHDOG_INTERVAL: '0' }, 'found "0", expected a duration such as 30s, 5m, 1h30m or bare seconds, at least 1s'],
    [{ WATCHDOG_INTERVAL: '5 minutes' }, 'env WATCHDOG_INTERVAL: found "5 minutes"'],
    [{ WATCHDOG_INTERVAL: '99999d' }, 'found "99999d"'],
    [{ WATCHDOG_MAX_PARALLEL: '0' }, 'expected a whole number from 1 to 1000'],
    [{ WATCHDOG_STORM_LIMIT: '60 in 10m' }, 'expected a whole number, or a number per duration'],
    [{ WATCHDOG_STORM_LIMIT: '0' }, 'env WATCHDOG_STORM_LIMIT: found "0"'],
    [{ WATCHDOG_PROJECTS: 'shop,,bank' }, 'expected project names separated by commas, or *'],
    [{ WATCHDOG_PORT: '70000' }, 'expected a whole number from 1 to 65535'],
    [{ WATCHDOG_HOST: 'http://x' }, 'expected an IP address or a host name, without scheme and port'],
    [{ WATCHDOG_LOG_LEVEL: 'loud' }, 'expected error, warn, info or debug'],
    [{ WATCHDOG_ACT_HOST: '/var/run/docker.sock' }, 'expected an address beginning with unix:// or tcp://'],
    [{ WATCHDOG_MODE: 'dry-run' }, 'expected repair or observe'],
    [{ WATCHDOG_RESPECT_STOP: 'respect' }, 'expected true or false'],
    [{ WATCHDOG_BACKOFF_FACTOR: '0.5' }, 'expected a number from 1 to 100'],
    [{ MAX_RESTART_ATTEMPTS: 'three' }, 'env MAX_RESTART_ATTEMPTS: found "three"'],
    [{ RESTART_COOLDOWN: '-5' }, 'env RESTART_COOLDOWN: found "-5"'],
    [{ MIN_REPLICAS: '1.5' }, 'env MIN_REPLICAS: found "1.5"'],
  ])('%j', (env, sentence) => {
    const loaded = load(env);

    expect(sentences(loaded)).toEqual([expect.stringContaining(sentence)]);
    expect(loaded.settings).toMatchObject({ interval: 30_000, maxParallel: 8, port: 8099 });
  });

  test('all of them are found in one go', () => {
    expect(load({ WATCHDOG_PORT: 'x', WATCHDOG_HOTS: 'x', RESTART_COOLDOWN: 'x' }).problems).toHaveLength(3);
  });

  test('an unknown variable that is empty is no problem: Compose passes those on', () => {
    expect(load({ WATCHDOG_COLOUR: '' }).problems).toEqual([]);
  });
});

describe('a secret', () => {
  test('is tried from its file, line end and all, and left there to be read when it is needed', () => {
    const { settings, problems } = load({ WATCHDOG_TOKEN_FILE: '/run/t' }, { '/run/t': 'sixteen-letters!\n' });

    expect(problems).toEqual([]);
    expect(settings).toMatchObject({ token: undefined, tokenFile: '/run/t' });
    expect(settings.origins.WATCHDOG_TOKEN).toBe('env WATCHDOG_TOKEN_FILE');
  });

  test.each<[string, Record<string, string>, Record<string, string | Error>, string]>([
    ['whose file is missing', { WATCHDOG_TOKEN_FILE: '/run/t' }, {}, 'which cannot be read (ENOENT)'],
    ['whose file is not ours to read', { WATCHDOG_TOKEN_FILE: '/t' }, { '/t': failure('EACCES') }, '(EACCES)'],
    [
      'whose file is empty',
      { SLACK_WEBHOOK_URL_FILE: '/t' },
      { '/t': '\n' },
      'env SLACK_WEBHOOK_URL_FILE: found "/t", which is empty',
    ],
    [
      'that is short',
      { WATCHDOG_TOKEN_FILE: '/t' },
      { '/t': 'short' },
      'env WATCHDOG_TOKEN_FILE: found a value that is not shown, expected at least 16',
    ],
    [
      'given twice',
      { WATCHDOG_TOKEN: 'sixteen-letters!', WATCHDOG_TOKEN_FILE: '/t' },
      { '/t': 'b' },
      'expected one of the two',
    ],
  ])('%s is a problem', (_, env, files, sentence) => {
    expect(sentences(load(env, files))).toEqual([expect.stringContaining(sentence)]);
  });

  test('is not shown, however malformed', () => {
    const loaded = load({ SLACK_WEBHOOK_URL: 'hooks.example/s3cret', WATCHDOG_TOKEN: 's3cret\u0007' });

    expect(loaded.problems).toHaveLength(2);
    expect(sentences(loaded).join()).not.toContain('s3cret');
  });
});
