import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tryCommand } from './setup/command.ts';
import { ensureCompose, ensureOldCompose } from './setup/ensure-compose.ts';
import { ensureEngine } from './setup/ensure-engine.ts';
import { ensureImages, ensureWardImage, ensureWatchdogImage } from './setup/ensure-images.ts';
import { cacheFolder, projectFolder } from './setup/places.ts';
import { runTool } from './setup/progress.ts';
import { ensureStackImages } from './setup/stack-images.ts';

// `npm test`: everything, on a machine that may have nothing but Node. `npm test -- unit` leaves the engine out.

type Count = { passed: number; failed: number; skipped: number };
type Part = { name: string; argv: string[]; jest?: boolean; limit: number };

const minute = 60_000;
const bin = join(projectFolder, 'node_modules', '.bin');

const jest = (project: string, ...more: string[]): string[] => [
  process.execPath,
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  join(projectFolder, 'node_modules', 'jest', 'bin', 'jest.js'),
  '--selectProjects',
  project,
  '--ci',
  // A handle that a test left open is told of by jest, and must not keep CI waiting for ever.
  '--forceExit',
  ...more,
];

const quick: Part[] = [
  { name: 'types', argv: [join(bin, 'tsc'), '--noEmit'], limit: 5 * minute },
  { name: 'style', argv: [join(bin, 'biome'), 'check'], limit: 5 * minute },
  { name: 'unit', argv: jest('unit', '--maxWorkers=100%'), jest: true, limit: 15 * minute },
  // promtool and amtool, which it fetches where they are missing; no engine.
  { name: 'rules', argv: jest('rules'), jest: true, limit: 10 * minute },
];
// They mostly wait, for the engine and for Alertmanager's intervals: all at the same time; each has projects of its own.
const onEngine: Part[] = [
  { name: 'engine', argv: jest('engine', '--maxWorkers=2'), jest: true, limit: 60 * minute },
  // What it does for minutes under `npm run faults` it does here for a few seconds each.
  { name: 'faults', argv: jest('faults', '--maxWorkers=1'), jest: true, limit: 60 * minute },
  { name: 'stack', argv: jest('stack', '--maxWorkers=2'), jest: true, limit: 30 * minute },
];

async function main(): Promise<number> {
  const only = process.argv[2];
  const wanted = (part: Part) => !only || part.name === only;
  if (![...quick, ...onEngine].some(wanted))
    throw new Error(`No part is called '${only}'. There are: ${[...quick, ...onEngine].map(p => p.name).join(', ')}`);
  const counts: Count[] = [];
  for (const part of quick.filter(wanted)) counts.push(await run(part));
  if (onEngine.some(wanted) && (await prepared(counts)))
    counts.push(...(await Promise.all(onEngine.filter(wanted).map(run))));
  return report(counts);
}

/** Engine, Compose and images for the tests that need them. What can't be had counts as a failure, and is told. */
async function prepared(counts: Count[]): Promise<boolean> {
  try {
    await ensureEngine();
    await ensureCompose();
    await ensureOldCompose();
    await ensureImages();
    await ensureStackImages();
    await ensureWardImage();
    await ensureWatchdogImage();
    return true;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    counts.push({ passed: 0, failed: 1, skipped: 0 });
    return false;
  }
}

async function run(part: Part): Promise<Count> {
  console.log(`\n── ${part.name} ${'─'.repeat(60)}`);
  const begun = performance.now();
  const results = join(cacheFolder, `jest-${part.name}.json`);
  await mkdir(cacheFolder, { recursive: true });
  await rm(results, { force: true });
  const more = part.jest ? ['--json', `--outputFile=${results}`] : [];
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  const { code } = await tryCommand([...part.argv, ...more], {
    cwd: projectFolder,
    env,
    timeout: part.limit,
    show: part.jest ? 'stderr' : 'all',
  });
  console.log(`${code === 0 ? '✓' : '✗'} ${part.name} (${((performance.now() - begun) / 1000).toFixed(0)} s)`);
  if (!part.jest) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  return countOf(results, code);
}

/** A run that failed counts at least one failure, even if jest died before it could count. */
async function countOf(results: string, code: number): Promise<Count> {
  const told = await readFile(results, 'utf8').then(JSON.parse, () => undefined);
  const passed = told?.numPassedTests ?? 0;
  const failed = (told?.numFailedTests ?? 0) + (told?.numRuntimeErrorTestSuites ?? 0);
  const skipped = (told?.numPendingTests ?? 0) + (told?.numTodoTests ?? 0);
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed, skipped };
}

function report(counts: readonly Count[]): number {
  const sum = (pick: (count: Count) => number) => counts.reduce((total, count) => total + pick(count), 0);
  const passed = sum(count => count.passed);
  const failed = sum(count => count.failed);
  const skipped = sum(count => count.skipped);
  if (skipped > 0) console.log(`\n${skipped} skipped`);
  // The last line, alone and in this form: CI reads it.
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

await runTool(main);
