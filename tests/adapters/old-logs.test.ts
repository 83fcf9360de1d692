import { existsSync, linkSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { removeOldLogs } from '../../watchdog/adapters/old-logs.ts';
import { aLog } from '../fakes/a-log.ts';
import { ago, NOON } from '../fakes/a-service.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('old logs', () => {
  const remove = (before = ago('7d')) =>
    removeOldLogs({ folder, before, inUse: join(folder, 'auto_repair.log') }, new AbortController().signal);

  test.each([
    'auto_repair.log.1',
    'access.log.12.gz',
    'app.log-20260201',
    'app.log.2026-02-01.zst',
    'app.log.old',
    'catalina.2026-02-01.log',
    'app-20260201.log.gz',
    'syslog.1',
  ])('%s goes when it is old enough', async name => {
    aLog(join(folder, name), '8d');

    expect(await remove()).toBe(4_096);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    { name: 'auto_repair.log', why: 'it is the one that is written to' },
    { name: 'dump-20260201.sql.gz', why: 'it is no log' },
    { name: 'ledger.sqlite', why: 'it is no log' },
    { name: 'catalog.1.html', why: 'it only sounds like one' },
    { name: 'deep/app.log.1', why: 'only the folder itself is looked through' },
  ])('$name stays, however old: $why', async ({ name }) => {
    const file = aLog(join(folder, name), '400d');

    expect(await remove()).toBe(0);
    expect(existsSync(file)).toBe(true);
  });

  test('what was written within the time stays', async () => {
    const file = aLog(join(folder, 'app.log.1'), '6d');

    expect(await remove()).toBe(0);
    expect(existsSync(file)).toBe(true);
  });

  test('a symbolic link is neither followed nor removed, nor what it leads to', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'cw-outside-'));
    const precious = aLog(join(outside, 'app.log.1'), '400d');
    symlinkSync(precious, join(folder, 'app.log.1'));
    symlinkSync(outside, join(folder, 'app.log.2'));

    expect(await remove(NOON * 2)).toBe(0);

    expect(existsSync(precious)).toBe(true);
    expect(readdirSync(folder)).toEqual(['app.log.1', 'app.log.2']);
    rmSync(outside, { recursive: true });
  });

  test('the log in use stays under whatever name it is found', async () => {
    aLog(join(folder, 'auto_repair.log'), '400d');
    linkSync(join(folder, 'auto_repair.log'), join(folder, 'app.log.1'));

    await remove();

    expect(readdirSync(folder)).toEqual(['app.log.1', 'auto_repair.log']);
  });

  test('a file with another name brings nothing back', async () => {
    linkSync(aLog(join(folder, 'app.log.1'), '8d'), join(folder, 'kept'));

    expect(await remove()).toBe(0);
    expect(readdirSync(folder)).toEqual(['kept']);
  });

  test('a folder that is not there holds none', async () => {
    const signal = new AbortController().signal;

    expect(await removeOldLogs({ folder: '/nowhere/logs', before: NOON, inUse: '/nowhere/log' }, signal)).toBe(0);
  });
});
