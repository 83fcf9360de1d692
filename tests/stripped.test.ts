import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withoutTypes } from '../tools/strip-types.ts';

const root = join(import.meta.dirname, '..');
const HOOKS = join(root, 'watchdog', 'stripped.mjs');
const { LEFT_OUT } = (await import(pathToFileURL(join(root, 'watchdog', 'left-out.mjs')).href)) as {
  LEFT_OUT: Readonly<Record<string, unknown>>;
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-stripped-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a module's text prints as JSON in a process of its own, with packages loaded as in the image, or as they come. */
function printed(code: string, hooks: string | undefined, cwd = root): unknown {
  const flags = hooks === undefined ? [] : [`--import=${pathToFileURL(hooks)}`];
  const output = execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', code], { cwd });
  return JSON.parse(String(output));
}

/** The folder of an installed package without anything in it. */
function aPackage(name: string): string {
  const place = join(folder, 'node_modules', name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), '{ "type": "module", "exports": "./index.js" }');
  return place;
}

const onlyHooks = (place: string): boolean => place.endsWith('watchdog') || place.endsWith('.mjs');

describe('the image', () => {
  test.each(Object.keys(LEFT_OUT))('leaves out a file that is there: %s', file => {
    expect(existsSync(join(root, 'node_modules', file))).toBe(true);
  });

  test('has as many names in a package that something is left out of as it comes with', () => {
    const names = `
      const named = async name => [name, Object.keys(await import(name)).sort()];
      const modules = ['zod', 'prom-client', 'winston', 'dockerode', 'express', 'yaml'];
      const { z } = await import('zod');
      console.log(JSON.stringify([...(await Promise.all(modules.map(named))), Object.keys(z).sort()]));`;

    expect(printed(names, HOOKS)).toEqual(printed(names, undefined));
  });

  test('says what is left out to whoever uses it after all', () => {
    const said = printed(
      `import { createRequire } from 'node:module';
      import { z } from 'zod';
      import client from 'prom-client';
      const require = createRequire(import.meta.url);
      const uses = [
        () => z.fromJSONSchema({ type: 'string' }),
        () => z.compile(z.string()),
        () => client.collectDefaultMetrics(),
        () => new client.Summary({ name: 'a', help: 'a' }),
        () => new client.Pushgateway('http://127.0.0.1'),
        () => new client.AggregatorRegistry(),
        () => require('qs').parse('a[b]=c'),
      ];
      const errorOf = use => { try { use(); return 'none'; } catch (error) { return error.message; } };
      console.log(JSON.stringify(uses.map(errorOf)));`,
      HOOKS,
    );

    const what = [
      'z.fromJSONSchema',
      'z.compile',
      'collectDefaultMetrics',
      'Summary',
      'Pushgateway',
      'AggregatorRegistry',
      'qs.parse',
    ];
    expect(said).toEqual(what.map(name => `${name} is left out here: see watchdog/left-out.mjs`));
  });

  test('names the type of what an API and its pages are made of as it is named elsewhere', () => {
    const types = `
      import express from 'express';
      const app = express();
      app.get('/', (request, response) => response.type(request.query.as).send(request.query));
      const server = app.listen(0, '127.0.0.1', async () => {
        const names = ['html', 'css', 'js', 'mjs', 'json', 'svg', 'png', 'ico', 'woff2', 'txt', 'webmanifest', 'map', 'xml'];
        const answers = names.map(async name => {
          const answer = await fetch('http://127.0.0.1:' + server.address().port + '/?a[b]=1&as=' + name);
          return [name, answer.headers.get('content-type'), await answer.text()];
        });
        console.log(JSON.stringify(await Promise.all(answers)));
        server.close();
      });`;

    expect(printed(types, HOOKS)).toEqual(printed(types, undefined));
  });

  test('reads texts with wide characters as they are meant, wherever they stand', () => {
    const wide = aPackage('wide');
    const lines = [
      "\uFEFF// A comment — with 'quotes' and \u{1F600}",
      "const naïve = 'a — b \\— \\\\— \u{1F600}';",
      'const größe = `… “x” \\u00e9`;',
      'export default [naïve, größe, "\u2028", /^[“”]—$/.test("“—"), /^.\u{1F600}$/u.test("a\u{1F600}"), "→".length];',
    ];
    writeFileSync(join(wide, 'index.js'), lines.join('\n'));
    const code = "import wide from 'wide'; console.log(JSON.stringify(wide));";

    cpSync(join(root, 'watchdog'), join(folder, 'watchdog'), { recursive: true, filter: onlyHooks });
    const read = printed(code, join(folder, 'watchdog', 'stripped.mjs'), folder);

    expect(read).toEqual(printed(code, undefined, folder));
  });

  test("leaves packages alone that users' strategies bring along, also those of the same names", () => {
    writeFileSync(join(aPackage('qs/lib'), 'index.js'), "export default 'theirs';");
    const code = "import qs from './node_modules/qs/lib/index.js'; console.log(JSON.stringify(qs));";

    expect(printed(code, HOOKS, folder)).toBe('theirs');
  });
});

describe('code without types', () => {
  const files = globSync('watchdog/**/*.ts', { cwd: root });

  test('says what Node would run, line by line and in the same columns', () => {
    for (const file of files) {
      const source = readFileSync(join(root, file), 'utf8');
      const lines = (text: string) => text.split('\n').map(line => line.replaceAll(/[^\S \t]/g, ' ').trimEnd());

      expect(lines(withoutTypes(source))).toEqual(lines(stripTypeScriptTypes(source)));
    }
  });

  test('has no blanks at the end of a line but those that were written there', () => {
    const source = 'const text = `kept  \n  kept`;\ntype Gone = string;\nconst n = 1 as number;';

    expect(withoutTypes(source)).toBe('const text = `kept  \n  kept`;\n\nconst n = 1          ;');
  });

  test('has no wide blanks where types with wide characters stood', () => {
    expect(withoutTypes("const arrow: '→' | '—' = f(); // →")).toMatch(/^const arrow {10,}= f\(\); \/\/ →$/);
  });
});
