import type { Env } from './read-env.ts';

/** Why a text cannot be interpolated; the message is a sentence without its full stop. */
export class InterpolationError extends Error {
  override readonly name = 'InterpolationError';
}

/** Deeper than anybody writes by hand. */
const DEEPEST = 10;

/**
 * Compose's interpolation: `$VAR`, `${VAR}`, `${VAR:-default}`, `${VAR-default}`, `${VAR:?message}`, `${VAR?message}`,
 * `${VAR:+other}`, `${VAR+other}`, `$$` for a dollar sign; nested ones too. (Compose file reference, "Interpolation".)
 * Unlike Compose, a variable that is not set and has no default is an error: a silent blank is found too late.
 *
 * @throws InterpolationError
 */
export function interpolate(text: string, env: Env): string {
  return read(text, 0, env, 0, false).value;
}

/** Reads up to the end, or, `inside` braces, up to the closing one. Without `env` it is skipped over and not looked up. */
function read(text: string, from: number, env: Env | undefined, depth: number, inside: boolean): Piece {
  if (depth > DEEPEST) throw new InterpolationError(`variables nested more than ${DEEPEST} deep`);
  let value = '';
  let at = from;
  while (at < text.length) {
    const sign = text[at] as string;
    if (inside && sign === '}') return { value, next: at + 1 };
    const found = sign === '$' ? readVariable(text, at, env, depth) : { value: sign, next: at + 1 };
    value += found.value;
    at = found.next;
  }
  if (inside) throw new InterpolationError('a brace that $ opens and nothing closes');
  return { value, next: at };
}

interface Piece {
  readonly value: string;
  /** Where reading goes on. */
  readonly next: number;
}

const BARE = /\$(?:\$|([A-Za-z_]\w*))/y;
const BRACED = /\$\{([A-Za-z_]\w*)(?:\}|(:?[-?+]))/y;

/** At a dollar sign. */
function readVariable(text: string, at: number, env: Env | undefined, depth: number): Piece {
  const bare = matchAt(BARE, text, at);
  if (bare !== null) {
    const [whole, name] = bare;
    return { value: name === undefined ? '$' : required(name, env), next: at + whole.length };
  }
  const braced = matchAt(BRACED, text, at);
  if (braced === null) throw new InterpolationError('a $ that begins no variable; write $$ for a dollar sign');
  const [whole, name = '', operator] = braced;
  const next = at + whole.length;
  return operator === undefined
    ? { value: required(name, env), next }
    : readChoice(text, next, name, operator, env, depth);
}

/** Behind the operator. With a colon, an empty variable counts as one that is not set. */
function readChoice(
  text: string,
  at: number,
  name: string,
  operator: string,
  env: Env | undefined,
  depth: number,
): Piece {
  const value = env && lookUp(name, env);
  const given = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  const takesWord = operator.endsWith('+') === given;
  const word = read(text, at, takesWord ? env : undefined, depth + 1, true);
  if (env !== undefined && operator.endsWith('?') && !given) {
    throw new InterpolationError(`the variable ${name}, which is required: ${word.value.slice(0, 200) || 'not set'}`);
  }
  if (takesWord) return word;
  return { value: operator.endsWith('+') ? '' : (value ?? ''), next: word.next };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function required(name: string, env: Env | undefined): string {
  if (env === undefined) return '';
  const value = lookUp(name, env);
  if (value === undefined) throw new InterpolationError(`the variable ${name}, which is not set and has no default`);
  return value;
}

const lookUp = (name: string, env: Env): string | undefined => (Object.hasOwn(env, name) ? env[name] : undefined);
