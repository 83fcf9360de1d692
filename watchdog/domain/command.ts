import { durationFrom } from './duration-from.ts';
import type { Told } from './playbook.ts';
import { type Duration, inWords, minutes, seconds } from './time.ts';

/** The strategy that runs one in the container. */
export const EXEC_COMMAND = 'exec-command';
/** The strategy that runs one beside the container, on the files of one of its mounts. */
export const RUN_HELPER = 'run-helper';

/** A command that a playbook has run in a container. */
export interface Command {
  /** The program and its arguments, each as it is: no shell reads them. */
  readonly argv: readonly string[];
  readonly timeout: Duration;
}

/** A command that a playbook has run beside a container. */
export interface HelperCommand extends Command {
  /** A place on the mount that is meant, as the container sees it. Undefined: it has to be told from what there is. */
  readonly path: string | undefined;
  /** A user that the image knows, or ids: `999:999`. Undefined: root. */
  readonly user: string | undefined;
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
const ARGV = `a list of at most ${MOST_WORDS} strings, the program first: [redis-cli, CONFIG, REWRITE]`;
/** Names as useradd(8) allows them. */
const USER = /^(?:\d{1,10}|[a-z_][a-z\d_.-]{0,31})(?::(?:\d{1,10}|[a-z_][a-z\d_.-]{0,31}))?$/i;

/** What `exec-command` is told, checked: where the playbook is read, and once more before it is run. */
export const commandIn = (told: Told): Command | CommandFault => checked(told, ['argv', 'timeout']);

/** What `run-helper` is told, checked in the same places. */
export function helperCommandIn(told: Told): HelperCommand | CommandFault {
  const command = checked(told, ['argv', 'timeout', 'path', 'user']);
  if ('found' in command) return command;
  const { path } = told;
  if (path !== undefined && !(typeof path === 'string' && path.startsWith('/')))
    return { name: 'path', found: inShort(path), expected: 'a whole path in the container: /data' };
  const user = told.user === undefined ? undefined : String(told.user);
  if (user !== undefined && !USER.test(user))
    return { name: 'user', found: inShort(told.user), expected: 'a user of the image, or ids: postgres, "999:999"' };
  return { ...command, path, user };
}

function checked(told: Told, names: readonly string[]): Command | CommandFault {
  const stranger = Object.keys(told).find(name => !names.includes(name));
  if (stranger !== undefined) return { name: stranger, found: 'an unknown parameter', expected: names.join(' or ') };
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
