import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { projectFolder } from './setup/places.ts';

// `npm run mutate [-- decide/gates diagnose/host.ts ...]`: breaks pure rooms in every small way there is, one at a time, and looks
// whether their tests notice. Fails when less than 90 % are noticed.

/** The rooms whose tests need nothing but themselves, each with `tests/ROOM`. */
const ROOMS: readonly string[] = ['decide', 'diagnose'];

const asked = process.argv.slice(2);
const places = (asked.length > 0 ? asked : ROOMS).map(place => place.replace(/^watchdog\//, '').replace(/\/$/, ''));
for (const place of places) {
  const [room = ''] = place.split('/');
  if (ROOMS.includes(room) && existsSync(join(projectFolder, 'watchdog', place))) continue;
  console.error(`mutate: found ${place}, expected a folder or file below watchdog/${ROOMS.join(' or watchdog/')}`);
  process.exit(2);
}

const rooms = new Set(places.map(place => place.split('/')[0]));
const report = join(projectFolder, '.cache', 'mutation');
process.chdir(projectFolder);

await new Stryker({
  mutate: places.map(place => `watchdog/${place}${place.endsWith('.ts') ? '' : '/**/*.ts'}`),
  plugins: [`${import.meta.dirname}/mutate/runner.ts`],
  testRunner: 'in-process',
  testedBy: [...rooms].map(room => `tests/${room}/**/*.test.ts`),
  coverageAnalysis: 'perTest',
  // In milliseconds, beside what the tests took. An endless loop is counted and ended; a machine that is busy must not pass for one.
  timeoutMS: 60_000,
  thresholds: { high: 95, low: 90, break: 90 },
  // Stryker would rewrite paths in it by a part of the compiler that TypeScript 7 has not; nothing here reads it.
  tsconfigFile: 'none',
  tempDirName: '.cache/mutation/sandboxes',
  // They lie in the project, from where packages are found as they are.
  symlinkNodeModules: false,
  ignorePatterns: ['.cache'],
  reporters: ['as-they-come', 'clear-text', 'html', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, allowEmojis: false, reportMutants: false, reportTests: false },
  htmlReporter: { fileName: join(report, 'report.html') },
  jsonReporter: { fileName: join(report, 'report.json') },
}).runMutationTest();
