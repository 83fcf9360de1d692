import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ENDPOINTS, type EngineRequest } from '../watchdog/adapters/docker/endpoints.ts';
import { EXIT } from '../watchdog/cli/exit.ts';
import { runProgram } from '../watchdog/cli/program.ts';
import { settingsInForce } from '../watchdog/config/describe.ts';
import { loadSettings } from '../watchdog/config/load-settings.ts';
import { loadLogPatterns } from '../watchdog/config/log-patterns.ts';
import { loadPlaybooks } from '../watchdog/config/playbooks.ts';
import { policyFor } from '../watchdog/config/policy-for.ts';
import { POLICY_FIELDS, POLICY_KEYS } from '../watchdog/config/policy-keys.ts';
import { ENV_NAMES } from '../watchdog/config/read-env.ts';
import { scalingFor } from '../watchdog/config/scaling-for.ts';
import { SCALING_KEYS } from '../watchdog/config/scaling-keys.ts';
import { patternFaults } from '../watchdog/diagnose/log-errors/compile-pattern.ts';
import { OBSTACLE_CODES } from '../watchdog/diagnose/scaling/obstacles.ts';
import { STANDINGS } from '../watchdog/domain/approval.ts';
import { CONDITIONS, ERROR_CONDITIONS } from '../watchdog/domain/condition.ts';
import { GATE_CODES } from '../watchdog/domain/decision.ts';
import { ERROR_TYPES } from '../watchdog/domain/log-error.ts';
import { hideAlso } from '../watchdog/domain/mask.ts';
import { ALERT_REFUSALS } from '../watchdog/domain/received-alert.ts';
import { SCALING_CODES } from '../watchdog/domain/scaling.ts';
import { loadSettingsAndMask } from '../watchdog/masking.ts';
import { createMetrics } from '../watchdog/record/metrics.ts';
import { RULE_NAMES } from '../watchdog/record/report/recommendations.ts';
import { strategyRegistry } from '../watchdog/repair/registry.ts';
import { builtInStrategies } from '../watchdog/repair/strategies.ts';
import { createApp } from '../watchdog/serve/app.ts';
import { someDeps } from './fakes/watchdog-view.ts';
import { blocksIn, codeIn, namesIn, tableIn } from './markdown.ts';
import { serving } from './serve/api.ts';

const README = 'README.md';
const SETTINGS = 'docs/settings.md';
const API = 'docs/api.md';
const METRICS = 'docs/metrics.md';
const WORDS = 'docs/vocabulary.md';
const MISSING = Object.assign(new Error('missing'), { code: 'ENOENT' });

/** No strategy is applied here, so no engine is asked. */
const strategies = strategyRegistry(builtInStrategies({} as never)).names();

const WORKER = { project: 'shop', service: 'worker' };

const settingsFrom = (file: string | undefined) =>
  loadSettings({
    env: {},
    inContainer: true,
    readFile: () => {
      if (file === undefined) throw MISSING;
      return file;
    },
  });

/** The words of a union type, which leaves nothing behind that could be imported. */
function unionIn(file: string, beginning: string): string[] {
  const text = readFileSync(file, 'utf8').split(beginning)[1]?.split(';')[0];
  if (text === undefined) throw new Error(`${file} has no '${beginning}'`);
  return [...text.matchAll(/'([^']+)'/g)].map(([, word]) => word ?? '');
}

