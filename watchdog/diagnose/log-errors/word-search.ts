import { packed } from './packed.ts';

/** Looks for all words in one pass, without regard to case. */
export interface WordSearch {
  /**
   * Calls back with what each word in the text leads to; the same may come several times. Of a long word only the beginning is
   * looked for, so it may also come where the word is not.
   */
  search(text: string, found: (index: number) => void): void;
}

/** The beginning of a word tells as much as all of it; the table is a third of what it would be. */
const LONGEST_SOUGHT = 12;

/**
 * An automaton that reads each character once, however many words there are (Aho and Corasick, "Efficient string matching",
 * CACM 18:6, 1975), with its failure links worked into a table. Characters that are in no word share a column.
 *
 * @param words ASCII, small letters; the index is what is called back with
 */
export function wordSearch(words: readonly { readonly word: string; readonly index: number }[]): WordSearch {
  const columns = columnsFor(words);
  const width = columns.count;
  const trie = trieOf(words);
  const table = tableOf(trie, columns);
  const leads = packed(trie.leads);
  const column = columns.of;

  return {
    search: (text, found) => {
      let state = 0;
      for (let at = 0; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        const next = table[state * width + (code < 128 ? (column[code] ?? 0) : 0)] ?? 0;
        if (next >= 0) state = next;
        else {
          state = ~next;
          leads.each(state, found);
        }
      }
    },
  };
}

/** Column 0 is for all characters that are in no word. */
function columnsFor(words: readonly { readonly word: string }[]): { readonly of: Uint8Array; readonly count: number } {
  const of = new Uint8Array(128);
  let count = 1;
  for (const { word } of words) {
    for (const character of word) {
      const code = character.charCodeAt(0);
      if (of[code] !== 0) continue;
      of[code] = count;
      of[character.toUpperCase().charCodeAt(0)] = count;
      count += 1;
    }
  }
  return { of, count };
}

interface Trie {
  /** By state: from character to state. */
  readonly children: readonly Map<string, number>[];
  /** By state: what the words that end there lead to. */
  readonly leads: number[][];
}

function trieOf(words: readonly { readonly word: string; readonly index: number }[]): Trie {
  const children: Map<string, number>[] = [new Map()];
  const leads: number[][] = [[]];
  for (const { word, index } of words) {
    let state = 0;
    for (const character of word.slice(0, LONGEST_SOUGHT)) {
      let next = children[state]?.get(character);
      if (next === undefined) {
        next = children.push(new Map()) - 1;
        leads.push([]);
        children[state]?.set(character, next);
      }
      state = next;
    }
    leads[state]?.push(index);
  }
  return { children, leads };
}

/**
 * By state times width plus column: the next state; its complement where words end. States are visited in order of depth, so that
 * where a state falls back to is complete before it is needed.
 */
function tableOf(
  { children, leads }: Trie,
  columns: { readonly of: Uint8Array; readonly count: number },
): Int16Array | Int32Array {
  const width = columns.count;
  const size = children.length * width;
  const table = children.length <= 0x7fff ? new Int16Array(size) : new Int32Array(size);
  const fallback = new Int32Array(children.length);
  const order = [0];
  for (let visited = 0; visited < order.length; visited += 1) {
    const state = order[visited] ?? 0;
    const back = fallback[state] ?? 0;
    if (state !== 0) table.copyWithin(state * width, back * width, back * width + width);
    for (const [character, child] of children[state] ?? []) {
      const place = state * width + (columns.of[character.charCodeAt(0)] ?? 0);
      fallback[child] = state === 0 ? 0 : (table[place] ?? 0);
      table[place] = child;
      leads[child]?.push(...(leads[fallback[child] ?? 0] ?? []));
      order.push(child);
    }
  }
  for (let place = 0; place < table.length; place += 1) {
    const next = table[place] ?? 0;
    table[place] = (leads[next] ?? []).length > 0 ? ~next : next;
  }
  return table;
}
