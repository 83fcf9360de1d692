import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ensureToken, readToken } from '../../watchdog/serve/token.ts';

let dataFolder = '';
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'cw-token-'));
});
afterEach(() => rm(dataFolder, { recursive: true }));

const from = (differing: { token?: string; tokenFile?: string } = {}) => ({
  token: undefined,
  tokenFile: undefined,
  dataFolder,
  ...differing,
});
const good = 'sixteen-letters!';

describe('the token', () => {
  test('of the environment goes before the file, and the file before our own', async () => {
    const tokenFile = join(dataFolder, 'secret');
    await writeFile(tokenFile, `${good}-of-file\n`);
    const own = await ensureToken(from());

    expect(await ensureToken(from({ token: good, tokenFile }))).toBe(good);
    expect(await ensureToken(from({ tokenFile }))).toBe(`${good}-of-file`);
    expect(await ensureToken(from({ token: '', tokenFile: '' }))).toBe(own);
  });

  test('is made at the first start, kept for its owner only, and is the same ever after', async () => {
    const first = await ensureToken(from());

    const second = await ensureToken(from());

    expect(first.length).toBeGreaterThanOrEqual(43);
    expect(second).toBe(first);
    expect((await stat(join(dataFolder, 'token'))).mode & 0o777).toBe(0o600);
    expect(await readdir(dataFolder)).toEqual(['token']);
  });

  test('is one and the same for two that start at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 8 }, () => ensureToken(from())));

    expect(new Set(tokens).size).toBe(1);
    expect((await readFile(join(dataFolder, 'token'), 'utf8')).trim()).toBe(tokens[0]);
  });

  test('is not made by those who only want to read it', async () => {
    expect(await readToken(from())).toBeUndefined();
    expect(await readdir(dataFolder)).toEqual([]);
  });
});

describe('a token that cannot be used', () => {
  test('because it is short is refused without being shown', async () => {
    const refusal = ensureToken(from({ token: 'short' }));

    await expect(refusal).rejects.toThrow('env WATCHDOG_TOKEN: found 5 characters, expected at least 16');
    await expect(refusal).rejects.not.toThrow('short');
  });

  test('because it would break the header is refused', async () => {
    await expect(ensureToken(from({ token: 'sixteen letters and a space' }))).rejects.toThrow('found spaces');
  });

  test('because its file is not there names file, reason and remedy', async () => {
    await expect(ensureToken(from({ tokenFile: '/nowhere/token' }))).rejects.toThrow(
      /\/nowhere\/token \(env WATCHDOG_TOKEN_FILE\) cannot be read by user \d+ \(ENOENT\): make it a file/,
    );
  });

  test('because its file is a folder names the reason', async () => {
    await expect(ensureToken(from({ tokenFile: dataFolder }))).rejects.toThrow('(EISDIR)');
  });

  test('because the file of our own was emptied is refused, not replaced', async () => {
    await writeFile(join(dataFolder, 'token'), '');
    await chmod(join(dataFolder, 'token'), 0o600);

    await expect(ensureToken(from())).rejects.toThrow('found 0 characters');
  });

  test('because the folder cannot be written says what to do', async () => {
    const dangling = join(dataFolder, 'dangling');
    await symlink('/nowhere/at/all', dangling);

    await expect(ensureToken({ ...from(), dataFolder: dangling })).rejects.toThrow(
      /cannot keep a token in .*\/dangling\/token \(E\w+\): make the folder writable/,
    );
  });
});
