import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadSettings } from '../../watchdog/config/load-settings.ts';
import { BUILT_IN_LOG_PATTERNS, loadLogPatterns } from '../../watchdog/config/log-patterns.ts';
import { choiceProblems, choosePlaybook, loadPlaybooks, patternProblems } from '../../watchdog/config/playbooks.ts';
import { formatProblem } from '../../watchdog/config/problem.ts';
import { CONDITIONS, conditionOf, isCondition } from '../../watchdog/domain/condition.ts';
import { strategyRegistry } from '../../watchdog/repair/registry.ts';
import { builtInStrategies } from '../../watchdog/repair/strategies.ts';

const BUILT_IN = 'rules/playbooks';
/** None is applied here, so no engine is asked. */
const STRATEGIES = strategyRegistry(builtInStrategies({} as never)).names();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-playbooks-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function loadWith(files: Record<string, string>): ReturnType<typeof loadPlaybooks> & { sentences: string[] } {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const loaded = loadPlaybooks({ folders: [BUILT_IN, folder], strategies: STRATEGIES });
  return { ...loaded, sentences: loaded.problems.map(formatProblem) };
}

describe('the built-in playbooks', () => {
  const { playbooks, byCondition, problems } = loadPlaybooks({ folders: [BUILT_IN], strategies: STRATEGIES });

  test('are sound, one for each condition; what logs tell is left to people where there is none', () => {
    expect(problems).toEqual([]);
    expect([...byCondition.keys()]).toEqual(expect.arrayContaining([...CONDITIONS]));
    // Besides those for some log patterns, these are there to be chosen.
    const others = [...playbooks.values()].filter(({ name, patterns }) => !isCondition(name) && patterns.length === 0);
    expect(others.map(({ name }) => name)).toEqual(['health', 'throttle']);
  });

  test('are for log patterns that are there, and no two for the same', () => {
    const { patterns } = loadLogPatterns({ folders: [BUILT_IN_LOG_PATTERNS], faultsOf: () => [] });
    const bound = [...playbooks.values()].flatMap(playbook => playbook.patterns);

    expect(
      patternProblems(
        playbooks,
        patterns.map(({ name }) => name),
      ),
    ).toEqual([]);
    expect(bound).toEqual([...new Set(bound)]);
  });

  test('have the condition of the type that their log patterns recognise: they would never be used otherwise', () => {
    const { patterns } = loadLogPatterns({ folders: [BUILT_IN_LOG_PATTERNS], faultsOf: () => [] });
    const conditions = new Map(
      patterns.map(({ name, type }) => [name, type === 'NONE' ? undefined : conditionOf(type)]),
    );

    for (const { patterns: own, condition } of playbooks.values())
      expect(own.map(pattern => conditions.get(pattern))).toEqual(own.map(() => condition));
  });

  test.each([
    ['unhealthy', ['restart']],
    ['exited', ['start']],
    ['restarting', ['clean-restart']],
    ['dead', ['recreate']],
    ['never-started', ['start']],
    ['orphaned-network', ['rejoin-network']],
    ['dependency-restarted', ['restart']],
    ['probe-broken', []],
    ['engine-lost', []],
    ['asked', ['restart']],
  ] as const)('for %s: %j, with the cooldown and attempts of the service', (condition, ladder) => {
    const playbook = byCondition.get(condition);

    expect(playbook?.ladder.map(rung => rung.strategy)).toEqual(ladder);
    expect(playbook).toMatchObject({ name: condition, cooldown: undefined, attempts: undefined });
    expect(playbook?.source).toBe(`rules/playbooks/${condition}.yml`);
  });
});