describe('the README, with the settings, the API and the metrics', () => {
  test('names every condition and no other, in order', () => {
    expect(namesIn(README, 'condition')).toEqual([...CONDITIONS]);
  });

  test('says of each condition what its built-in playbook does', () => {
    const { byCondition } = loadPlaybooks({ folders: ['rules/playbooks'], strategies });

    const said = tableIn(README, 'condition').map(({ repair = '' }) => codeIn(repair));

    expect(said).toEqual(CONDITIONS.map(condition => byCondition.get(condition)?.ladder.map(rung => rung.strategy)));
  });

  test('names every strategy and no other', () => {
    expect(namesIn(README, 'strategy').sort()).toEqual([...strategies].sort());
  });

  test('names every gate and no other, in order', () => {
    expect(namesIn(README, 'code')).toEqual([...GATE_CODES]);
  });

  test('names every variable that is read and no other, those without effect as such', () => {
    const engine = ['DOCKER_HOST', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH'];
    const notYet = readFileSync(README, 'utf8').split('## Not yet')[1]?.split('\n## ')[0] ?? '';

    const said = [...namesIn(SETTINGS, 'variable'), ...codeIn(notYet)];

    expect(said.sort()).toEqual([...ENV_NAMES, ...engine].sort());
  });

  test('gives the defaults that are in force', () => {
    const inForce = new Map(settingsInForce(settingsFrom(undefined).settings).map(({ name, value }) => [name, value]));
    const fileKeys = new Map<string | undefined, string>(
      POLICY_FIELDS.map(field => POLICY_KEYS[field]).map(({ env, file }: { env?: string; file: string }) => [
        env,
        file,
      ]),
    );
    // Where it is looked for; that it is not there is what `check` says.
    const special = ['WATCHDOG_CONFIG'];

    for (const { variable = '', default: said = '' } of tableIn(SETTINGS, 'variable')) {
      const [name = ''] = codeIn(variable);
      const [value] = codeIn(said);
      if (value === undefined || special.includes(name)) continue;
      expect(`${name}=${value}`).toBe(`${name}=${inForce.get(name) ?? inForce.get(`policy.${fileKeys.get(name)}`)}`);
    }
  });

  test('names every label of ours', () => {
    const labels = POLICY_FIELDS.map(field => POLICY_KEYS[field]).flatMap(
      ({ label }: { label?: string }) => label ?? [],
    );

    expect(namesIn(README, 'label')).toEqual(expect.arrayContaining(labels));
  });

  test.each(namesIn(README, 'label'))('names the label %s, which is read', label => {
    const { settings } = settingsFrom(undefined);
    const key = label.replace('<condition>', 'unhealthy');

    const { policy } = policyFor(settings, { project: 'shop', service: 'web' }, { [key]: '?!' });

    expect(policy.problems).toEqual([expect.stringContaining(`label ${key} of service shop/web: found`)]);
  });

  test('names every metric and no other', async () => {
    const metrics = createMetrics({ version: '1.2.3' });
    metrics.mirror({
      services: () => [],
      openIncidents: () => [],
      limits: () => [],
      measuredSince: () => 0,
      disks: () => [],
      memory: () => undefined,
      sizes: () => [],
      dockerDisk: () => ({}),
      checks: () => ({}),
      queues: () => [],
    });

    const families = [...(await metrics.metrics()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);

    expect(namesIn(METRICS, 'metric').sort()).toEqual(families.sort());
  });

  test('names every command and no other', async () => {
    let help = '';
    const print = (text: string) => {
      help += text;
    };
    await runProgram(['--help'], {
      env: {},
      colours: false,
      now: () => 0,
      input: () => Readable.from([]),
      print,
      remark: print,
    });

    const commands = (help.split('Commands:')[1] ?? '').match(/^ {2}\w+( \[options\])?( <\w+>)?/gm) ?? [];
    const own = commands.map(text => text.replace(' [options]', '').trim()).filter(text => text !== 'help');

    expect(namesIn(README, 'command')).toEqual(own);
  });

  test('says what every exit status means', () => {
    const said = tableIn(README, 'status').flatMap(({ status = '' }) => status.split(', ').map(Number));

    expect(said).toEqual(expect.arrayContaining(Object.values(EXIT)));
    // Of those that a signal has ended: 128 and its number (signal(7)).
    const { SIGINT, SIGTERM, SIGALRM, SIGABRT, SIGKILL } = constants.signals;
    const signals = [SIGINT, SIGTERM, SIGALRM, SIGABRT, SIGKILL].map(signal => 128 + signal);
    expect(said.sort()).toEqual([...Object.values(EXIT), ...signals].sort());
  });

  test('names every request of the API and no other', async () => {
    const api = await serving(createApp(someDeps()));
    const { paths } = (await api.get('/api/openapi.json')).json as { paths: Record<string, object> };
    await api.close();

    const requests = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    );

    expect(namesIn(API, 'request').sort()).toEqual(requests.sort());
  });

  test('shows a service that is the one of compose/compose.yaml, without what can be left out', () => {
    const inUse = readFileSync('compose/compose.yaml', 'utf8').replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
    const [snippet] = blocksIn(README, 'yaml').map(text => parse(text));

    const { volumes, ...rest } = snippet.services.watchdog;
    expect(parse(inUse).services.watchdog).toMatchObject(rest);
    expect(parse(inUse).services.watchdog.volumes).toEqual(expect.arrayContaining(volumes));
    expect(parse(inUse).volumes).toMatchObject(snippet.volumes);
  });
});

test('compose/compose.yaml passes on every variable except those that the image sets', () => {
  const { environment } = parse(readFileSync('compose/compose.yaml', 'utf8')).services.watchdog;
  const ofTheImage = ['WATCHDOG_DATA', 'WATCHDOG_HOST', 'WATCHDOG_LOG_FILE', 'WATCHDOG_PORT'];

  const passedOn = (environment as string[]).map(entry => entry.split('=')[0] ?? '');

  expect(passedOn).toEqual(expect.arrayContaining(ENV_NAMES.filter(name => !ofTheImage.includes(name))));
});

describe('docs/vocabulary.md', () => {
  test.each([
    ['finding', unionIn('watchdog/domain/finding.ts', 'export type FindingKind =')],
    ['condition', [...CONDITIONS]],
    ['state', unionIn('watchdog/domain/incident.ts', 'export type IncidentState =')],
    ['gate', [...GATE_CODES]],
    ['refusal', [...ALERT_REFUSALS]],
    ['standing', [...STANDINGS]],
    ['outcome', unionIn('watchdog/domain/repair.ts', 'export type Outcome =')],
    ['proof', unionIn('watchdog/domain/repair.ts', 'readonly healed: boolean;\n  readonly code:')],
    ['engine', unionIn('watchdog/adapters/docker/docker.ts', 'extends Error {\n  readonly code:')],
  ])('has the closed list of each %s', (head, words) => {
    expect(namesIn(WORDS, head)).toEqual(words);
  });
});

test('docs/socket-access.md names every endpoint of the engine that is asked, and by which side', () => {
  const said = tableIn('docs/socket-access.md', 'endpoint').map(({ endpoint = '', request = '', reading, acting }) => ({
    endpoint: codeIn(endpoint)[0],
    request: codeIn(request)[0],
    reading: reading !== '',
    acting: acting !== '',
  }));

  expect(said).toEqual(
    Object.entries<EngineRequest>(ENDPOINTS).map(([endpoint, { method, path, reading, acting }]) => ({
      endpoint,
      request: `${method} ${path}`,
      reading: reading !== undefined,
      acting: acting !== undefined,
    })),
  );
});

test('docs/troubleshooting.md says what to do about the gates, and names no other', () => {
  const said = namesIn('docs/troubleshooting.md', 'gate').filter(name => /^[a-z-]+$/.test(name));

  expect([...GATE_CODES]).toEqual(expect.arrayContaining(said));
});

test('docs/report.md names every rule and no other, in order', () => {
  expect(namesIn('docs/report.md', 'rule')).toEqual(RULE_NAMES);
});

test('docs/adding-a-playbook.md shows playbooks and settings that can be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'docs-'));
  const { playbooks = [], settings = [] } = Object.groupBy(blocksIn('docs/adding-a-playbook.md', 'yaml'), text =>
    text.startsWith('name:') ? 'playbooks' : 'settings',
  );
  for (const [at, text] of playbooks.entries()) writeFileSync(join(folder, `${at}.yml`), text);

  const loaded = loadPlaybooks({ folders: [folder], strategies });
  rmSync(folder, { recursive: true });

  expect(loaded.problems).toEqual([]);
  expect([...loaded.playbooks.keys()]).toEqual(['patient-web', 'replays-for-long', 'rewrite-config', 'rebuild-index']);
  for (const text of settings) expect(settingsFrom(text).problems).toEqual([]);
});

