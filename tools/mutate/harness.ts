import { expect } from 'expect';

export { expect };

export interface Test {
  readonly id: string;
  readonly file: string;
  /** With the descriptions around it; rows of one table share it. */
  readonly name: string;
  readonly run: () => unknown;
}

type Body = (...given: readonly unknown[]) => unknown;
type Preparation = () => unknown;
type Table = readonly unknown[];

/** By an identity that stays the same from process to process, in the order of reading. */
export const tests = new Map<string, Test>();
/** By file: what has to be done before its first test, in each run. */
export const preparations = new Map<string, readonly Preparation[]>();
let file = '';
let title: readonly string[] = [];

/** Tests that are written from now on are of this file. */
export function reading(name: string): void {
  file = name;
}

/** What Jest offers, as far as tests of pure rooms use it: the same tests run without a second of Jest for every mutant. */
export function test(name: string, run: Body): void {
  const full = [...title, name].join(': ');
  let id = `${file} ${full}`;
  for (let row = 2; tests.has(id); row += 1) id = `${file} ${full} (${row})`;
  tests.set(id, { id, file, name: full, run: () => run() });
}

test.each = (table: Table) => (name: string, run: Body) => {
  for (const row of table) test(name, () => run(...rowOf(row)));
};

export function describe(name: string, body: Body): void {
  const outside = title;
  title = [...title, name];
  body();
  title = outside;
}

export function beforeAll(prepare: Preparation): void {
  preparations.set(file, [...(preparations.get(file) ?? []), prepare]);
}

const rowOf = (row: unknown): readonly unknown[] => (Array.isArray(row) ? row : [row]);
