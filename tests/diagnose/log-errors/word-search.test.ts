import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wordSearch } from '../../../watchdog/diagnose/log-errors/word-search.ts';

function found(words: readonly string[], text: string): string[] {
  const met = new Set<number>();
  wordSearch(words.map((word, index) => ({ word, index }))).search(text, index => met.add(index));
  return words.filter((_, index) => met.has(index));
}

test('finds words that begin, end and lie in one another', () => {
  expect(found(['he', 'she', 'his', 'hers'], 'ushers')).toEqual(['he', 'she', 'hers']);
});

test('finds words in any case, among characters that no word has', () => {
  expect(found(['refused', 'ENOENT'.toLowerCase()], '→ Connection REFUSED\u0000 ünd eNoEnT')).toEqual([
    'refused',
    'enoent',
  ]);
});

test('finds each of so many words that their states need more than sixteen bits', () => {
  const words = Array.from({ length: 5_000 }, (_, index) => `${index.toString(26).padStart(3, '0')} by itself`);

  expect(found(words, `${words[0]}, ${words[4_321]}, ${words[4_999]}`)).toEqual([words[0], words[4_321], words[4_999]]);
});

test('finds exactly the words that are in the text', () => {
  const words = fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 5 }));
  const texts = fc.string({ unit: fc.constantFrom('a', 'B', 'c', 'A', 'é'), maxLength: 40 });

  fc.assert(
    fc.property(words, texts, (sought, text) => {
      expect(found(sought, text)).toEqual(sought.filter(word => text.toLowerCase().includes(word)));
    }),
    { numRuns: 1_000 },
  );
});
