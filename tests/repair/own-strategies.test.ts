import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StrategyTools } from '../../watchdog/repair/define-strategy.ts';
import { loadOwnStrategies } from '../../watchdog/repair/own-strategies.ts';
import { aReplica } from '../fakes/a-service.ts';
import { aWork } from '../fakes/a-work.ts';

const refuse = async (): Promise<never> => {
  throw new Error('not part of this test');
};
const docker: StrategyTools['docker'] = {
  inspect: refuse,
  start: refuse,
  stop: refuse,
  restart: refuse,
  networksOf: refuse,
  reconnectNetworks: refuse,
  attachNetworks: refuse,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-strategies-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
const strategy = (fields: string) => `export default () => ({ ${fields} });`;
const good = (name: string) => strategy(`name: '${name}', danger: 'none', summary: 'does nothing', apply() {}`);
const importPlainly = (file: string) => import(pathToFileURL(file).href);
const load = () => loadOwnStrategies(folder, { docker }, ['restart'], importPlainly);

test('a file that never ends loading is left out, and holds up no other', async () => {
  write('a-waits.mjs', '');
  write('b-good.mjs', '');
  const importFile = (file: string) =>
    file.includes('waits')
      ? new Promise<never>(() => undefined)
      : Promise.resolve({ default: () => ({ name: 'b', danger: 'none', summary: 'does nothing', apply() {} }) });

  const { strategies, problems } = await loadOwnStrategies(folder, { docker }, [], importFile, 50);

  expect(strategies.map(({ name }) => name)).toEqual(['b']);
  expect(problems).toMatchObject([
    { place: join(folder, 'a-waits.mjs'), found: 'a module that is still being loaded after 50ms' },
  ]);
});

describe('the example of docs/adding-a-strategy.md', () => {
  const examples = new URL('../fixtures/strategies/', import.meta.url);

  test('is the file that is tested here', () => {
    const text = readFileSync(new URL('nudge.ts', examples), 'utf8');
    const page = readFileSync(new URL('../../docs/adding-a-strategy.md', import.meta.url), 'utf8');

    expect(page).toContain(text);
  });

  test('loads, and does what it says', async () => {
    const calls: string[] = [];
    const tools: StrategyTools = {
      docker: {
        ...docker,
        networksOf: async id => (id === 'alone' ? {} : { front: {} }),
        reconnectNetworks: async id => void calls.push(`reconnect ${id}`),
        restart: async id => void calls.push(`restart ${id}`),
      },
    };

    const { strategies, problems } = await loadOwnStrategies(new URL('.', examples).pathname, tools, [], importPlainly);
    for (const id of ['web', 'alone']) await strategies[0]?.apply(aWork(aReplica({ id })));

    expect(problems).toEqual([]);
    expect(strategies).toMatchObject([{ name: 'nudge', danger: 'service' }]);
    expect(calls).toEqual(['reconnect web', 'restart alone']);
  });

  test('finds its helper from wherever it lies', async () => {
    cpSync(new URL('nudge.ts', examples), join(folder, 'nudge.ts'));
    const loader = new URL('../../watchdog/repair/own-strategies.ts', import.meta.url);
    const script = `import { loadOwnStrategies } from '${loader}';
      console.log(JSON.stringify(await loadOwnStrategies('${folder}', { docker: {} }, [])));`;

    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);

    expect(JSON.parse(stdout)).toMatchObject({ strategies: [{ name: 'nudge' }], problems: [] });
  });
});

describe('a folder of strategies', () => {
  test('that does not exist has none', async () => {
    expect(await loadOwnStrategies(join(folder, 'nowhere'), { docker }, [])).toEqual({ strategies: [], problems: [] });
  });

  test('that cannot be read is a problem', async () => {
    write('file', '');

    const { problems } = await loadOwnStrategies(join(folder, 'file'), { docker }, []);

    expect(problems).toMatchObject([{ place: join(folder, 'file'), found: expect.stringContaining('cannot be read') }]);
  });

  test('is read in TypeScript and JavaScript, by file name, and nothing else in it', async () => {
    write('b.mjs', good('second'));
    write('a.ts', `const name: string = 'first'; ${strategy("name, danger: 'none', summary: 's', apply() {}")}`);
    write('README.md', 'not a strategy');

    const { strategies, problems } = await load();

    expect(strategies.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(problems).toEqual([]);
  });

  test('goes on after a file that throws, and names it', async () => {
    write('a.mjs', "throw new Error('no luck today');");
    write('b.mjs', good('fine'));

    const { strategies, problems } = await load();

    expect(strategies.map(({ name }) => name)).toEqual(['fine']);
    expect(problems).toEqual([
      {
        place: join(folder, 'a.mjs'),
        found: 'an error while it was loaded: no luck today',
        expected: expect.any(String),
        remedy: expect.any(String),
      },
    ]);
  });

  test('keeps the first of two strategies of one name', async () => {
    write('a.mjs', good('twin'));
    write('b.mjs', good('twin'));

    const { strategies, problems } = await load();

    expect(strategies).toHaveLength(1);
    expect(problems).toMatchObject([{ place: join(folder, 'b.mjs'), found: 'name: "twin"' }]);
  });
});

describe('a strategy is refused', () => {
  test.each([
    { text: 'export const nothing = 1;', found: 'no default export' },
    { text: 'export default { name: "x" };', found: 'a default export of type object' },
    { text: 'export default () => undefined;', found: 'a strategy: nothing' },
    { text: strategy("danger: 'none'"), found: 'name: nothing' },
    { text: good('Not Kebab'), found: 'name: "Not Kebab"' },
    { text: good('restart'), found: 'name: "restart"' },
    { text: strategy("name: 'x', danger: 'low'"), found: 'danger: "low"' },
    { text: strategy("name: 'x', danger: 'none'"), found: 'summary: nothing' },
    { text: strategy("name: 'x', danger: 'none', summary: 's', apply: 'restart'"), found: 'apply: "restart"' },
    { text: strategy("name: 'x', danger: 'none', summary: 's', apply() {}, undo: true"), found: 'undo: true' },
    { text: 'export default () => { throw new Error("late"); };', found: 'an error while it was loaded: late' },
  ])('with $found', async ({ text, found }) => {
    write('bad.mjs', text);

    const { strategies, problems } = await load();

    expect(strategies).toEqual([]);
    expect(problems).toEqual([
      { place: join(folder, 'bad.mjs'), found, expected: expect.any(String), remedy: expect.stringMatching(/\.$/) },
    ]);
  });
});
