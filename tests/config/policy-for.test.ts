import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadSettings } from '../../watchdog/config/load-settings.ts';
import { policyFor } from '../../watchdog/config/policy-for.ts';
import type { Settings } from '../../watchdog/config/settings.ts';
import type { Playbook } from '../../watchdog/domain/playbook.ts';
import type { Policy } from '../../watchdog/domain/policy.ts';

const web = { project: 'shop', service: 'web' };
const settings = (env: Record<string, string> = {}): Settings => loadSettings({ env, inContainer: true }).settings;
const policyWith = (labels: Record<string, string>, env: Record<string, string> = {}): Policy =>
  policyFor(settings(env), web, labels).policy;

describe('what a label says', () => {
  test.each<[string, Record<string, string>, Partial<Policy>]>([
    ['auto_repair=false takes the service out', { auto_repair: 'false' }, { enabled: false }],
    ['auto_repair=NO is the same word', { auto_repair: 'NO' }, { enabled: false }],
    ['an empty label is as good as none', { auto_repair: '' }, { enabled: true, problems: [] }],
    ['mode=observe only watches', { 'auto_repair.mode': 'observe' }, { mode: 'observe' }],
    ['max_attempts is a number', { 'auto_repair.max_attempts': '7' }, { maxAttempts: 7 }],
    ['a bare cooldown is in seconds', { 'auto_repair.cooldown': '90' }, { cooldown: 90_000 }],
    ['a window may be 1h30m', { 'auto_repair.window': '1h30m' }, { window: 5_400_000 }],
    ['on_stop=respect leaves what a person stopped', { 'auto_repair.on_stop': 'respect' }, { onStop: 'respect' }],
    ['depends_on lists services', { 'auto_repair.depends_on': 'db, cache,db' }, { dependsOn: ['db', 'cache'] }],
    [
      'alternative_port=true allows another port',
      { 'auto_repair.alternative_port': 'true' },
      { alternativePort: true },
    ],
    ['critical=true pages', { 'auto_repair.critical': 'true' }, { critical: true }],
    [
      'a playbook is chosen by condition',
      { 'auto_repair.playbook.unhealthy': 'mild' },
      { playbooks: { unhealthy: 'mild' } },
    ],
    ['autoheal=false takes the service out', { autoheal: 'false' }, { enabled: false }],
    ['autoheal.stop.timeout is in seconds', { 'autoheal.stop.timeout': '20' }, { stopTimeout: 20_000 }],
    ['auto_repair=false wins over autoheal=true', { auto_repair: 'false', autoheal: 'true' }, { enabled: false }],
    ['auto_repair=true wins over autoheal=false', { auto_repair: 'true', autoheal: 'false' }, { enabled: true }],
    ['one foreign no is enough', { autoheal: 'false', 'deunhealth.restart.on.unhealthy': 'true' }, { enabled: false }],
    ['auto_scale labels belong to the scaler', { 'auto_scale.min': 'many' }, { problems: [] }],
    ['other tools keep their labels', { 'traefik.enable': 'maybe', repair: 'x' }, { problems: [] }],
  ])('%s', (_, labels, expected) => {
    expect(policyWith(labels)).toMatchObject(expected);
  });
});

