import { type Expression, parseExpression } from './expression.ts';
import { waysOf } from './expression-steps.ts';

/**
 * For each character of a text, whatever it is, so many steps at most: masks are not sought by words as log patterns are, and texts
 * of any length are masked. An upper bound: ways to go from one place, times the longest way.
 */
const MOST_STEPS = 1_000;
/** What is hidden becomes `***`. Of what is longer no text can grow, however often it is masked. */
const SHORTEST = 4;

/** An expression by which something is hidden, or why it cannot be one. Pure; never throws. */
export function compileMask(
  source: string,
): { readonly regExp: RegExp } | { readonly found: string; readonly expected: string } {
  const parsed = parseExpression(source);
  if ('fault' in parsed) {
    const { at, found, expected } = parsed.fault;
    return { found: `${JSON.stringify(found)} at character ${at + 1}`, expected };
  }
  const { least, most } = lengthOf(parsed.tree);
  if (least < SHORTEST)
    return {
      found: `an expression that can match ${least} characters`,
      expected: `at least ${SHORTEST} characters that must be there`,
    };
  if (waysOf(parsed.tree) * most > MOST_STEPS)
    return {
      found: 'an expression that can take too many steps (catastrophic backtracking)',
      expected: 'repetitions with small bounds, such as [A-Z0-9]{8,64} in place of [A-Z0-9]+',
    };
  return { regExp: new RegExp(source, 'gi') };
}

/** Of the texts that it matches, in characters. */
function lengthOf(tree: Expression): { readonly least: number; readonly most: number } {
  if (tree.is === 'set') return { least: 1, most: 1 };
  if (tree.is === 'anchor') return { least: 0, most: 0 };
  if (tree.is === 'repeat') {
    const { least, most } = lengthOf(tree.part);
    return { least: least * tree.least, most: most === 0 ? 0 : most * tree.most };
  }
  const parts = (tree.is === 'either' ? tree.branches : tree.parts).map(lengthOf);
  const least = parts.map(part => part.least);
  const most = parts.map(part => part.most);
  if (tree.is === 'either') return { least: Math.min(...least), most: Math.max(...most) };
  return { least: sum(least), most: sum(most) };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
