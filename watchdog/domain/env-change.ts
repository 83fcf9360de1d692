import type { CommandFault } from './command.ts';
import { mask } from './mask.ts';
import type { Told } from './playbook.ts';

/** The strategy that makes one. */
export const EDIT_ENV_FILE = 'edit-env-file';

/** A variable of an environment. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** Which variable of an environment file is to have which value. */
export interface EnvChange extends Variable {
  /** The file, on the host. */
  readonly path: string;
}

const NAMES = ['path', 'set'];
const SET = 'one variable with its value: LIMIT=200';

/** What `edit-env-file` is told, checked: where the playbook is read, and once more before it is done. */
export function envChangeIn(told: Told): EnvChange | CommandFault {
  const stranger = Object.keys(told).find(name => !NAMES.includes(name));
  if (stranger !== undefined) return { name: stranger, found: 'an unknown parameter', expected: NAMES.join(' or ') };
  const { path, set } = told;
  if (typeof path !== 'string' || !path.startsWith('/'))
    return { name: 'path', found: wordFor(path), expected: 'the path of the file on the host, from the root on' };
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(\P{C}*)$/u.exec(typeof set === 'string' ? set : '') ?? [];
  if (name === undefined || value === undefined) return { name: 'set', found: wordFor(set), expected: SET };
  // Orders are shown, told and kept with their parameters: what a mask would hide by half has no place in one.
  if (shown(name, value) !== `${name}=${value}` && /[\s"',;&)}\]]/.test(value))
    return {
      name: 'set',
      found: 'a secret with blanks, quotes or brackets',
      expected: 'one without, or another way to set it',
    };
  return { path, name, value };
}

/** `LIMIT=200`, and `DB_PASSWORD=***` where the name or the value looks like a secret. */
export function shown(name: string, value: string): string {
  const plain = `${name}=${value}`;
  return mask(plain) === plain ? plain : `${name}=***`;
}

/** Never the value itself: it may be a secret. */
const wordFor = (value: unknown): string => (value === undefined ? 'nothing' : `${typeof value} of another form`);
