import { styleText } from 'node:util';
import Table from 'cli-table3';
import { type Instant, inWords } from '../domain/time.ts';
import { plainLine } from './plain.ts';
import type { Terminal } from './terminal.ts';

const BARE = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Columns under headings, without lines: reads well and cuts well. A cell is made plain unless `painted` made it. */
export function table(headings: readonly string[], rows: readonly (readonly (string | Painted)[])[]): string {
  const drawn = new Table({ chars: BARE, style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] } });
  drawn.push(
    [...headings],
    ...rows.map(row => row.map(cell => (typeof cell === 'string' ? plainLine(cell) : cell.text))),
  );
  return drawn
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n');
}

/** Text with colours of our own around text that was made plain. */
export interface Painted {
  readonly text: string;
}

/** Good green, bad red, in between yellow; without colours where nobody would see them. */
export function painted(terminal: Terminal, mood: 'good' | 'bad' | 'between', text: string): Painted {
  const colour = { good: 'green', bad: 'red', between: 'yellow' } as const;
  const safe = plainLine(text);
  return { text: terminal.colours ? styleText(colour[mood], safe, { validateStream: false }) : safe };
}

/** `2026-03-01 10:00:00Z (4m ago)`, `(in 4m)`; `-` for what has no time. */
export function when(at: string | undefined, now: Instant): string {
  if (at === undefined) return '-';
  const distance = Date.parse(at) - now;
  const far =
    Math.abs(distance) < 1_000 ? 'now' : distance < 0 ? `${inWords(-distance)} ago` : `in ${inWords(distance)}`;
  return `${at.slice(0, 19).replace('T', ' ')}Z (${far})`;
}