describe('a label that cannot be read holds back its own service and says why', () => {
  test.each<[Record<string, string>, string]>([
    [
      { 'auto_repair.cooldown': 'soon' },
      'label auto_repair.cooldown of service shop/web: found "soon", expected a duration such as 30s, 5m, 1h30m or bare seconds, at most 7d. Correct the label and run `docker compose up -d`; until then this service is not repaired.',
    ],
    [{ 'auto_repair.window': '8d' }, 'at most 7d'],
    [{ auto_repair: 'perhaps' }, 'found "perhaps", expected true or false (also yes/no, on/off, 1/0)'],
    [{ autoheal: 'perhaps' }, 'label autoheal of service shop/web: found "perhaps"'],
    [{ 'autoheal.stop.timeout': '-1' }, 'label autoheal.stop.timeout of service shop/web: found "-1"'],
    [{ 'auto_repair.max_attempts': '0' }, 'expected a whole number from 1 to 1000'],
    [{ 'auto_repair.mode': 'watch' }, 'expected repair or observe'],
    [{ 'auto_repair.on_stop': 'ignore' }, 'expected repair or respect'],
    [{ 'auto_repair.depends_on': 'db;cache' }, 'expected names separated by commas'],
    [{ 'auto_repair.critical': 'very' }, 'expected true or false'],
    [{ 'auto_repair.cooldwon': '5m' }, 'Did you mean auto_repair.cooldown?'],
    [{ 'auto-repair': 'false' }, 'Did you mean auto_repair?'],
    [{ 'auto_repair.playbook.unhelthy': 'mild' }, 'Did you mean unhealthy?'],
    [{ 'auto_repair.playbook.unhealthy': 'a b' }, 'expected a name of letters'],
    [{ 'auto_repair.constructor': 'x' }, 'unknown label "auto_repair.constructor"'],
  ])('%j', (labels, sentence) => {
    const policy = policyWith(labels);

    expect(policy.problems).toHaveLength(1);
    expect(policy.problems[0]).toContain(sentence);
    expect({ ...policy, problems: [] }).toEqual(policyWith({}));
  });

  test('a playbook that does not exist, or is for another condition, is named', () => {
    const mild: Playbook = {
      name: 'mild',
      condition: 'unhealthy',
      patterns: [],
      ladder: [],
      evenIfWell: false,
      patience: undefined,
      cooldown: undefined,
      attempts: undefined,
      source: 'mild.yml',
    };
    const playbooks = new Map([['mild', mild]]);
    const problemsOf = (labels: Record<string, string>): readonly string[] =>
      policyFor(settings(), web, labels, playbooks).policy.problems;

    expect(problemsOf({ 'auto_repair.playbook.unhealthy': 'mild' })).toEqual([]);
    expect(problemsOf({ 'auto_repair.playbook.exited': 'mild' })).toHaveLength(1);
    expect(problemsOf({ 'auto_repair.playbook.unhealthy': 'mlid' })[0]).toContain('Did you mean mild?');
  });
});

describe('which word counts', () => {
  test('a label overrides the environment, the environment the default', () => {
    const found = policyFor(settings({ RESTART_COOLDOWN: '60', WATCHDOG_SETTLE: '5s' }), web, {
      'auto_repair.cooldown': '2m',
    });

    expect(found.policy).toMatchObject({ cooldown: 120_000, settle: 5_000, maxAttempts: 3 });
    expect(found.origins).toMatchObject({
      cooldown: 'label auto_repair.cooldown',
      settle: 'env WATCHDOG_SETTLE',
      maxAttempts: 'default',
      'backoff.initial': 'default',
    });
  });

  test('no label breaks the promise of WATCHDOG_MODE=observe to touch nothing', () => {
    const found = policyFor(settings({ WATCHDOG_MODE: 'observe' }), web, { 'auto_repair.mode': 'repair' });

    expect(found.policy.mode).toBe('observe');
    expect(found.origins.mode).toBe('env WATCHDOG_MODE');
  });

  test('project/service is more specific than service, and a label than both', () => {
    const base = settings();
    const withSections = {
      ...base,
      services: {
        web: { cooldown: 1_000, maxAttempts: 1 },
        'shop/web': { cooldown: 2_000 },
        'other/web': { settle: 1 },
      },
    };

    const found = policyFor(withSections, web, { 'auto_repair.max_attempts': '9' }).policy;

    expect(found).toEqual({ ...base.policy, cooldown: 2_000, maxAttempts: 9 });
  });
});

test('a service named like a property of every object gets the plain policy', () => {
  for (const service of ['constructor', '__proto__', 'toString']) {
    expect(policyFor(settings(), { project: 'shop', service }, {}).policy).toEqual(settings().policy);
  }
});

test('whatever the labels hold, the answer is bounded, and only our labels change it', () => {
  const base = settings();
  const label = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.constantFrom(
      '__proto__',
      'constructor',
      'auto_repair',
      'auto_repair.__proto__',
      'auto_repair.playbook.toString',
    ),
    fc.string({ maxLength: 5_000 }).map(rest => `auto_repair.${rest}`),
  );
  fc.assert(
    fc.property(fc.dictionary(label, fc.string({ maxLength: 5_000 }), { maxKeys: 30 }), labels => {
      const { policy } = policyFor(base, web, labels);

      expect(policy.problems.length).toBeLessThanOrEqual(10);
      for (const sentence of policy.problems) expect(sentence.length).toBeLessThan(1_500);
      expect(Number.isFinite(policy.cooldown) && policy.cooldown >= 0).toBe(true);
      const ours = Object.keys(labels).some(key => /^auto[-_]*repair|^autoheal|^deunhealth/i.test(key));
      if (!ours) expect(policy).toEqual(base.policy);
    }),
  );
  expect(({} as Record<string, unknown>).enabled).toBeUndefined();
});
