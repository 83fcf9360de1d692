// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables to be filled in
import { describe, expect, test } from '@jest/globals';
import { type Loaded, loadSettings } from '../../watchdog/config/load-settings.ts';
import { policyFor } from '../../watchdog/config/policy-for.ts';
import { formatProblem } from '../../watchdog/config/problem.ts';

const PATH = '/etc/watchdog/watchdog.yml';

function load(yaml: string, env: Record<string, string> = {}): Loaded {
  const readFile = (path: string): string => {
    if (path === (env.WATCHDOG_CONFIG ?? PATH)) return yaml;
    throw Object.assign(new Error('missing'), { code: 'ENOENT' });
  };
  return loadSettings({ env, readFile, inContainer: true });
}

const failing = (code: string) => (): never => {
  throw Object.assign(new Error(code), { code });
};
const sentences = (loaded: Loaded): string[] => loaded.problems.map(formatProblem);

describe('watchdog.yml', () => {
  test('sets the policy, and the environment overrides it', () => {
    const { settings, problems } = load('policy:\n  cooldown: 1m\n  settle: 3\n  on_stop: respect\n', {
      RESTART_COOLDOWN: '2m',
    });

    expect(problems).toEqual([]);
    expect(settings.policy).toMatchObject({ cooldown: 120_000, settle: 3_000, onStop: 'respect' });
    expect(settings.configFile).toBe(PATH);
    expect(settings.origins).toMatchObject({
      'policy.cooldown': 'env RESTART_COOLDOWN',
      'policy.settle': 'watchdog.yml:3',
      'policy.on_stop': 'watchdog.yml:4',
      'policy.window': 'default',
    });
  });

  test('says what is different for one service, which is stronger than the environment', () => {
    const yaml = `
services:
  web: { cooldown: 1m, backoff_initial: 1s, playbook: { unhealthy: mild } }
  shop/web:
    backoff_max: 20s
`;
    const { settings } = load(yaml, { RESTART_COOLDOWN: '2m', WATCHDOG_BACKOFF_FACTOR: '3' });

    const { policy, origins } = policyFor(settings, { project: 'shop', service: 'web' }, {});

    expect(policy.cooldown).toBe(60_000);
    expect(policy.backoff).toEqual({ initial: 1_000, factor: 3, max: 20_000 });
    expect(policy.playbooks).toEqual({ unhealthy: 'mild' });
    expect(origins).toMatchObject({
      cooldown: 'watchdog.yml:3',
      'backoff.initial': 'watchdog.yml:3',
      'backoff.factor': 'env WATCHDOG_BACKOFF_FACTOR',
      'backoff.max': 'watchdog.yml:5',
      'playbooks.unhealthy': 'watchdog.yml:3',
    });
    expect(policyFor(settings, { project: 'shop', service: 'db' }, {}).policy).toEqual(settings.policy);
  });

  test('sets playbooks, strategies, maintenance and retention', () => {
    const { settings, problems } = load(`
playbooks: { folders: [playbooks, /srv/playbooks], use: { exited: revive } }
strategies: { folder: /srv/strategies }
maintenance:
  - { days: [sat, Sunday], from: 02:00, to: "04:30", zone: europe/berlin, services: [web, shop/db], reason: backup }
  - { from: 22:00, to: 24:00, zone: UTC }
retention: { keep: 7d, max_size: 64mb }
`);

    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      playbookFolders: ['/etc/watchdog/playbooks', '/srv/playbooks'],
      strategiesFolder: '/srv/strategies',
      retention: { keep: 604_800_000, maxBytes: 67_108_864 },
      maintenance: [
        { weekdays: [6, 7], from: 120, to: 270, zone: 'Europe/Berlin', services: ['web', 'shop/db'], reason: 'backup' },
        { weekdays: [1, 2, 3, 4, 5, 6, 7], from: 1320, to: 1440, services: [], reason: 'maintenance window' },
      ],
    });
    expect(settings.policy.playbooks).toEqual({ exited: 'revive' });
    expect(settings.origins).toMatchObject({ maintenance: 'watchdog.yml:4', 'retention.keep': 'watchdog.yml:7' });
  });

  test('adds sorts of other ports before the built-in ones, or replaces one of the same name', () => {
    const { settings, problems } = load(
      'ports:\n  api: { inside: [8080], range: 9100 }\n  web: { inside: [80], range: 9200-9210 }\n',
    );

    expect(problems).toEqual([]);
    expect(Object.entries(settings.ports)).toEqual([
      ['api', { inside: [8080], range: { first: 9100, last: 9100 } }],
      ['web', { inside: [80], range: { first: 9200, last: 9210 } }],
      ['postgres', { inside: [5432], range: { first: 5433, last: 5440 } }],
      ['redis', { inside: [6379], range: { first: 6380, last: 6390 } }],
    ]);
    expect(settings.origins['ports.web']).toBe('watchdog.yml:3');
  });

  test.each(['', '# nothing yet\n', 'policy:\n', 'policy:\n  cooldown:\n', 'services: {}\n'])(
    '%j leaves the defaults',
    yaml => {
      const { settings, problems } = load(yaml);

      expect(problems).toEqual([]);
      expect(settings.policy).toEqual(
        loadSettings({ env: {}, readFile: failing('ENOENT'), inContainer: true }).settings.policy,
      );
    },
  );

  test('may be elsewhere', () => {
    expect(load('policy: { settle: 1 }', { WATCHDOG_CONFIG: '/srv/my.yml' }).settings.origins['policy.settle']).toBe(
      'my.yml:1',
    );
  });

  test('knows anchors and merges', () => {
    const { settings } = load('services:\n  a: &calm { cooldown: 1h }\n  b: { <<: *calm, settle: 1 }\n');

    expect(settings.services.b).toEqual({ cooldown: 3_600_000, settle: 1_000 });
  });
});

