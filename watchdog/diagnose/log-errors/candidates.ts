import type { CompiledPattern, TriedPattern } from './compile-pattern.ts';
import { packed } from './packed.ts';
import { wordSearch } from './word-search.ts';

/** Which patterns a text may match, and with which of their expressions. */
export interface Candidates {
  /** Undefined where no pattern of an error may match: then those of harmless lines are of no interest either. */
  in(text: string): ReadonlyMap<TriedPattern, ReadonlySet<number>> | undefined;
}

/** An expression with the words that it needs, by their numbers. */
interface Sought {
  readonly pattern: TriedPattern;
  readonly expression: number;
  /** One word of each set has to be there. */
  readonly sets: readonly (readonly number[])[];
}

/** Looks for the words of all patterns at once. What it lets through may still not match; what it holds back cannot. */
export function candidatesFor(patterns: readonly CompiledPattern[]): Candidates {
  const { sought, words } = soughtIn(patterns);
  const byRarest = packed(byWord(sought, words.length));
  const search = wordSearch(words.map((word, index) => ({ word, index })));

  // By number of the word: the last text that it was found in. Nothing has to be cleared between texts, and the count of a
  // double does not run over.
  const lastSeen = new Float64Array(words.length);
  const met: number[] = [];
  let texts = 0;
  const note = (number: number): void => {
    if (lastSeen[number] === texts) return;
    lastSeen[number] = texts;
    met.push(number);
  };
  const isHere = (number: number): boolean => lastSeen[number] === texts;

  return {
    in: text => {
      texts += 1;
      met.length = 0;
      search.search(text, note);
      let found: Map<TriedPattern, Set<number>> | undefined;
      let mayHarm = false;
      const tell = (index: number): void => {
        const one = sought[index];
        if (one === undefined || !one.sets.every(set => set.some(isHere))) return;
        found ??= new Map();
        found.set(one.pattern, (found.get(one.pattern) ?? new Set()).add(one.expression));
        mayHarm ||= one.pattern.pattern.type !== 'NONE';
      };
      for (const number of met) byRarest.each(number, tell);
      return mayHarm ? found : undefined;
    },
  };
}

/** All expressions, and the words that their numbers stand for. */
function soughtIn(patterns: readonly CompiledPattern[]): {
  readonly sought: readonly Sought[];
  readonly words: readonly string[];
} {
  const numbers = new Map<string, number>();
  const numbersOf = (words: readonly string[]): number[] =>
    words.map(word => {
      const number = numbers.get(word) ?? numbers.size;
      numbers.set(word, number);
      return number;
    });
  const sought = patterns.flatMap((compiled): Sought[] => {
    const besides = wordsOfAny(compiled).map(numbersOf);
    const pattern = withoutWords(compiled);
    return compiled.expressions.map(({ words }, expression) => ({
      pattern,
      expression,
      sets: [...words.map(numbersOf), ...besides],
    }));
  });
  return { sought, words: [...numbers.keys()] };
}

/** By number of the word: the expressions of which it is one of the rarest words. */
function byWord(sought: readonly Sought[], words: number): readonly (readonly number[])[] {
  const byRarest: number[][] = Array.from({ length: words }, () => []);
  for (const [index, { sets }] of sought.entries()) for (const number of sets[0] ?? []) byRarest[number]?.push(index);
  return byRarest;
}

/** By their numbers they take a tenth of the memory. */
const withoutWords = ({ pattern, expressions, with: also, unless }: CompiledPattern): TriedPattern => ({
  pattern,
  expressions: expressions.map(({ regExp }) => ({ regExp })),
  with: also.map(({ regExp }) => ({ regExp })),
  unless,
});

/** The words of which one must be there for one of `with` to match: one set, or none where one of them has no words. */
function wordsOfAny({ with: also }: CompiledPattern): readonly (readonly string[])[] {
  const rarest = also.map(({ words }) => words[0]);
  return rarest.length > 0 && rarest.every(words => words !== undefined) ? [rarest.flat()] : [];
}
