import { durationFrom } from './duration-from.ts';
import type { Told } from './playbook.ts';
import { type Duration, inWords, minutes, seconds } from './time.ts';

/** The strategy that runs one. */
export const EXEC_COMMAND = 'exec-command';

/** A command that a playbook has run in a container. */
export interface Command {
  /** The program and its arguments, each as it is: no shell reads them. */
  readonly argv: readonly string[];
  readonly timeout: Duration;
}

/** What is wrong with the parameters of a command. */
export interface CommandFault {
  /** Which of them: `argv`. */
  readonly name: string;
  readonly found: string;
  readonly expected: string;
}

const TIMEOUT: Duration = seconds(30);
export const LONGEST_TIMEOUT: Duration = minutes(10);
const MOST_WORDS = 100;
const NAMES = ['argv', 'timeout'];
const ARGV = `a list of at most ${MOST_WORDS} strings, the program first: [redis-cli, CONFIG, REWRITE]`;

/** What `exec-command` is told, checked: where the playbook is read, and once more before it is run. */
export function commandIn(told: Told): Command | CommandFault {
  const stranger = Object.keys(told).find(name => !NAMES.includes(name));
  if (stranger !== undefined) return { name: stranger, found: 'an unknown parameter', expected: NAMES.join(' or ') };
  const { argv, timeout } = told;
  if (!isArgv(argv)) return { name: 'argv', found: inShort(argv), expected: ARGV };
  if (timeout === undefined) return { argv, timeout: TIMEOUT };
  const limit = typeof timeout === 'object' ? undefined : durationFrom(String(timeout));
  if (limit === undefined || limit === 0 || limit > LONGEST_TIMEOUT)
    return { name: 'timeout', found: inShort(timeout), expected: `a duration up to ${inWords(LONGEST_TIMEOUT)}: 30s` };
  return { argv, timeout: limit };
}

/** Also of what no type has checked: an order out of the ledger, a request. */
const isArgv = (argv: unknown): argv is readonly string[] =>
  Array.isArray(argv) &&
  argv.length <= MOST_WORDS &&
  argv.every(word => typeof word === 'string' && !word.includes('\0')) &&
  argv[0] !== undefined &&
  argv[0] !== '';

const inShort = (value: unknown): string =>
  value === undefined ? 'nothing' : (JSON.stringify(value)?.slice(0, 80) ?? typeof value);
