import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { renderRules } from '../../tools/render-rules.ts';
import { command } from '../../tools/setup/command.ts';
import { ensureCheckers } from '../../tools/setup/ensure-checkers.ts';

let promtool: string;
beforeAll(async () => {
  ({ promtool } = await ensureCheckers());
});

const check = (files: readonly string[]): Promise<string> =>
  command([promtool, 'check', 'rules', '--lint=all', '--lint-fatal', ...files]);

test.each(globSync('rules/alerts/*.yml'))('%s is taken by Prometheus', async file => {
  expect(await check([file])).toContain('SUCCESS');
});

test.each(globSync('rules/alerts/tests/*.yml'))('%s holds', async file => {
  expect(await command([promtool, 'test', 'rules', file])).toContain('SUCCESS');
});

test('the rules that were rendered for a hurried test are taken as well', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cw-rules-'));
  await renderRules(folder, 0.05);

  await check(globSync(join(folder, '*.yml')));
  await rm(folder, { recursive: true });
});
