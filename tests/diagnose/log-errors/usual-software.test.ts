import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { BUILT_IN_LOG_PATTERNS, loadLogPatterns } from '../../../watchdog/config/log-patterns.ts';
import { patternFaults } from '../../../watchdog/diagnose/log-errors/compile-pattern.ts';
import { type Recogniser, recogniserFor } from '../../../watchdog/diagnose/log-errors/recognise.ts';

let recogniser: Recogniser;

beforeAll(() => {
  const { patterns } = loadLogPatterns({ folders: [BUILT_IN_LOG_PATTERNS], faultsOf: patternFaults });
  recogniser = recogniserFor(patterns);
});

const ROWS = readFileSync('tests/fixtures/logs/lines.tsv', 'utf8')
  .split('\n')
  .filter(row => row !== '' && !row.startsWith('#'))
  .map(row => row.split('\t') as [type: string, line: string])
  .map(([type, line]) => [type, line.replaceAll('\\n', '\n')] as const);

const typeOf = (line: string) => recogniser.recognise(line, { service: 'app' })?.type ?? 'NONE';

describe('what the usual software writes', () => {
  test.each(ROWS)('is %s: %s', (type, line) => {
    expect(typeOf(line)).toBe(type);
  });

  test.each(ROWS)('is %s also through Compose, in colour and from the json-file driver: %s', (type, line) => {
    const lines = line.split('\n');

    expect(typeOf(lines.map(each => `shop-app-1  | ${each}`).join('\n'))).toBe(type);
    expect(typeOf(lines.map(each => `\u001b[36mapp-1  | \u001b[0m${each}`).join('\n'))).toBe(type);
    expect(typeOf(lines.map(log => JSON.stringify({ log: `${log}\n`, stream: 'stderr', time: 't' })).join('\n'))).toBe(
      type,
    );
  });
});
