import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { jsonSchema } from '../../watchdog/config/json-schema.ts';
import { loadSettings } from '../../watchdog/config/load-settings.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly description?: string;
}

/** `policy.cooldown`, ... of everything that is no map itself. */
function keysOf(schema: Schema, at: string[] = []): string[] {
  if (schema.properties === undefined) return [at.join('.')];
  return Object.entries(schema.properties).flatMap(([key, child]) => keysOf(child, [...at, key]));
}

describe('watchdog.example.yml', () => {
  const example = readFileSync('watchdog.example.yml', 'utf8');

  test('holds the defaults', () => {
    const withExample = loadSettings({ env: {}, readFile: () => example, inContainer: true });
    const without = loadSettings({
      env: {},
      readFile: () => {
        throw Object.assign(new Error('missing'), { code: 'ENOENT' });
      },
      inContainer: true,
    });

    expect(withExample.problems).toEqual([]);
    expect({ ...withExample.settings, origins: {}, configFile: undefined }).toEqual({
      ...without.settings,
      origins: {},
    });
  });

  test('misses no key', () => {
    const tree: unknown = parse(example);
    const missing = keysOf(JSON.parse(jsonSchema()) as Schema).filter(path => {
      let here = tree;
      for (const key of path.split('.')) {
        if (typeof here !== 'object' || here === null || !(key in here)) return true;
        here = (here as Record<string, unknown>)[key];
      }
      return false;
    });

    expect(missing).toEqual([]);
  });

  test('shows only examples that work, when its comments are taken away', () => {
    const live = example
      .replaceAll(/^(services|scaling|maintenance): (\{\}|\[\])$/gm, '$1:')
      .replaceAll(/^#( {2,}.*)$/gm, '$1');

    const { settings, problems } = loadSettings({ env: {}, readFile: () => live, inContainer: true });

    expect(problems).toEqual([]);
    expect(settings.services.web).toEqual({
      maxAttempts: 5,
      onStop: 'respect',
      playbooks: { unhealthy: 'my-playbook' },
    });
    expect(settings.maintenance).toHaveLength(1);
    expect(Object.keys(settings.scaling)).toEqual(['celery-worker', 'importer', 'api', 'shop/db-replica']);
  });
});

describe('docs/watchdog.schema.json', () => {
  test('is what the definitions say now; if not, run: node watchdog/config/write-schema.ts', () => {
    expect(readFileSync('docs/watchdog.schema.json', 'utf8')).toBe(jsonSchema());
  });

  test('explains every value of the policy', () => {
    const { properties } = JSON.parse(jsonSchema()) as Schema;

    for (const child of Object.values(properties?.policy?.properties ?? {})) {
      expect(child.description).toMatch(/^[A-Za-z].*\.$/);
    }
  });
});