describe('a playbook of ours', () => {
  test('for an error that logs tell of says whether that alone is reason enough', () => {
    const { byCondition, problems } = loadWith({
      'stale-lock.yml':
        'name: postgres-stale-lock\ncondition: postgres-stale-lock\nladder: [{strategy: restart}]\neven_if_well: yes\n',
    });

    expect(problems).toEqual([]);
    expect(byCondition.get('postgres-stale-lock')?.evenIfWell).toBe(true);
  });

  test('may have a command run, say what it may harm, and be patient', () => {
    const { playbooks, problems } = loadWith({
      'b.yml': 'name: idle\ncondition: network-timeout\npatience: 30m\nladder: []\n',
      'a.yml': `name: flush\ncondition: unhealthy\nladder:\n  - strategy: exec-command\n    danger: data\n    with: { argv: [app, "flush; now"], timeout: 1m }\n`,
    });

    expect(problems).toEqual([]);
    expect(playbooks.get('idle')?.patience).toBe(1_800_000);
    expect(playbooks.get('flush')?.ladder).toEqual([
      { strategy: 'exec-command', danger: 'data', with: { argv: ['app', 'flush; now'], timeout: '1m' } },
    ]);
  });

  test('replaces the built-in one of its name', () => {
    const { byCondition, problems } = loadWith({
      'unhealthy.yml':
        'name: unhealthy\ncondition: unhealthy\nladder: [{strategy: restart}, {strategy: recreate, with: {pull: true}}]\ncooldown: 10m\nattempts: 2\nwhy: |\n  Two\n  lines.\n',
    });

    expect(problems).toEqual([]);
    expect(byCondition.get('unhealthy')).toEqual({
      name: 'unhealthy',
      condition: 'unhealthy',
      patterns: [],
      ladder: [
        { strategy: 'restart', with: {} },
        { strategy: 'recreate', with: { pull: true } },
      ],
      evenIfWell: false,
      patience: undefined,
      cooldown: 600_000,
      attempts: 2,
      source: join(folder, 'unhealthy.yml'),
    });
  });

  test('of a new name is used where it is chosen, and only for its condition', () => {
    const loaded = loadWith({ 'a.yaml': 'name: rebuild\ncondition: unhealthy\nladder: [{strategy: recreate}]\n' });
    const chosen = { playbooks: { unhealthy: 'rebuild', exited: 'rebuild', dead: 'nobody' } };

    expect(choosePlaybook(loaded, chosen, 'unhealthy')?.name).toBe('rebuild');
    expect(choosePlaybook(loaded, { playbooks: {} }, 'unhealthy')?.name).toBe('unhealthy');
    expect(choosePlaybook(loaded, chosen, 'exited')?.name).toBe('exited');
    expect(choosePlaybook(loaded, chosen, 'dead')?.name).toBe('dead');
  });

  describe('for log patterns', () => {
    const bound = (name: string, pattern: string) =>
      `name: ${name}\ncondition: port-conflict\npatterns: [${pattern}]\nladder: [{strategy: restart}]\n`;
    const files = {
      'a.yml': bound('a', 'postgres-port-taken'),
      'b.yml': bound('b', 'postgres-port-taken'),
      'c.yml': 'name: port-conflict\ncondition: port-conflict\nladder: [{strategy: start}]\n',
      'd.yml': bound('d', 'redis-port-taken'),
    };
    const chosen = (pattern: string | undefined, playbooks = {}) =>
      choosePlaybook(loadWith(files), { playbooks }, 'port-conflict', pattern)?.name;

    test('is used for what they recognise, the later of two, and no other', () => {
      expect(chosen('postgres-port-taken')).toBe('b');
      expect(chosen('nginx-port-taken')).toBe('port-conflict');
      expect(chosen(undefined)).toBe('port-conflict');
    });

    test('comes after the one that is chosen, which counts for its own patterns only', () => {
      expect(chosen('postgres-port-taken', { 'port-conflict': 'port-conflict' })).toBe('port-conflict');
      expect(chosen('postgres-port-taken', { 'port-conflict': 'a' })).toBe('a');
      expect(chosen('postgres-port-taken', { 'port-conflict': 'd' })).toBe('b');
    });

    test('that are not there is a problem', () => {
      const { playbooks } = loadWith(files);

      expect(patternProblems(playbooks, ['postgres-port-taken', 'redis-port-token']).map(formatProblem)).toContain(
        `${join(folder, 'd.yml')} patterns: found the unknown log pattern "redis-port-taken", expected one of postgres-port-taken, redis-port-token. Did you mean redis-port-token?`,
      );
    });
  });

  test('other files in the folder are left alone', () => {
    mkdirSync(join(folder, 'old'));
    expect(loadWith({ 'README.md': '# ours', '.yml.swp': 'x' }).problems).toEqual([]);
  });
});

