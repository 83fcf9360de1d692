import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DANGERS, type Strategy } from '../domain/repair.ts';
import { type Duration, inWords, seconds } from '../domain/time.ts';
import { bounded } from './bounded.ts';
import type { StrategyTools } from './define-strategy.ts';
import { importStrategyFile } from './import-strategy-file.ts';

/** What is wrong with a strategy file. */
export interface StrategyProblem {
  /** The file. */
  readonly place: string;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
}

export interface OwnStrategies {
  readonly strategies: readonly Strategy[];
  readonly problems: readonly StrategyProblem[];
}

const STRATEGY_FILE = /\.(ts|js|mjs)$/;

/** A module can wait for something at its top level, for ever; nothing is watched before all of them are loaded. */
const LOADED_WITHIN: Duration = seconds(10);

/**
 * Imports the strategies of a folder, in the order of their file names. A folder that does not exist has none. A file that
 * cannot be imported, or does not export a strategy, becomes a problem and stops no other.
 * @param taken the names of the built-in strategies, which cannot be replaced
 * @param importFile Jest's module loader takes no hooks; its tests bring their own
 */
export async function loadOwnStrategies(
  folder: string,
  tools: StrategyTools,
  taken: readonly string[],
  importFile = importStrategyFile,
  loadedWithin = LOADED_WITHIN,
): Promise<OwnStrategies> {
  const files = await strategyFilesIn(folder);
  if (typeof files !== 'object') return { strategies: [], problems: [unreadable(folder, files)] };
  const strategies: Strategy[] = [];
  const problems: StrategyProblem[] = [];
  for (const file of files) {
    const names = [...taken, ...strategies.map(({ name }) => name)];
    const loaded = await loadStrategy(join(folder, file), tools, names, importFile, loadedWithin);
    if ('problem' in loaded) problems.push(loaded.problem);
    else strategies.push(loaded.strategy);
  }
  return { strategies, problems };
}

/** The files' names, or the reason why there are none to be had. */
async function strategyFilesIn(folder: string): Promise<readonly string[] | string> {
  try {
    return (await readdir(folder)).filter(file => STRATEGY_FILE.test(file)).sort();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : (error as Error).message;
  }
}

const unreadable = (folder: string, why: string): StrategyProblem => ({
  place: folder,
  found: `a folder that cannot be read: ${why}`,
  expected: 'a folder with strategy files',
  remedy: 'Give the user that runs the watchdog the right to read it.',
});

async function loadStrategy(
  file: string,
  tools: StrategyTools,
  taken: readonly string[],
  importFile: typeof importStrategyFile,
  loadedWithin: Duration,
): Promise<{ readonly strategy: Strategy } | { readonly problem: StrategyProblem }> {
  let made: unknown;
  const late = AbortSignal.timeout(loadedWithin);
  try {
    const module = await bounded(importFile(file), late);
    if (typeof module.default !== 'function') return { problem: noFunction(file, module.default) };
    made = module.default(tools);
  } catch (error) {
    return { problem: late.aborted ? tooSlow(file, loadedWithin) : threw(file, error) };
  }
  const flaw = flawOf(made, taken);
  return flaw === undefined ? { strategy: made as Strategy } : { problem: { place: file, ...flaw } };
}

const noFunction = (file: string, found: unknown): StrategyProblem => ({
  place: file,
  found: found === undefined ? 'no default export' : `a default export of type ${typeof found}`,
  expected: 'a function that takes the tools and returns a strategy',
  remedy: 'Write `export default defineStrategy(({ docker }) => ({ ... }))`; see docs/adding-a-strategy.md.',
});

const threw = (file: string, error: unknown): StrategyProblem => ({
  place: file,
  found: `an error while it was loaded: ${error instanceof Error ? error.message : String(error)}`,
  expected: 'a module that can be imported and makes its strategy without doing anything',
  remedy: 'Mend the file, or take it out of the folder; the other strategies are not affected.',
});

const tooSlow = (file: string, loadedWithin: Duration): StrategyProblem => ({
  place: file,
  found: `a module that is still being loaded after ${inWords(loadedWithin)}`,
  expected: 'a module that can be imported and makes its strategy without doing anything',
  remedy: 'Take the `await` out of its top level; what it waits for belongs into `apply`.',
});

const METHODS = ['foresee', 'tells', 'confirm', 'undo', 'recover'] as const;

/** The first thing that keeps this from being a strategy. Undefined when nothing does. */
function flawOf(made: unknown, taken: readonly string[]): Omit<StrategyProblem, 'place'> | undefined {
  if (typeof made !== 'object' || made === null) {
    return flaw('a strategy', made, 'an object with name, danger, summary and apply', 'Return one');
  }
  const { name, danger, summary, apply, ...rest } = made as Partial<Record<keyof Strategy, unknown>>;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    return flaw('name', name, 'lower-case words joined by hyphens', "Name it like 'flush-cache'");
  }
  if (taken.includes(name)) return flaw('name', name, 'a name that no other strategy has', 'Choose another name');
  if (!(DANGERS as readonly unknown[]).includes(danger)) {
    return flaw('danger', danger, `one of ${DANGERS.join(', ')}`, 'Say what the strategy may harm');
  }
  if (typeof summary !== 'string' || summary === '') {
    return flaw('summary', summary, 'one line that says what it does', 'Write it for `watchdog check`');
  }
  if (typeof apply !== 'function') return flaw('apply', apply, 'a function', 'Write what the strategy does');
  const odd = METHODS.find(method => rest[method] !== undefined && typeof rest[method] !== 'function');
  return odd && flaw(odd, rest[odd], 'a function, or nothing', `Make ${odd} a function or leave it out`);
}

const flaw = (field: string, value: unknown, expected: string, remedy: string) => ({
  found: `${field}: ${typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? 'nothing')}`,
  expected,
  remedy: `${remedy}; see docs/adding-a-strategy.md.`,
});
