import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { renderRules, rulesFolder, withShorterFor } from '../../tools/render-rules.ts';
import { tryCommand } from '../../tools/setup/command.ts';

const RULES = `groups:
  - name: one
    rules:
      # Why it is so.
      - alert: A
        expr: rate(x_total[5m]) > 0.9
        for: 5m
        labels: { repair: restart }
      - alert: B
        expr: y == 0
`;

test('every for is scaled; expressions, labels and comments stay', () => {
  const shorter = withShorterFor(RULES, 0.05);

  expect(shorter).toBe(RULES.replace('for: 5m', 'for: 15000ms'));
});

test('all rules of the stack are rendered, and differ in nothing but for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cw-rules-'));

  await renderRules(folder, 0.1);

  const without = (text: string) =>
    parse(text, (key, value) => (key === 'for' ? undefined : value)) as Record<string, unknown>;
  const names = readdirSync(rulesFolder).filter(name => name.endsWith('.yml'));
  expect(readdirSync(folder).sort()).toEqual(names.sort());
  for (const name of names) {
    const rendered = readFileSync(join(folder, name), 'utf8');
    expect(without(rendered)).toEqual(without(readFileSync(join(rulesFolder, name), 'utf8')));
    expect(rendered).not.toMatch(/for: \d+m$/m);
  }
  rmSync(folder, { recursive: true });
});

test.each([undefined, '0', '2', 'fast'])('ALERT_FOR_SCALE=%s is refused', async scale => {
  const env = { ...process.env, ALERT_FOR_SCALE: scale };
  const { code, stderr } = await tryCommand([process.execPath, 'tools/render-rules.ts', '/nowhere'], { env });

  expect(code).toBe(1);
  expect(stderr).toContain('expected a number above 0 and at most 1');
});
