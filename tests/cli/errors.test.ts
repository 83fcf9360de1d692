import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { nowhere, piped } from './a-terminal.ts';

const question = (line: string, service = 'app') => `${JSON.stringify({ line, service })}\n`;

test('errors classify answers each line, in order, however the input is cut', async () => {
  const input = [
    question('listen tcp :80: bind: address already in use'),
    question('all is well'),
    question('größer\ndisk full'),
  ].join('');

  const said = await piped([input.slice(0, 17), input.slice(17, 90), input.slice(90)], nowhere(), 'errors', 'classify');

  expect(said).toEqual({ status: 0, err: '', out: 'PORT_CONFLICT\nNONE\nRESOURCE_EXHAUSTED' });
});

test('errors classify answers a last line without an end', async () => {
  const said = await piped([question('Killed').trimEnd()], nowhere(), 'errors', 'classify');

  expect(said.out).toBe('OUT_OF_MEMORY');
});

test('errors classify --json says which pattern it was, and hides secrets', async () => {
  const said = await piped(
    [question('FATAL:  database "password=hunter2" does not exist'), question('fine')],
    nowhere(),
    'errors',
    'classify',
    '--json',
  );

  const [error, none] = said.out.split('\n').map(text => JSON.parse(text));
  expect(error).toMatchObject({ type: 'DATABASE_CONNECTION', pattern: 'postgres-refuses-login', tier: 'certain' });
  expect(said.out).not.toContain('hunter2');
  expect(none).toEqual({ type: 'NONE' });
});

test('errors classify says which line of the input it cannot read', async () => {
  const said = await piped([question('fine'), 'what?\n'], nowhere(), 'errors', 'classify');

  expect(said).toMatchObject({ status: 2, err: expect.stringContaining('line 2 of the input') });
});

test('errors classify uses the patterns of the configuration as well, and tells what is wrong with them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cw-errors-'));
  writeFileSync(join(folder, 'watchdog.yml'), 'log_patterns:\n  folders: [.]\n');
  writeFileSync(
    join(folder, 'own.yaml'),
    'patterns:\n  - { name: till, type: API_FAILURE, severity: error, tier: certain, expressions: [till is stuck], matches: [till is stuck, the till is stuck], misses: [till, stuck] }\n',
  );

  const said = await piped(
    [question('till is stuck')],
    { ...nowhere(), WATCHDOG_CONFIG: join(folder, 'watchdog.yml') },
    'errors',
    'classify',
  );
  rmSync(folder, { recursive: true });

  expect(said.out).toBe('API_FAILURE');
  // The configuration file itself is no file of patterns.
  expect(said.err).toContain('watchdog.yml:1 log_patterns: found the unknown key');
});