describe('docs/scaling.md', () => {
  const PAGE = 'docs/scaling.md';

  test('has the closed lists of what holds a size back, and of what cannot be scaled', () => {
    expect(namesIn(PAGE, 'scaling code')).toEqual([...SCALING_CODES]);
    expect(namesIn(PAGE, 'obstacle')).toEqual([...OBSTACLE_CODES]);
  });

  test('names every label, with its key of the file, and no other', () => {
    const said = tableIn(PAGE, 'scaling label').map(row => [
      codeIn(row['scaling label'] ?? '')[0],
      codeIn(row['key of the file'] ?? '')[0],
    ]);

    expect(said).toEqual(Object.values(SCALING_KEYS).map(({ label, file }) => [label, file]));
  });

  test('shows settings that can be read', () => {
    const [, text] = blocksIn(PAGE, 'yaml');

    const { settings, problems } = settingsFrom(text);

    expect(problems).toEqual([]);
    expect(Object.keys(settings.scaling)).toEqual(['celery-worker', 'importer', 'api']);
  });

  test('begins with a Compose file whose labels can be read', () => {
    const [text = ''] = blocksIn(PAGE, 'yaml');
    const { worker } = parse(text).services;

    const { scaling, problems } = scalingFor(settingsFrom(undefined).settings, WORKER, worker.labels);

    expect(problems).toEqual([]);
    expect(scaling).toMatchObject({ min: 1, max: 8, metrics: [{ source: { kind: 'queue' } }] });
  });
});

