/**
 * A set of characters as 129 bits: one for each of ASCII, the last for all others together. Letters are in it in both cases
 * or not at all, because expressions are read without regard to case.
 */
export type CharacterSet = bigint;

const OTHERS = 128;

export const NO_CHARACTER: CharacterSet = 0n;
export const EVERY_CHARACTER: CharacterSet = (1n << 129n) - 1n;

/** From one code to another, both in it. */
export function rangeOf(first: number, last: number): CharacterSet {
  let set = NO_CHARACTER;
  for (let code = Math.min(first, OTHERS); code <= Math.min(last, OTHERS); code += 1) set |= 1n << BigInt(code);
  return set;
}

export const setOf = (character: string): CharacterSet => {
  const code = character.charCodeAt(0);
  return rangeOf(code, code);
};

export const complement = (set: CharacterSet): CharacterSet => EVERY_CHARACTER & ~set;

const LOWER = rangeOf(97, 122);
const UPPER = rangeOf(65, 90);

/** Without regard to case. */
export const inBothCases = (set: CharacterSet): CharacterSet => set | ((set & LOWER) >> 32n) | ((set & UPPER) << 32n);

/** The classes that have a letter: `\d`, `\w`, `\s`, and the same in capitals for all others. */
export const CLASSES: Readonly<Record<string, CharacterSet>> = (() => {
  const digit = rangeOf(48, 57);
  const word = digit | LOWER | UPPER | setOf('_');
  // Beyond ASCII there are spaces as well as others: the last bit belongs to both.
  const others = 1n << BigInt(OTHERS);
  const space = rangeOf(9, 13) | setOf(' ') | others;
  return {
    d: digit,
    D: complement(digit),
    w: word,
    W: complement(word),
    s: space,
    S: complement(space) | others,
  };
})();

/** `.`: anything but the end of a line. Two of the ends are beyond ASCII, where the others stay in it. */
export const DOT: CharacterSet = complement(setOf('\n') | setOf('\r'));
