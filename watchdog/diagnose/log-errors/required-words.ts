import type { Expression } from './expression.ts';

/** Shorter ones are in every second line. */
export const SHORTEST_WORD = 4;

/** More of them would be looked for in vain. */
const MOST_SETS = 3;

/**
 * Sets of words in small letters: a text must contain at least one of each set for the expression to match. The rarest set
 * comes first. Empty where there is none: such an expression would have to be tried on every line.
 *
 * Characters that JSON may write in another way are in no word, so that a text can be searched before it is unpacked.
 * The idea is that of Go's codesearch (Russ Cox, "Regular Expression Matching with a Trigram Index", 2012).
 */
export function requiredWords(tree: Expression): readonly (readonly string[])[] {
  return setsOf(tree)
    .toSorted((a, b) => worth(b) - worth(a))
    .slice(0, MOST_SETS)
    .map(words => [...new Set(words)]);
}

/** The shortest one decides: it is found most often. Many words cost room in the search. */
const worth = (words: readonly string[]): number =>
  Math.min(...words.map(({ length }) => Math.min(length, 16))) - Math.max(0, words.length - 4) / 50;

/** Of the words of each set one must be there. */
function setsOf(tree: Expression): readonly (readonly string[])[] {
  if (tree.is === 'set' || tree.is === 'anchor') return [];
  if (tree.is === 'repeat') return tree.least === 0 ? [] : setsOf(tree.part);
  if (tree.is === 'either') {
    const branches = tree.branches.map(branch => requiredWords(branch)[0]);
    return branches.every(words => words !== undefined) ? [branches.flat()] : [];
  }
  const words = tree.parts.map(letterOf).join('').split(GAP);
  const long = words.filter(({ length }) => length >= SHORTEST_WORD);
  return [...tree.parts.flatMap(setsOf), ...long.map(word => [word])];
}

/** Ends a word; is in none. */
const GAP = '\n';

const letterOf = (part: Expression): string =>
  part.is === 'set' && part.character !== undefined && /[a-z0-9 .,:;_()[\]{}#*!?+=%@^~|$-]/.test(part.character)
    ? part.character
    : GAP;
