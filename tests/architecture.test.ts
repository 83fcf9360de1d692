import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadPlaybooks } from '../watchdog/config/playbooks.ts';
import { gates } from '../watchdog/decide/gates.ts';
import { CONDITIONS } from '../watchdog/domain/condition.ts';
import { GATE_CODES } from '../watchdog/domain/decision.ts';
import { builtInStrategies } from '../watchdog/repair/strategies.ts';
import * as laws from './architecture/laws.ts';
import { readSources, type Source } from './architecture/sources.ts';
import { FakeClock } from './fakes/fake-clock.ts';
import { FakeEngine } from './fakes/fake-engine.ts';
import { someNeeds } from './fakes/needs.ts';

const ROOT = join(import.meta.dirname, '..');

const LAWS: readonly (readonly [string, laws.Law, broken: Readonly<Record<string, string>>])[] = [
  [
    'domain, diagnose and decide use no package, no clock, no randomness and no other room',
    laws.pureRoomsArePure,
    {
      'decide/a.ts': "import { join } from 'node:path'; export const a = join('a', 'b');",
      'decide/b.ts': "import type { Ledger } from '../record/ledger.ts'; export type B = Ledger;",
      'diagnose/c.ts': 'export const now = () => Date.now();',
      'diagnose/d.ts': 'export const now = () => new Date();',
      'domain/e.ts': 'export const luck = () => Math.random();',
      'domain/f.ts': 'export const later = () => setTimeout(() => undefined, 1);',
      'domain/g.ts': 'export const home = process.env.HOME;',
    },
  ],
  [
    'edge rooms never import each other, and of the adapters only types and error classes',
    laws.edgeRoomsNeverMeet,
    {
      'repair/a.ts': "import { b } from '../record/b.ts'; export const a = b;",
      'observe/b.ts': "import type { B } from '../verify/b.ts'; export type A = B;",
      'verify/c.ts': "import { systemClock } from '../adapters/clock.ts'; export const c = systemClock;",
      'serve/d.ts': "export { e } from '../repair/e.ts';",
      'record/e.ts': "export const e = () => import('../observe/e.ts');",
    },
  ],
  [
    'only the composition root, the road and the commands see more than one room',
    laws.fewSeeMoreThanOneRoom,
    { 'other.ts': "import { a } from './repair/a.ts'; import { b } from './record/b.ts'; export const c = [a, b];" },
  ],
  [
    'configuration and adapters know the domain and nobody else',
    laws.foundationsStandAlone,
    {
      'config/a.ts': "import { decide } from '../decide/decide.ts'; export const a = decide;",
      'adapters/b.ts': "import type { Settings } from '../config/settings.ts'; export type B = Settings;",
    },
  ],
  [
    'a package is used where it belongs and nowhere else',
    laws.packagesStayInTheirRooms,
    {
      'observe/a.ts': "import type Dockerode from 'dockerode'; export type A = Dockerode;",
      'repair/b.ts': "import pRetry from 'p-retry'; export const b = pRetry;",
      'record/c.ts': "import express from 'express'; export const c = express;",
      'serve/d.ts': "import { DatabaseSync } from 'node:sqlite'; export const d = DatabaseSync;",
      'serve/e.ts': "import lodash from 'lodash'; export const e = lodash;",
      'observe/f.ts':
        "import { createRequire } from 'node:module'; const require = createRequire(''); require('winston');",
    },
  ],
  [
    'nothing foreign becomes code: no text is compiled and no process started',
    laws.nothingForeignBecomesCode,
    {
      'serve/a.ts': 'export const a = (text: string) => new RegExp(text);',
      'serve/b.ts': 'export const b = (text: string) => eval(text);',
      'record/c.ts': 'export const c = (text: string) => Function(text);',
      'adapters/d.ts': "import { execFile } from 'node:child_process'; export const d = execFile;",
    },
  ],
  [
    'no regular expression takes longer than its text is long',
    laws.expressionsAreLinear,
    {
      'serve/a.ts': 'export const a = /(a+)+$/;',
      'serve/b.ts': 'export const b = /\\s+$/g;',
      'domain/c.ts': 'export const c = /^[\\w(]+\\(.*\\)$/;',
    },
  ],
  [
    'SQL gets what it is asked about by parameters only',
    laws.sqlByParametersOnly,
    {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a source
      'record/a.ts': "export const a = (name: string) => `SELECT * FROM repair WHERE service = '${name}'`;",
      'record/b.ts': 'export const b = (name: string) => "DELETE FROM repair WHERE service = " + name;',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a source
      'record/ledger/c.ts': 'export const c = (limit: number) => `SELECT id FROM repair LIMIT ${limit}`;',
    },
  ],
  [
    'no file imports itself by way of others',
    laws.noCycles,
    {
      'repair/a.ts': "import { b } from './b.ts'; export const a = b;",
      'repair/b.ts': "import { a } from './a.ts'; export const b = a;",
    },
  ],
  [
    'no function is longer than 60 lines and no file longer than 300',
    laws.nothingIsTooLong,
    {
      'serve/a.ts': `export const a = () => {\n${'  a();\n'.repeat(60)}};\n`,
      'serve/b.ts': `export class B {\n  b() {\n${'    this.b();\n'.repeat(60)}  }\n}\n`,
      'serve/c.ts': 'export {};\n'.repeat(301),
    },
  ],
];