describe('variables in it', () => {
  test('are filled in after parsing, so that no value becomes structure', () => {
    const { settings, problems } = load('services:\n  web:\n    depends_on: ${DEPS}\n', { DEPS: 'db, cache' });
    expect(problems).toEqual([]);
    expect(settings.services.web).toEqual({ dependsOn: ['db', 'cache'] });

    const attack = load('policy:\n  mode: ${MODE}\n', { MODE: 'observe\n  enabled: false' });
    expect(attack.problems).toHaveLength(1);
  });

  test('that come out empty leave the default', () => {
    expect(load('policy: { cooldown: "${QUIET:-}" }').settings.policy.cooldown).toBe(300_000);
  });

  test('that are malformed are shown as they are written, for what they hold may be secret', () => {
    expect(sentences(load('policy:\n  cooldown: ${KEY}\n', { KEY: 's3cret' }))).toEqual([
      'watchdog.yml:2 policy.cooldown: found "${KEY}", expected a duration such as 30s, 5m, 1h30m or bare seconds, at most 7d. Correct the value, or remove the key to get the default.',
    ]);
  });

  test('that are not set are named with their line', () => {
    expect(sentences(load('policy:\n  cooldown: ${QUIET}\n'))).toEqual([
      expect.stringMatching(
        /^watchdog\.yml:2: found the variable QUIET, which is not set and has no default, expected/,
      ),
    ]);
  });
});

