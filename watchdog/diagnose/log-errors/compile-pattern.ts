import type { LogPattern, PatternFault } from '../../domain/log-error.ts';
import { parseExpression } from './expression.ts';
import { MOST_WAYS, waysOf } from './expression-steps.ts';
import { requiredWords, SHORTEST_WORD } from './required-words.ts';
import { seeThrough } from './see-through.ts';

/** A pattern as far as trying it needs it. */
export interface TriedPattern {
  readonly pattern: LogPattern;
  /** One of them matches. */
  readonly expressions: readonly Pick<CompiledExpression, 'regExp'>[];
  readonly with: readonly Pick<CompiledExpression, 'regExp'>[];
  readonly unless: readonly RegExp[];
}

/** A pattern ready to be sought. */
export interface CompiledPattern extends TriedPattern {
  readonly expressions: readonly CompiledExpression[];
  readonly with: readonly CompiledExpression[];
}

export interface CompiledExpression {
  readonly source: string;
  readonly regExp: RegExp;
  /** A text in which none of the words of one of these sets is cannot match. The rarest set comes first. */
  readonly words: readonly (readonly string[])[];
}

export type Compilation = { readonly compiled: CompiledPattern } | { readonly faults: readonly PatternFault[] };

/** Checks and compiles a pattern. Its examples are another matter: `patternFaults`. Never throws. */
export function compilePattern(pattern: LogPattern): Compilation {
  const faults: PatternFault[] = [];
  const take = (part: 'expressions' | 'with' | 'unless', soughtByWord: boolean): CompiledExpression[] =>
    pattern[part].flatMap((source, index) => {
      const compiled = compileExpression(source, soughtByWord);
      if (!('found' in compiled)) return [compiled];
      faults.push({ path: [part, index], ...compiled });
      return [];
    });
  const compiled: CompiledPattern = {
    pattern,
    expressions: take('expressions', true),
    with: take('with', false),
    unless: take('unless', false).map(({ regExp }) => regExp),
  };
  return faults.length > 0 ? { faults } : { compiled };
}

function compileExpression(
  source: string,
  soughtByWord: boolean,
): CompiledExpression | Pick<PatternFault, 'found' | 'expected'> {
  const parsed = parseExpression(source);
  if ('fault' in parsed) {
    const { at, found, expected } = parsed.fault;
    return { found: `${JSON.stringify(found)} at character ${at + 1}`, expected };
  }
  if (waysOf(parsed.tree) > MOST_WAYS) {
    return {
      found: 'an expression that can try too many ways (catastrophic backtracking)',
      expected:
        'repetitions with small bounds such as .{0,80}, or of what cannot also begin what follows, such as [^"]*"',
    };
  }
  const words = requiredWords(parsed.tree);
  if (words.length === 0 && soughtByWord) {
    return {
      found: 'an expression that would have to be tried on every line',
      expected: `at least ${SHORTEST_WORD} plain characters in a row that must be there, in every alternative`,
    };
  }
  return { source, regExp: new RegExp(source, 'im'), words };
}

/** What is wrong with a pattern: its expressions, or examples that it reads in another way than it says. Never throws. */
export function patternFaults(pattern: LogPattern): readonly PatternFault[] {
  const result = compilePattern(pattern);
  if ('faults' in result) return result.faults;
  const reads = (line: string): boolean => findPattern(result.compiled, seeThrough(line).text) !== undefined;
  const wrong = (part: 'matches' | 'misses', expected: string) =>
    pattern[part].flatMap((line, index) =>
      reads(line) === (part === 'matches') ? [] : [{ path: [part, index], found: JSON.stringify(line), expected }],
    );
  return [
    ...wrong('matches', 'a line that the expressions match'),
    ...wrong('misses', 'a line that the expressions do not match'),
  ];
}

/** Where the pattern is found in a text that was seen through; undefined where it is not. */
export function findPattern(
  { expressions, with: also, unless }: TriedPattern,
  text: string,
  tried: (index: number) => boolean = () => true,
): RegExpExecArray | undefined {
  if (unless.some(each => each.test(text))) return undefined;
  if (also.length > 0 && !also.some(({ regExp }) => regExp.test(text))) return undefined;
  for (const [index, { regExp }] of expressions.entries()) {
    const found = tried(index) ? regExp.exec(text) : null;
    if (found !== null) return found;
  }
  return undefined;
}
