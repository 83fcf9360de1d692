import { wordAutomaton } from './word-automaton.ts';

/** Looks for all words in one pass, without regard to case. */
export interface WordSearch {
  /**
   * Calls back with what each word in the text leads to; the same may come several times. Of a long word only the beginning is
   * looked for, so it may also come where the word is not.
   */
  search(text: string, found: (index: number) => void): void;
}

/** The beginning of a word tells as much as all of it, and takes fewer states. */
const LONGEST_SOUGHT = 12;

/**
 * Reads each character once, however many words there are.
 * @param words ASCII, small letters; the index is what is called back with
 */
export function wordSearch(words: readonly { readonly word: string; readonly index: number }[]): WordSearch {
  const beginnings = words.map(({ word, index }) => ({ word: word.slice(0, LONGEST_SOUGHT), index }));
  const { columns, width, whole, rows, onlyColumn, onlyNext, fallback, leads } = wordAutomaton(beginnings);

  return {
    search: (text, found) => {
      let state = 0;
      for (let at = 0; at < text.length; at += 1) {
        const column = columns[text.charCodeAt(at)] ?? 0;
        while (state >= whole && onlyColumn[state] !== column) state = fallback[state] ?? 0;
        const next = (state < whole ? rows[state * width + column] : onlyNext[state]) ?? 0;
        if (next >= 0) state = next;
        else {
          state = ~next;
          leads.each(state, found);
        }
      }
    },
  };
}
