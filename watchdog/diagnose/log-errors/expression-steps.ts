import { type CharacterSet, EVERY_CHARACTER, NO_CHARACTER } from './character-set.ts';
import type { Expression, Sequence } from './expression.ts';

/**
 * No record is longer than this, in characters: what is longer is cut before it is searched.
 */
export const LONGEST_TEXT = 8_192;

/** An expression that may try more ways than this from one place of a text is refused. */
export const MOST_WAYS = 10_000;

/**
 * How many ways a backtracking engine may try from one place of the text before it gives up: an upper bound. Infinite where a
 * group that is not bounded could be walked in many ways, which is what makes time exponential.
 *
 * A repeated set costs its number of lengths, because each may be tried with all that follows. It costs one where what follows
 * cannot begin with a character of the set: then there is one place only where the repetition can end.
 */
export const waysOf = (tree: Expression): number => ways(tree, { first: NO_CHARACTER, last: true });

/** What may stand behind a part: the characters it can begin with, and whether the expression may end there. */
interface Sequel {
  readonly first: CharacterSet;
  readonly last: boolean;
}

function ways(tree: Expression, sequel: Sequel): number {
  if (tree.is === 'set' || tree.is === 'anchor') return 1;
  if (tree.is === 'either') {
    const each = tree.branches.map(branch => ways(branch, sequel));
    return excludeEachOther(tree.branches) ? Math.max(...each) : each.reduce((sum, one) => sum + one, 0);
  }
  if (tree.is === 'sequence') {
    let behind = sequel;
    let product = 1;
    for (const part of tree.parts.toReversed()) {
      product *= ways(part, behind);
      behind = before(part, behind);
    }
    return product;
  }
  const { part, least, most } = tree;
  if (part.is === 'set') return ends(part.set, sequel) ? 1 : Math.min(most, LONGEST_TEXT) - least + 1;
  const { first, empty } = firstOf(part);
  if (most === 1 && !empty && ends(first, sequel)) return ways(part, sequel);
  // Again and again, so that the part may also be followed by itself.
  const again: Sequel = { ...sequel, first: sequel.first | first };
  const once = ways(part, most > 1 ? again : sequel);
  if (most === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return once ** most * (most - least + 1);
}

/** A repetition of the set has one end at most: the expression is over then, or goes on with something else. */
const ends = (set: CharacterSet, { first, last }: Sequel): boolean => (first & set) === 0n && (last || first !== 0n);

/** The sequel of what stands before this part. */
function before(part: Expression, sequel: Sequel): Sequel {
  const { first, empty } = firstOf(part);
  return empty ? { first: first | sequel.first, last: sequel.last } : { first, last: false };
}

/** No text begins as two of the branches do: what follows them is tried once, whatever branch it was. */
function excludeEachOther(branches: readonly Sequence[]): boolean {
  const beginnings = branches.map(beginningOf);
  return beginnings.every((one, index) =>
    beginnings.slice(index + 1).every(other => one.some((set, at) => (set & (other[at] ?? EVERY_CHARACTER)) === 0n)),
  );
}

/** The sets of the characters that a branch begins with in any case. */
function beginningOf({ parts }: Sequence): readonly CharacterSet[] {
  const sets: CharacterSet[] = [];
  for (const part of parts) {
    if (part.is !== 'set') break;
    sets.push(part.set);
  }
  return sets;
}

/** What a part can begin with, and whether it can be empty. An anchor may fail anywhere: it counts as any character. */
function firstOf(tree: Expression): { readonly first: CharacterSet; readonly empty: boolean } {
  if (tree.is === 'set') return { first: tree.set, empty: false };
  if (tree.is === 'anchor') return { first: EVERY_CHARACTER, empty: true };
  if (tree.is === 'repeat') {
    const { first, empty } = firstOf(tree.part);
    return { first, empty: empty || tree.least === 0 };
  }
  if (tree.is === 'either') {
    const all = tree.branches.map(firstOf);
    return { first: all.reduce((set, each) => set | each.first, NO_CHARACTER), empty: all.some(({ empty }) => empty) };
  }
  let first = NO_CHARACTER;
  for (const part of tree.parts) {
    const begins = firstOf(part);
    first |= begins.first;
    if (!begins.empty) return { first, empty: false };
  }
  return { first, empty: true };
}