test('docs/log-errors.md shows masks that can be used', () => {
  const [text = ''] = blocksIn('docs/log-errors.md', 'yaml');

  const { settings, problems } = loadSettingsAndMask({ env: {}, readFile: () => text, inContainer: true });
  hideAlso({ expressions: [], emails: false });

  expect(problems).toEqual([]);
  expect(settings.masking).toMatchObject({ emails: true, patterns: [{ name: 'customer' }] });
});

test('docs/log-errors.md names every type of error and no other, in order', () => {
  expect(namesIn('docs/log-errors.md', 'type')).toEqual([...ERROR_TYPES]);
});

test('docs/log-errors.md says of each type what its built-in playbook does', () => {
  const { byCondition } = loadPlaybooks({ folders: ['rules/playbooks'], strategies });

  const said = tableIn('docs/log-errors.md', 'type').map(({ repair = '' }) => codeIn(repair));

  expect(said).toEqual(
    ERROR_CONDITIONS.map(condition => byCondition.get(condition)?.ladder.map(rung => rung.strategy) ?? []),
  );
});

test('docs/log-errors.md names every built-in playbook for PostgreSQL, and what it does', () => {
  const { playbooks } = loadPlaybooks({ folders: ['rules/playbooks'], strategies });
  const own = [...playbooks.values()].filter(({ name }) => name.startsWith('postgres-'));

  const said = tableIn('docs/log-errors.md', 'playbook').map(({ playbook = '', repair = '' }) => [
    codeIn(playbook)[0],
    codeIn(repair),
  ]);

  expect(said).toEqual(own.map(({ name, ladder }) => [name, ladder.map(({ strategy }) => strategy)]));
});

test('docs/adding-a-log-pattern.md shows patterns and settings that can be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'docs-'));
  const [patterns = '', ...settings] = blocksIn('docs/adding-a-log-pattern.md', 'yaml');
  writeFileSync(join(folder, 'patterns.yml'), patterns);

  const loaded = loadLogPatterns({ folders: [folder], faultsOf: patternFaults });
  rmSync(folder, { recursive: true });

  expect(loaded.problems).toEqual([]);
  expect(loaded.patterns.map(({ name }) => name)).toEqual(['till-stuck']);
  for (const text of settings) expect(settingsFrom(text).problems).toEqual([]);
});

test('docs/backups.md shows the settings that are in force without it', () => {
  const [text] = blocksIn('docs/backups.md', 'yaml');

  const { settings, problems } = settingsFrom(text);

  expect(problems).toEqual([]);
  expect(settings.backups).toEqual(settingsFrom(undefined).settings.backups);
});

test('docs/approvals.md shows settings that can be read', () => {
  const [text] = blocksIn('docs/approvals.md', 'yaml');

  const { settings, problems } = settingsFrom(text);

  expect(problems).toEqual([]);
  expect(settings.approvals.wait).toBe(7_200_000);
});

test('docs/coming-from-autoheal.md shows settings that can be read', () => {
  const [text] = blocksIn('docs/coming-from-autoheal.md', 'yaml');

  const { settings, problems } = settingsFrom(text);

  expect(problems).toEqual([]);
  expect(settings.policy.enabled).toBe(false);
});

test('docs/decisions has a reason for every package, and lists every decision', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const index = readFileSync('docs/decisions/README.md', 'utf8');

  expect(namesIn('docs/decisions/0003-dependencies.md', 'package')).toEqual(Object.keys(dependencies));
  for (const file of globSync('0*.md', { cwd: 'docs/decisions' })) expect(index).toContain(`](${file})`);
});

describe('links', () => {
  const pages = globSync([
    '*.md',
    'docs/**/*.md',
    'rules/**/*.md',
    'tests/**/*.md',
    'compose/**/*.md',
    'bench/**/*.md',
    'monitoring/**/*.md',
  ]);

  test.each(pages)('of %s lead to something', page => {
    const text = readFileSync(page, 'utf8').replaceAll(/```[\s\S]*?```|`[^`]*`/g, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '');
    const broken = links.filter(link => !/^[a-z]+:/.test(link) && !leadsSomewhere(page, link));

    expect(broken).toEqual([]);
  });

  function leadsSomewhere(page: string, link: string): boolean {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(target)) return false;
    return anchor === undefined || anchorsOf(target).includes(anchor);
  }

  /** As GitHub makes them of headings. */
  const anchorsOf = (page: string): string[] =>
    [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
});
