import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { command } from '../../tools/setup/command.ts';
import { ensureCheckers } from '../../tools/setup/ensure-checkers.ts';
import { blocksIn } from '../markdown.ts';

let promtool: string;
let folder: string;
beforeAll(async () => {
  ({ promtool } = await ensureCheckers());
});
beforeEach(() => {
  // As in the container's /etc/prometheus.
  folder = mkdtempSync(join(tmpdir(), 'cw-prometheus-'));
  cpSync('monitoring/prometheus', folder, { recursive: true });
  cpSync('rules/alerts', join(folder, 'alerts'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const checkConfig = (): Promise<string> => command([promtool, 'check', 'config', join(folder, 'prometheus.yml')]);

test('Prometheus takes the configuration of the stack, with all of our rules', async () => {
  expect(await checkConfig()).toMatch(/SUCCESS: [0-9]+ rules found/);
});

test('what the README for operators shows can be put into their folder as it is', async () => {
  const [scrape = '', rules = ''] = blocksIn('monitoring/prometheus/user/README.md', 'yaml');
  writeFileSync(join(folder, 'user', 'shop.scrape.yml'), scrape);
  writeFileSync(join(folder, 'user', 'shop.rules.yml'), rules);

  expect(await checkConfig()).toContain('shop.rules.yml');
});
