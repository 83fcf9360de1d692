// Takes the types out of every TypeScript file below a folder, in place and under the same name. What is left stands where it
// stood, so that line and column numbers in stack traces hold. Only for copies: the image's build, and the benchmark's.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

/** Strips all `.ts` files below the folder. */
export function stripTypes(folder: string): void {
  for (const name of globSync('**/*.ts', { cwd: folder })) {
    const file = join(folder, name);
    writeFileSync(file, withoutTypes(readFileSync(file, 'utf8')));
  }
}

/**
 * Node puts blanks where types stood, and wide ones where their characters were wide. Those are narrow here, for V8 would keep the
 * whole file with two bytes a character, and none are left at the end of a line: they were a sixth of the code.
 */
export function withoutTypes(source: string): string {
  const lines = source.split('\n');
  return stripTypeScriptTypes(source)
    .split('\n')
    .map((line, number) => withoutNewBlanks(line, lines[number] ?? ''))
    .join('\n');
}

function withoutNewBlanks(stripped: string, line: string): string {
  const narrow = stripped.replace(/[^\S \t\r]/g, (blank, at: number) => (line[at] === blank ? blank : ' '));
  return /\s$/.test(line) ? narrow : narrow.trimEnd();
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('usage: node tools/strip-types.ts FOLDER (a copy: it is changed in place)');
  stripTypes(folder);
}
