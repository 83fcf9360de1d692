import { nearest } from './nearest.ts';
import type { Problem } from './settings.ts';

/** Cut for people: input may be huge, and of many lines. */
export function quote(found: string): string {
  const oneLine = JSON.stringify(found.slice(0, 60)).slice(1, -1);
  return found.length > 60 ? `"${oneLine}…" (${found.length} characters)` : `"${oneLine}"`;
}

/** `PLACE: found X, expected Y. Remedy.` */
export const formatProblem = (problem: Problem): string =>
  `${problem.place}: found ${problem.found}, expected ${problem.expected}. ${problem.remedy}`;

/** Something that nobody knows, with the known word that was probably meant. */
export function unknownWord(place: string, what: string, word: string, known: Iterable<string>): Problem {
  const words = [...known];
  const meant = nearest(word, words);
  return {
    place,
    found: `the unknown ${what} ${quote(word)}`,
    expected: words.length <= 40 ? `one of ${words.join(', ')}` : `a ${what} that is known`,
    remedy: meant === undefined ? `Remove it or correct its name.` : `Did you mean ${meant}?`,
  };
}
