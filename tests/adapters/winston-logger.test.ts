import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createLogger, type LoggerOptions } from '../../watchdog/adapters/winston-logger.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A logger whose stderr can be read; `lines` waits until all is written. */
function logger(options: Partial<LoggerOptions> = {}) {
  let written = '';
  const stream = new Writable({
    write: (chunk, _encoding, next) => {
      written += chunk;
      next();
    },
  });
  const made = createLogger({ level: 'info', file: undefined, stderr: 'text', stream, ...options });
  const lines = async () => {
    // What is warned of by itself comes a turn later.
    await new Promise(resolve => setImmediate(resolve));
    await made.close();
    return written.trimEnd().split('\n');
  };
  return { ...made, stream, lines };
}

const linesOf = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');

test('people read text on stderr, machines read JSON in the file', async () => {
  const file = join(folder, 'logs', 'auto_repair.log');
  const log = logger({ file });

  log.info('repair began', { service: 'shop/web', attempt: 1 });

  expect(await log.lines()).toEqual([
    expect.stringMatching(/^\d{4}-.*Z info {2}repair began service=shop\/web attempt=1$/),
  ]);
  expect(linesOf(file).map(line => JSON.parse(line))).toEqual([
    { time: expect.stringMatching(/Z$/), level: 'info', message: 'repair began', service: 'shop/web', attempt: 1 },
  ]);
});

test('stderr is JSON where nobody reads it', async () => {
  const log = logger({ stderr: 'json' });

  log.error('engine lost', { endpoint: 'unix:///var/run/docker.sock' });

  expect((await log.lines()).map(line => JSON.parse(line))).toMatchObject([
    { level: 'error', message: 'engine lost', endpoint: 'unix:///var/run/docker.sock' },
  ]);
});

test('what is below the level is not written', async () => {
  const log = logger({ level: 'warn' });

  log.debug('no');
  log.info('no');
  log.warn('yes');
  log.error('yes');

  expect(await log.lines()).toHaveLength(2);
});

test.each([
  ['is full', '/dev/full', 'ENOSPC'],
  ['does not exist', '/dev/null/logs/auto_repair.log', 'ENOTDIR'],
])('a log file whose disk %s costs one warning, and no line on stderr', async (_what, file, code) => {
  const log = logger({ file });

  for (let n = 0; n < 2_000; n += 1) log.info(`line ${n}`, { padding: 'x'.repeat(100) });

  const lines = await log.lines();
  const warnings = lines.filter(line => line.includes('log file cannot be written'));
  expect(warnings).toEqual([expect.stringContaining(code)]);
  expect(lines).toHaveLength(2_001);
});

test('a file that is full is rotated', async () => {
  const file = join(folder, 'auto_repair.log');
  const log = logger({ file, maxBytes: 1_000 });

  for (let n = 0; n < 20; n += 1) log.info('repair began', { n });
  await log.lines();

  const numbers = [...linesOf(`${file}.1`), ...linesOf(file)].map(line => (JSON.parse(line) as { n: number }).n);
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, n) => n));
});

test('a reader of stderr that went away does not end the process', async () => {
  const log = logger();

  log.stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  log.info('nobody reads this');

  await expect(log.lines()).resolves.toEqual(['']);
});

test('a word after the end is lost, not fatal', async () => {
  const log = logger();
  await log.lines();

  expect(() => log.info('too late')).not.toThrow();
});
