import { EventEmitter } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { watchConfig } from '../../watchdog/config/watch-config.ts';

let folder: string;
let file: string;
let stop: () => void;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-watch-'));
  file = join(folder, 'watchdog.yml');
  stop = () => {};
});
afterEach(() => {
  stop();
  rmSync(folder, { recursive: true });
});

/** Changes the file while it is watched, and resolves when the change was seen. */
const seen = (change: () => void): Promise<void> =>
  new Promise(resolve => {
    stop = watchConfig(file, resolve, { every: 20, signals: new EventEmitter() });
    change();
  });

describe('the configuration is read again', () => {
  test('when its file is written', async () => {
    writeFileSync(file, 'policy: {}');

    await seen(() => writeFileSync(file, 'policy: { settle: 1 }'));
  });

  test('when an editor puts another file in its place', async () => {
    writeFileSync(file, 'policy: {}');
    writeFileSync(`${file}.new`, 'policy: { settle: 1 }');

    await seen(() => renameSync(`${file}.new`, file));
  });

  test('when a file appears where there was none', async () => {
    await seen(() => writeFileSync(file, 'policy: {}'));
  });

  test('on SIGHUP, until the watching ends', () => {
    const signals = new EventEmitter();
    let calls = 0;
    const end = watchConfig(undefined, () => calls++, { signals });

    signals.emit('SIGHUP');
    end();
    signals.emit('SIGHUP');

    expect(calls).toBe(1);
    expect(signals.listenerCount('SIGHUP')).toBe(0);
  });
});
