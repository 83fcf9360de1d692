import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BUILT_IN_LOG_PATTERNS, loadLogPatterns } from '../../watchdog/config/log-patterns.ts';
import { formatProblem } from '../../watchdog/config/problem.ts';
import { patternFaults } from '../../watchdog/diagnose/log-errors/compile-pattern.ts';
import { recogniserFor } from '../../watchdog/diagnose/log-errors/recognise.ts';
import { ERROR_TYPES } from '../../watchdog/domain/log-error.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-log-patterns-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const faultsOf = patternFaults;

const GOOD = `patterns:
  - name: till-stuck
    type: API_FAILURE
    severity: error
    tier: certain
    expressions:
      - 'till (?<till>\\d{1,3}) is stuck'
    matches: ['till 4 is stuck', 'ERROR till 12 is stuck']
    misses: ['till 4 is open', 'no till is stuck']
`;

function loadWith(...texts: string[]) {
  const folders = texts.map((text, index) => {
    const path = join(folder, String(index));
    mkdirSync(path);
    writeFileSync(join(path, 'own.yml'), text);
    return path;
  });
  const { patterns, problems } = loadLogPatterns({ folders, faultsOf });
  return { patterns, sentences: problems.map(formatProblem) };
}

describe('the built-in log patterns', () => {
  const { patterns, problems } = loadLogPatterns({ folders: [BUILT_IN_LOG_PATTERNS], faultsOf });
  const recogniser = recogniserFor(patterns);

  test('are sound: their expressions are safe, and their examples are read as they say', () => {
    expect(problems).toEqual([]);
  });

  test('cover every type', () => {
    expect(ERROR_TYPES.filter(type => !patterns.some(pattern => pattern.type === type))).toEqual([]);
  });

  test.each(patterns.map(({ name, type, matches }) => [name, type, matches] as const))(
    '%s: a line that it matches is %s, whatever the others say',
    (_, type, lines) => {
      for (const line of lines)
        expect([line, recogniser.recognise(line, { service: 'app' })?.type ?? 'NONE']).toEqual([line, type]);
    },
  );
});

describe('patterns of one’s own', () => {
  test('are read, with what they leave out filled in', () => {
    const { patterns, sentences } = loadWith(GOOD);

    expect(sentences).toEqual([]);
    expect(patterns).toEqual([
      expect.objectContaining({
        name: 'till-stuck',
        type: 'API_FAILURE',
        services: [],
        with: [],
        unless: [],
        source: join(folder, '0', 'own.yml'),
      }),
    ]);
  });

  test('replace those of the same name in an earlier folder', () => {
    const { patterns } = loadWith(GOOD, GOOD.replace('API_FAILURE', 'NONE'));

    expect(patterns.map(({ type }) => type)).toEqual(['NONE']);
  });

  test.each([
    [
      'a type that nobody knows',
      GOOD.replace('API_FAILURE', 'API_FAILED'),
      'own.yml:3 patterns.0.type: found "API_FAILED", expected one of NONE, PORT_CONFLICT',
    ],
    [
      'an expression that could take for ever',
      GOOD.replace('till (', '(?:t+)+ill ('),
      'own.yml:7 till-stuck.expressions.0: found an expression that can try too many ways (catastrophic backtracking)',
    ],
    [
      'an expression without a word',
      GOOD.replace(/'till \(.*'/, "'\\d+ \\w+'"),
      'own.yml:7 till-stuck.expressions.0: found an expression that would have to be tried on every line',
    ],
    [
      'an expression that is none',
      GOOD.replace("is stuck'", "is (stuck'"),
      'own.yml:7 till-stuck.expressions.0: found "stuck" at character',
    ],
    [
      'a line that it should match and does not',
      GOOD.replace("'till 4 is stuck'", "'till 4 is lost'"),
      'own.yml:8 till-stuck.matches.0: found "till 4 is lost", expected a line that the expressions match',
    ],
    [
      'a line that it should not match and does',
      GOOD.replace("'till 4 is open'", "'till 4 is stuck!'"),
      'own.yml:9 till-stuck.misses.0: found "till 4 is stuck!", expected a line that the expressions do not match',
    ],
    [
      'too few examples',
      GOOD.replace("'till 4 is stuck', ", ''),
      'own.yml:8 patterns.0.matches: found a list, expected at least 2',
    ],
    [
      'a key that nobody knows',
      GOOD.replace('severity', 'severty'),
      'own.yml:4 patterns.0.severty: found the unknown key "severty"',
    ],
  ])('are left out for %s, with the line', (_, text, sentence) => {
    const { patterns, sentences } = loadWith(text);

    expect(sentences.join('\n')).toContain(sentence);
    expect(patterns).toEqual([]);
  });

  test('leave the built-in one in force where they are bad', () => {
    const { patterns } = loadWith(GOOD, GOOD.replace('API_FAILURE', 'API_FAILED'));

    expect(patterns.map(({ type }) => type)).toEqual(['API_FAILURE']);
  });

  test('of one name twice in a folder: the first counts, and the second is told', () => {
    const { patterns, sentences } = loadWith(GOOD + GOOD.replace('patterns:\n', '').replace('API_FAILURE', 'NONE'));

    expect(patterns.map(({ type }) => type)).toEqual(['API_FAILURE']);
    expect(sentences.join()).toContain('found the name till-stuck, which');
  });

  test('in a folder that is not there are a problem, and no more', () => {
    const { patterns, problems } = loadLogPatterns({ folders: [join(folder, 'nowhere')], faultsOf });

    expect(patterns).toEqual([]);
    expect(problems.map(({ found }) => found)).toEqual(['nothing that can be read (ENOENT)']);
  });
});
