/**
 * How fast lines of logs are told harmless or not: `node bench/logs.ts`. All built-in patterns, then half and a quarter of
 * them, beside `grep -E -i -f` of the same expressions over the same lines in the same run. One core each; takes no engine.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logPatternsFor } from '../watchdog/cli/log-patterns.ts';
import { type Recogniser, recogniserFor } from '../watchdog/diagnose/log-errors/recognise.ts';
import type { LogPattern } from '../watchdog/domain/log-error.ts';
import { extendedRegExp } from './extended-reg-exp.ts';
import { ordinaryLines } from './ordinary-lines.ts';
import { rounded, summaryOf } from './statistics.ts';

const LINES = 200_000;
const REPETITIONS = 7;
/** grep needs minutes for what the recogniser does in a second; a part of the lines says as much. */
const LINES_FOR_GREP = 4_000;

const { patterns } = logPatternsFor({ logPatternFolders: [] });
const lines = ordinaryLines(LINES);
const bytes = lines.reduce((sum, line) => sum + line.length, 0) / LINES;
const errors = lines.length - harmlessIn(recogniserFor(patterns), lines);

console.log(`${LINES} lines of ${Math.round(bytes)} bytes, ${rounded((100 * errors) / LINES)} % of them errors\n`);
console.log('| who | patterns | expressions | lines a second |\n| --- | ---: | ---: | ---: |');
for (const share of [1, 1 / 2, 1 / 4]) {
  const some = patterns.filter((_, index) => index % (1 / share) === 0);
  const recogniser = recogniserFor(some);
  harmlessIn(recogniser, lines);
  const rates = Array.from({ length: REPETITIONS }, () => LINES / secondsFor(() => harmlessIn(recogniser, lines)));
  const { median } = summaryOf(rates);
  console.log(row('recogniser', some, median));
}
console.log(row('`grep -E -i -f`', patterns, LINES_FOR_GREP / secondsOfGrep(patterns, lines.slice(0, LINES_FOR_GREP))));

function harmlessIn(recogniser: Recogniser, all: readonly string[]): number {
  let harmless = 0;
  for (const line of all) if (recogniser.recognise(line, { service: 'web' }) === undefined) harmless += 1;
  return harmless;
}

function secondsFor(work: () => unknown): number {
  const began = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - began) / 1e9;
}

function secondsOfGrep(some: readonly LogPattern[], all: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'cw-bench-logs-'));
  const files = { expressions: join(folder, 'expressions'), lines: join(folder, 'lines') };
  writeFileSync(files.expressions, some.flatMap(({ expressions }) => expressions.map(extendedRegExp)).join('\n'));
  writeFileSync(files.lines, all.join('\n'));
  // Under the C locale, where grep is fastest. It exits with 1 where nothing matches.
  const grep = () =>
    execFileSync('sh', ['-c', 'grep -c -E -i -f "$0" "$1" || [ $? -eq 1 ]', files.expressions, files.lines], {
      env: { ...process.env, LC_ALL: 'C' },
    });
  const seconds = secondsFor(grep);
  rmSync(folder, { recursive: true });
  return seconds;
}

function row(who: string, some: readonly LogPattern[], rate: number): string {
  const expressions = some.reduce((sum, pattern) => sum + pattern.expressions.length, 0);
  return `| ${who} | ${some.length} | ${expressions} | ${Math.round(rate).toLocaleString('en')} |`;
}