describe('a bad playbook is left out and told of; the built-in one stays in force', () => {
  const head = 'name: unhealthy\ncondition: unhealthy\n';

  test.each([
    [
      `${head}ladder:\n  - strategy: restrat\n`,
      `bad.yml:4 ladder.0.strategy: found the unknown strategy "restrat", expected one of ${STRATEGIES.join(', ')}. Did you mean restart?`,
    ],
    ['name: unhealthy\ncondition: ill\nladder: []\n', 'bad.yml:2 condition: found "ill", expected unhealthy, exited,'],
    [
      `${head}ladder: []\nrungs: []\n`,
      'bad.yml:4 rungs: found the unknown key "rungs", expected one of name, condition, patterns, ladder,',
    ],
    [
      `${head}ladder:\n  - strategy: restart\n    wiht: {}\n`,
      'bad.yml:5 ladder.0.wiht: found the unknown key "wiht", expected one of strategy, with, danger. Did you mean with?',
    ],
    [head, 'bad.yml:1 ladder: found nothing, expected a list'],
    [`${head}ladder: []\ncooldown: soon\n`, 'bad.yml:4 cooldown: found "soon", expected a duration'],
    [`${head}ladder: []\nattempts: 0\n`, 'bad.yml:4 attempts: found "0", expected a whole number'],
    [
      `${head}ladder: [{strategy: restart, with: {a: [1]}}]\n`,
      'bad.yml:3 ladder.0.with.a: found a list, expected text, a number, true, false, or a list of texts',
    ],
    [
      'name: unhealthy\ncondition: exited\nladder: []\n',
      'bad.yml:1 name: found the name unhealthy for a playbook of the condition exited',
    ],
    [
      `${head}ladder: []\npatterns: [postgres-ownership]\n`,
      'bad.yml:4 patterns: found log patterns in the playbook unhealthy for unhealthy, expected patterns only where logs tell',
    ],
    [
      'name: port-conflict\ncondition: port-conflict\npatterns: [any]\nladder: []\n',
      'bad.yml:3 patterns: found log patterns in the playbook port-conflict for port-conflict,',
    ],
    [
      `${head}ladder:\n  - strategy: exec-command\n    with:\n      timeout: 5s\n      argv: redis-cli SAVE\n`,
      'bad.yml:7 ladder.0.with.argv: found "redis-cli SAVE", expected a list of at most 100 strings, the program first',
    ],
    [
      `${head}ladder:\n  - strategy: restart\n  - strategy: exec-command\n`,
      'bad.yml:5 ladder.1.with.argv: found nothing, expected a list',
    ],
    [
      `${head}ladder:\n  - strategy: exec-command\n    with: { argv: [sleep, 5] }\n`,
      'bad.yml:5 ladder.0.with.argv: found a list, expected text, a number, true, false, or a list of texts',
    ],
    [
      `${head}ladder:\n  - strategy: run-helper\n    with:\n      argv: [sync]\n      user: "-x"\n`,
      'bad.yml:7 ladder.0.with.user: found "-x", expected a user of the image, or ids: postgres',
    ],
    [
      `${head}ladder:\n  - strategy: exec-command\n    danger: dtaa\n    with: { argv: [sync] }\n`,
      'bad.yml:5 ladder.0.danger: found "dtaa", expected none, service, data or host',
    ],
    ['name: [', 'bad.yml:1: found broken YAML'],
    ['', 'bad.yml:1 name: found nothing, expected a name'],
  ])('%j', (text, sentence) => {
    const { sentences, byCondition } = loadWith({
      'bad.yml': text,
      'good.yml': 'name: good\ncondition: dead\nladder: []\n',
    });

    expect(sentences[0]).toContain(sentence);
    expect(byCondition.get('unhealthy')?.source).toBe('rules/playbooks/unhealthy.yml');
    expect([...byCondition.keys()]).toEqual(expect.arrayContaining([...CONDITIONS]));
  });

  test('the second of a name in one folder', () => {
    const text = 'name: mild\ncondition: dead\nladder: []\n';
    const { sentences, playbooks } = loadWith({ 'a.yml': text, 'b.yml': text });

    expect(sentences).toEqual([expect.stringContaining('b.yml: found the name mild, which')]);
    expect(playbooks.get('mild')?.source).toBe(join(folder, 'a.yml'));
  });

  test('a folder that is missing takes nothing else down', () => {
    const { byCondition, problems } = loadPlaybooks({ folders: [BUILT_IN, '/no/such'], strategies: STRATEGIES });

    expect([...byCondition.keys()]).toEqual(expect.arrayContaining([...CONDITIONS]));
    expect(problems.map(formatProblem)).toEqual([
      '/no/such: found nothing that can be read (ENOENT), expected a folder with playbooks. Check the path inside the container, the mount, and the owner and mode.',
    ]);
  });
});

test('a choice in the configuration file that does not fit is told with its line', () => {
  const yaml = 'playbooks:\n  use:\n    exited: exitd\nservices:\n  web:\n    playbook: { dead: unhealthy }\n';
  const { settings } = loadSettings({ env: {}, readFile: () => yaml, inContainer: true });
  const { playbooks } = loadPlaybooks({ folders: [BUILT_IN], strategies: STRATEGIES });

  expect(choiceProblems(settings, playbooks).map(formatProblem)).toEqual([
    'watchdog.yml:3 playbooks.use.exited: found the unknown playbook for exited "exitd", expected one of exited. Did you mean exited?',
    'watchdog.yml:6 services.web.playbook.dead: found the unknown playbook for dead "unhealthy", expected one of dead. Remove it or correct its name.',
  ]);
});
