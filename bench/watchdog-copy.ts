import { cpSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripTypes } from '../tools/strip-types.ts';
import { STAYING_FLAGS } from '../watchdog/entrypoint.ts';

const root = dirname(import.meta.dirname);

/** What comes before `run`, as the image has it: types stripped beforehand, and the flags of the process that stays. */
export function commandAsInImage(folder: string): string[] {
  for (const name of ['watchdog', 'rules', 'package.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  stripTypes(join(folder, 'watchdog'));
  const code = join(folder, 'watchdog');
  const hook = `--import=${join(code, 'stripped.mjs')}`;
  return ['--disable-warning=ExperimentalWarning', hook, ...STAYING_FLAGS, join(code, 'cli.ts')];
}
