import { globSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InstrumenterContext, MutantCoverage, StrykerOptions } from '@stryker-mutator/api/core';
import {
  commonTokens,
  declareFactoryPlugin,
  declareValuePlugin,
  PluginKind,
  tokens,
} from '@stryker-mutator/api/plugin';
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import * as fc from 'fast-check';
import { asTheyCome } from './as-they-come.ts';
import { preparations, reading, type Test, tests } from './harness.ts';

// Runs the tests of pure rooms in this very process, which Stryker keeps from mutant to mutant: milliseconds for each, where a run of
// Jest takes seconds. Works as long as those tests need nothing of Jest but `harness.ts`.

/** Where the mutants that Stryker wrote into the code ask which of them lives, and count who passes by. */
const context: InstrumenterContext = {};
Object.assign(globalThis, { __stryker__: context });

class InProcess implements TestRunner {
  readonly #files: readonly string[];
  #read = false;

  constructor(testedBy: readonly string[]) {
    this.#files = testedBy.flatMap(pattern => globSync(pattern)).sort();
  }

  /** A module is read once in the life of a process. */
  capabilities = () => ({ reloadEnvironment: false });

  async dryRun({ coverageAnalysis }: DryRunOptions): Promise<DryRunResult> {
    if (coverageAnalysis !== 'off') context.mutantCoverage = { static: {}, perTest: {} };
    await this.#readTests();
    const results = await judged([...tests.keys()], true);
    const { mutantCoverage } = context;
    delete context.mutantCoverage;
    if (mutantCoverage !== undefined) sharePreparations(mutantCoverage.perTest);
    return { status: DryRunStatus.Complete, tests: results, ...(mutantCoverage && { mutantCoverage }) };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, mutantActivation, testFilter, hitLimit, disableBail } = options;
    if (mutantActivation === 'static') context.activeMutant = activeMutant.id;
    try {
      await this.#readTests();
    } catch (error) {
      return toMutantRunResult({ status: DryRunStatus.Complete, tests: [unreadable(error)] });
    }
    Object.assign(context, { activeMutant: activeMutant.id, hitCount: hitLimit && 0, hitLimit });
    const ids = testFilter ?? [...tests.keys()];
    const results = await judged(ids, disableBail);
    delete context.activeMutant;
    const endless = determineHitLimitReached(context.hitCount, hitLimit);
    return toMutantRunResult(endless ?? { status: DryRunStatus.Complete, tests: results });
  }

  async #readTests(): Promise<void> {
    if (this.#read) return;
    this.#read = true;
    for (const file of this.#files) {
      reading(file);
      await import(pathToFileURL(resolve(file)).href);
    }
  }
}

/** What is quick comes first: most mutants are noticed by a plain example, and then no other test is asked. */
async function judged(ids: readonly string[], all: boolean): Promise<TestResult[]> {
  // A mutant can shorten the table that tests are made of.
  const there = ids.flatMap(id => tests.get(id) ?? []);
  const results: TestResult[] = [];
  const prepared = new Set<string>();
  for (const one of there.sort((a, b) => Number(takesLong(a)) - Number(takesLong(b)))) {
    const result = await judgedBy(one, prepared);
    results.push(result);
    if (!all && result.status === TestStatus.Failed) break;
  }
  return results;
}

async function judgedBy({ id, name, file, run }: Test, prepared: Set<string>): Promise<TestResult> {
  const began = performance.now();
  const result = () => ({ id, name, fileName: resolve(file), timeSpentMs: performance.now() - began });
  try {
    if (!prepared.has(file)) await prepare(file);
    prepared.add(file);
    context.currentTestId = id;
    await run();
    return { ...result(), status: TestStatus.Success };
  } catch (error) {
    return { ...result(), status: TestStatus.Failed, failureMessage: String(error) };
  } finally {
    delete context.currentTestId;
  }
}

async function prepare(file: string): Promise<void> {
  context.currentTestId = file;
  for (const preparation of preparations.get(file) ?? []) await preparation();
}

/** A mutant that is passed by in the preparation of a file concerns all of its tests. */
function sharePreparations(passed: MutantCoverage['perTest']): void {
  for (const { id, file } of tests.values()) passed[id] = { ...passed[file], ...passed[id] };
  for (const file of preparations.keys()) delete passed[file];
}

/** By file. */
const triesManyCases = new Map<string, boolean>();

function takesLong({ file }: Test): boolean {
  const triesMany = triesManyCases.get(file) ?? readFileSync(file, 'utf8').includes("'fast-check'");
  triesManyCases.set(file, triesMany);
  return triesMany || preparations.has(file);
}

const unreadable = (error: unknown): TestResult => ({
  id: '',
  name: 'can be read',
  status: TestStatus.Failed,
  timeSpentMs: 0,
  failureMessage: String(error),
});

/** What `tools/mutate.ts` says besides Stryker's own options. */
interface Options extends StrykerOptions {
  readonly testedBy: readonly string[];
}

export const strykerValidationSchema = { properties: { testedBy: { type: 'array', items: { type: 'string' } } } };

function inProcess(options: StrykerOptions): TestRunner {
  registerHooks({
    resolve: (specifier, parent, next) =>
      specifier === '@jest/globals'
        ? { url: new URL('./harness.ts', import.meta.url).href, shortCircuit: true }
        : next(specifier, parent),
  });
  // The same cases each time: a mutant is to be judged by the tests, not by luck.
  fc.configureGlobal({ seed: 1 });
  return new InProcess((options as Options).testedBy);
}
inProcess.inject = tokens(commonTokens.options);

export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, 'in-process', inProcess),
  declareValuePlugin(PluginKind.Reporter, 'as-they-come', asTheyCome),
];
