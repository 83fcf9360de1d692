import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { MutantResult } from '@stryker-mutator/api/core';
import type { Reporter } from '@stryker-mutator/api/report';

const SHOWN = 100;

/** Names each mutant that nobody noticed at once: a run that is broken off has told what it found. */
export const asTheyCome: Reporter = {
  onMutantTested: mutant => {
    if (mutant.status === 'Survived' || mutant.status === 'NoCoverage') console.log(inWords(mutant));
  },
};

/** `watchdog/decide/attempts.ts:12:9 EqualityOperator: now < until -> now <= until`. */
function inWords({ fileName, location: { start, end }, mutatorName, replacement = '', status }: MutantResult): string {
  const lines = readFileSync(fileName, 'utf8').split('\n');
  const first = lines[start.line - 1] ?? '';
  const was = start.line === end.line ? first.slice(start.column - 1, end.column - 1) : first.slice(start.column - 1);
  const about = `${relative('', fileName)}:${start.line}:${start.column} ${mutatorName}`;
  const untried = status === 'NoCoverage' ? ' (no test comes by)' : '';
  return `${about}: ${short(was)} -> ${short(replacement)}${untried}`;
}

const short = (code: string): string => code.replace(/\s+/g, ' ').slice(0, SHOWN);
