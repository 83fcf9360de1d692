// Takes the types out of every TypeScript file below a folder, in place and under the same name. What is left stands where it
// stood, so that line numbers in stack traces hold. Only for copies: the image's build, and the benchmark's.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

/** Strips all `.ts` files below the folder. */
export function stripTypes(folder: string): void {
  for (const name of globSync('**/*.ts', { cwd: folder })) {
    const file = join(folder, name);
    writeFileSync(file, stripTypeScriptTypes(readFileSync(file, 'utf8')));
  }
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('usage: node tools/strip-types.ts FOLDER (a copy: it is changed in place)');
  stripTypes(folder);
}
