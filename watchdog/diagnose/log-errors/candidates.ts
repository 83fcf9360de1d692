import type { CompiledPattern } from './compile-pattern.ts';
import { wordSearch } from './word-search.ts';

/** Which patterns a text may match, and with which of their expressions. */
export interface Candidates {
  /** Undefined where no pattern of an error may match: then those of harmless lines are of no interest either. */
  in(text: string): ReadonlyMap<CompiledPattern, ReadonlySet<number>> | undefined;
}

/** An expression with the words that it needs, by their numbers. */
interface Sought {
  readonly pattern: CompiledPattern;
  readonly expression: number;
  /** One word of each set has to be there. */
  readonly sets: readonly (readonly number[])[];
}

/** Looks for the words of all patterns at once. What it lets through may still not match; what it holds back cannot. */
export function candidatesFor(patterns: readonly CompiledPattern[]): Candidates {
  const numbers = new Map<string, number>();
  const numbersOf = (words: readonly string[]): number[] =>
    words.map(word => {
      const number = numbers.get(word) ?? numbers.size;
      numbers.set(word, number);
      return number;
    });
  const sought = patterns.flatMap((pattern): Sought[] => {
    const besides = wordsOfAny(pattern).map(numbersOf);
    return pattern.expressions.map(({ words }, expression) => ({
      pattern,
      expression,
      sets: [...words.map(numbersOf), ...besides],
    }));
  });
  const byRarest = new Map<number, Sought[]>();
  for (const one of sought)
    for (const number of one.sets[0] ?? []) byRarest.set(number, [...(byRarest.get(number) ?? []), one]);
  const search = wordSearch([...numbers].map(([word, index]) => ({ word, index })));

  // By number of the word: the last text that it was found in. Nothing has to be cleared between texts.
  const lastSeen = new Uint32Array(numbers.size);
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
      // Before the count runs over, which it does after four thousand million lines.
      if (texts === 0xffff_ffff) lastSeen.fill(0);
      texts = (texts % 0xffff_ffff) + 1;
      met.length = 0;
      search.search(text, note);
      let found: Map<CompiledPattern, Set<number>> | undefined;
      let mayHarm = false;
      for (const number of met) {
        for (const { pattern, expression, sets } of byRarest.get(number) ?? []) {
          if (!sets.every(set => set.some(isHere))) continue;
          found ??= new Map();
          found.set(pattern, (found.get(pattern) ?? new Set()).add(expression));
          mayHarm ||= pattern.pattern.type !== 'NONE';
        }
      }
      return mayHarm ? found : undefined;
    },
  };
}

/** The words of which one must be there for one of `with` to match: one set, or none where one of them has no words. */
function wordsOfAny({ with: also }: CompiledPattern): readonly (readonly string[])[] {
  const rarest = also.map(({ words }) => words[0]);
  return rarest.length > 0 && rarest.every(words => words !== undefined) ? [rarest.flat()] : [];
}