describe('what is wrong with it is told by line', () => {
  test.each<[string, string]>([
    [
      'policy:\n  cooldwon: 5m\n',
      'watchdog.yml:2 policy.cooldwon: found the unknown key "cooldwon", expected one of enabled, mode,',
    ],
    ['policy:\n  cooldwon: 5m\n', 'Did you mean cooldown?'],
    ['ports:\n  web: { inside: [80] }\n', 'watchdog.yml:2 ports.web'],
    ['ports: { web: { inside: [80], range: 9010-9000 } }\n', 'expected a port or a range such as 9000-9010'],
    ['ports: { web: { inside: [80], range: 1-65535 } }\n', 'of at most 1000 ports from 1 to 65535'],
    ['ports: { web: { inside: [], range: 9000 } }\n', 'ports.web.inside'],
    ['polcy: {}\n', 'watchdog.yml:1 polcy: found the unknown key "polcy"'],
    ['\nscalling:\n  worker: {}\n', 'watchdog.yml:2 scalling: found the unknown key "scalling"'],
    [
      'services:\n  web:\n    max_attempts: many\n',
      'watchdog.yml:3 services.web.max_attempts: found "many", expected a whole number',
    ],
    ['services:\n  web:\n    playbook:\n      unhelthy: x\n', 'Did you mean unhealthy?'],
    [
      'services:\n  "we b":\n    mode: observe\n',
      'watchdog.yml:2 services.we b: found the key "we b", expected the name of a service',
    ],
    ['services: [web]\n', 'watchdog.yml:1 services: found a list, expected a map'],
    ['policy: observe\n', 'watchdog.yml:1 policy: found "observe", expected a map of keys and values'],
    ['policy:\n  cooldown: [1, 2]\n', 'watchdog.yml:2 policy.cooldown: found a list, expected a duration'],
    ['policy:\n  cooldown: { a: 1 }\n', 'found a map, expected a duration'],
    ['maintenance:\n  - from: 02:00\n    to: 26:00\n    zone: UTC\n', 'watchdog.yml:3 maintenance.0.to: found "26:00"'],
    [
      'maintenance:\n  - from: 02:00\n    to: 03:00\n',
      'watchdog.yml:2 maintenance.0.zone: found nothing, expected the IANA name',
    ],
    [
      'maintenance:\n  - { from: 1:00, to: 2:00, zone: Europe/Berln }\n',
      'found "Europe/Berln", expected the IANA name',
    ],
    ['maintenance:\n  - { from: 1:00, to: 2:00, zone: UTC, days: [someday] }\n', 'expected days of the week'],
    ['retention: { keep: 1m }\n', 'retention.keep: found "1m", expected a duration'],
    ['retention: { max_size: huge }\n', 'found "huge", expected a size such as 64mb'],
    ['policy:\n  cooldown: 1m\n  cooldown: 2m\n', 'watchdog.yml:3: found broken YAML: Map keys must be unique'],
    ['policy:\n  cooldown: "1m\n', 'found broken YAML: '],
    ['policy:\n\tcooldown: 1m\n', 'watchdog.yml:2: found broken YAML: Tabs are not allowed'],
    ['- a\n- b\n', 'watchdog.yml:1: found a list, expected a map of keys and values'],
    ['services: *nobody\n', 'found broken YAML: '],
  ])('%j', (yaml, sentence) => {
    expect(sentences(load(yaml))).toEqual([expect.stringContaining(sentence)]);
  });

  test('everything in one go, beside what is wrong with the environment', () => {
    const loaded = load('policy:\n  cooldown: soon\n  mode: odd\n', { WATCHDOG_PORT: 'x' });

    expect(loaded.problems.map(problem => problem.place)).toEqual([
      'env WATCHDOG_PORT',
      'watchdog.yml:2 policy.cooldown',
      'watchdog.yml:3 policy.mode',
    ]);
  });

  test.each([
    [
      'ENOENT',
      { WATCHDOG_CONFIG: '/srv/w.yml' },
      'env WATCHDOG_CONFIG: found "/srv/w.yml", which cannot be read (ENOENT)',
    ],
    ['EACCES', {}, '/etc/watchdog/watchdog.yml: found "/etc/watchdog/watchdog.yml", which cannot be read (EACCES)'],
    ['EISDIR', {}, 'so Docker made a folder of that name'],
  ])('a file that cannot be read (%s)', (code, env, sentence) => {
    expect(sentences(loadSettings({ env, readFile: failing(code), inContainer: true }))).toEqual([
      expect.stringContaining(sentence),
    ]);
  });

  test('a billion laughs are not laughed', () => {
    const levels = Array.from(
      { length: 12 },
      (_, n) => `  l${n}: &l${n} [${Array(9).fill(n === 0 ? 'ha' : `*l${n - 1}`)}]`,
    );

    expect(load(`services:\n${levels.join('\n')}\n`).problems.length).toBeGreaterThan(0);
  });

  test('of a file full of unknown keys or values, the first fifty', () => {
    const keys = Array.from({ length: 300 }, (_, n) => `key${n}: 1`);
    const values = Array.from({ length: 300 }, (_, n) => `  s${n}: { cooldown: soon }`);

    expect(sentences(load(keys.join('\n')))).toHaveLength(50);
    expect(sentences(load(`services:\n${values.join('\n')}\n`))).toHaveLength(50);
  });

  test('a file that is none is refused by its size', () => {
    expect(sentences(load('#'.repeat(1_000_001)))).toEqual([expect.stringContaining('found 1000001 characters')]);
  });
});
