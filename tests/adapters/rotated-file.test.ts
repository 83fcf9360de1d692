import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RotatedFile } from '../../watchdog/adapters/rotated-file.ts';

let folder: string;
let file: string;
let troubles: (string | undefined)[];
let opened: RotatedFile[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-log-'));
  file = join(folder, 'logs', 'auto_repair.log');
  troubles = [];
  opened = [];
});
afterEach(() => {
  for (const each of opened) each.close();
  rmSync(folder, { recursive: true });
});

function rotated(maxBytes: number, place = file): RotatedFile {
  const made = new RotatedFile({ file: place, maxBytes, keep: 3, onTrouble: because => troubles.push(because) });
  opened.push(made);
  return made;
}
const content = (name: string) => readFileSync(join(folder, 'logs', name), 'utf8');

test('makes its folder, and a line is on disk when it was appended', () => {
  rotated(100).append('one');

  expect(content('auto_repair.log')).toBe('one\n');
  expect(troubles).toEqual([]);
});

test('goes on where the process before stopped', () => {
  rotated(100).append('one');

  rotated(100).append('two');

  expect(content('auto_repair.log')).toBe('one\ntwo\n');
});

test('a file that is full is rotated, and the oldest is dropped', () => {
  const log = rotated(8);

  for (const line of ['aaa', 'bbb', 'ccc', 'ddd', 'eee', 'fff', 'ggg']) log.append(line);

  expect(readdirSync(join(folder, 'logs')).sort()).toEqual([
    'auto_repair.log',
    'auto_repair.log.1',
    'auto_repair.log.2',
  ]);
  expect(content('auto_repair.log')).toBe('ggg\n');
  expect(content('auto_repair.log.1')).toBe('eee\nfff\n');
  expect(content('auto_repair.log.2')).toBe('ccc\nddd\n');
});

test('what the process before wrote counts', () => {
  rotated(8).append('aaaaa');

  rotated(8).append('bbbbb');

  expect(content('auto_repair.log.1')).toBe('aaaaa\n');
});

test('a line that is larger than a file is written all the same', () => {
  const log = rotated(8);

  log.append('x'.repeat(20));
  log.append('y');

  expect(content('auto_repair.log.1')).toBe(`${'x'.repeat(20)}\n`);
  expect(content('auto_repair.log')).toBe('y\n');
});

test('a place that cannot be written is told once, and again when it can', () => {
  writeFileSync(join(folder, 'logs'), 'a file where the folder should be');
  const log = rotated(100);
  log.append('lost');
  log.append('lost as well');
  expect(troubles).toEqual([expect.stringContaining('EEXIST')]);

  rmSync(join(folder, 'logs'));
  log.append('kept');

  expect(troubles).toEqual([expect.anything(), undefined]);
  expect(content('auto_repair.log')).toBe('kept\n');
});

test('a disk that is full later is told once', () => {
  const log = rotated(100, '/dev/full');

  log.append('lost');
  log.append('lost as well');

  expect(troubles).toEqual([expect.stringContaining('ENOSPC')]);
});

test('a rotation that fails loses lines, not the process', () => {
  mkdirSync(`${file}.2`, { recursive: true });
  writeFileSync(`${file}.1`, 'cannot take the place of a folder');
  const log = rotated(8);
  log.append('aaaaa');

  log.append('bbbbb');
  expect(troubles).toHaveLength(1);

  rmdirSync(`${file}.2`);
  log.append('ccccc');
  expect(content('auto_repair.log')).toBe('ccccc\n');
  expect(troubles).toHaveLength(2);
});
