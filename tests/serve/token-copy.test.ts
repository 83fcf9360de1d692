import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sharedToken } from '../../watchdog/serve/token-copy.ts';

const fail = (message: string, fields?: object) => {
  throw new Error(`${message} ${JSON.stringify(fields)}`);
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cw-token-copy-'));
});
afterEach(() => rm(folder, { recursive: true }));

const from = (tokenCopy: string | undefined) => ({
  token: 'sixteen-letters!',
  tokenFile: undefined,
  dataFolder: folder,
  tokenCopy,
});

test('the copy replaces an older one, for owner and group only, and leaves no draft behind', async () => {
  await writeFile(join(folder, 'token'), 'of-yesterday', { mode: 0o600 });

  const token = await sharedToken(from(join(folder, 'token')), { error: fail });

  expect(token).toBe('sixteen-letters!');
  expect(await readFile(join(folder, 'token'), 'utf8')).toBe('sixteen-letters!\n');
  expect((await stat(join(folder, 'token'))).mode & 0o777).toBe(0o640);
  expect(await readdir(folder)).toEqual(['token']);
});

test('a place that is not there is logged with reason and remedy, without the token', async () => {
  const logged: string[] = [];
  const error = (message: string, fields?: object) => void logged.push(JSON.stringify({ message, ...fields }));

  const token = await sharedToken(from('/nowhere/token'), { error });

  expect(token).toBe('sixteen-letters!');
  expect(logged).toEqual([
    expect.stringMatching(/\/nowhere\/token \(env WATCHDOG_TOKEN_COPY; ENOENT\): mount a volume/),
  ]);
  expect(logged[0]).not.toContain('sixteen-letters!');
});

test('nothing is copied where nobody asked for it', async () => {
  await sharedToken(from(undefined), { error: fail });

  expect(await readdir(folder)).toEqual([]);
});