let sources: readonly Source[];
beforeAll(() => {
  sources = readSources(ROOT, 'watchdog');
});

describe('the house', () => {
  test('was read whole', () => {
    const files = readdirSync(join(ROOT, 'watchdog'), { recursive: true }).filter(file => String(file).endsWith('.ts'));

    expect(sources.map(({ path }) => path).sort()).toEqual(files.map(file => join('watchdog', String(file))).sort());
    expect(sources.flatMap(({ functions }) => functions).length).toBeGreaterThan(sources.length);
  });

  test.each(LAWS)('keeps the law: %s', (_, law) => {
    expect(law(sources)).toEqual([]);
  });
});

describe('a house that breaks the law is told so:', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  test.each(LAWS)('%s', (_, law, broken) => {
    const root = mkdtempSync(join(tmpdir(), 'cw-laws-'));
    folders.push(root);
    writeFileSync(join(root, 'tsconfig.json'), '{ "include": ["watchdog"] }');
    for (const [path, text] of Object.entries(broken)) {
      mkdirSync(join(root, 'watchdog', dirname(path)), { recursive: true });
      writeFileSync(join(root, 'watchdog', path), text);
    }

    const told = law(readSources(root, 'watchdog')).join('\n');

    for (const path of Object.keys(broken)) expect(told).toContain(path);
  });
});

describe('hand-written lists', () => {
  const strategies = builtInStrategies(someNeeds(new FakeEngine(new FakeClock()).docker)).map(({ name }) => name);
  const { byCondition, problems } = loadPlaybooks({ folders: [join(ROOT, 'rules', 'playbooks')], strategies });

  test('the gates are asked in the order in which their codes are published', () => {
    expect(gates.map(({ code }) => code)).toEqual(GATE_CODES);
  });

  test('every gate has a file of its own, named after its code', () => {
    const files = readdirSync(join(ROOT, 'watchdog', 'decide', 'gates')).map(file => file.replace('.ts', ''));

    expect(files.sort()).toEqual([...GATE_CODES].sort());
  });

  test('every condition has a built-in playbook, and every strategy that a playbook names exists', () => {
    expect(problems).toEqual([]);
    expect([...byCondition.keys()]).toEqual(expect.arrayContaining([...CONDITIONS]));
  });

  test('every built-in strategy has a line in the how-to', () => {
    const howTo = readFileSync(join(ROOT, 'docs', 'adding-a-strategy.md'), 'utf8');

    expect(strategies.filter(name => !howTo.includes(`\`${name}\``))).toEqual([]);
  });
});
