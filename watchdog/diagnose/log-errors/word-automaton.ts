import { type Packed, packed } from './packed.ts';

/**
 * The automaton of Aho and Corasick ("Efficient string matching", CACM 18:6, 1975), numbered so that what can be read most often
 * is answered by one look into a table, and the rest takes little memory.
 *
 * The states below `whole`, near the beginning or where words part, have a row each that says where every character leads. All
 * others, nine of ten, go on with one character only; for any other they do as the state they fall back to does. With rows for all,
 * the table of the built-in patterns would be 1.4 MB instead of 0.2.
 */
export interface WordAutomaton {
  /** By character below 128: its column. Column 0 is for all characters that are in no word. */
  readonly columns: Uint8Array;
  readonly width: number;
  readonly whole: number;
  /** By whole state times width plus column: the next state; its complement where words end. */
  readonly rows: States;
  /** By state: the one column that it goes on with; 0 where it does not go on. Whole states have none. */
  readonly onlyColumn: Uint8Array;
  /** By state: where that leads; the complement where words end. */
  readonly onlyNext: States;
  /** By state: the longest beginning of another word that ends like what was read. */
  readonly fallback: States;
  /** By state: what the words that end there lead to. */
  readonly leads: Packed;
}

type States = Int16Array | Int32Array;

/** A beginning of words. */
interface Node {
  readonly depth: number;
  readonly children: Map<string, Node>;
  readonly leads: number[];
  fallback: Node | undefined;
  number: number;
}

/** Most characters of most lines are read in states no deeper than this. */
const DEEPEST_WHOLE = 2;

/** @param words ASCII, small letters; found in capitals as well */
export function wordAutomaton(words: readonly { readonly word: string; readonly index: number }[]): WordAutomaton {
  const nodes = nodesOf(words);
  const characters = [...new Set(words.flatMap(({ word }) => [...word]))];
  const width = characters.length + 1;
  const whole = nodes.filter(isWhole);
  const numbered = [...whole, ...nodes.filter(node => !isWhole(node))];
  for (const [number, node] of numbered.entries()) node.number = number;

  const rows = states(whole.length * width, nodes.length);
  for (const node of whole)
    for (const [at, character] of characters.entries())
      rows[node.number * width + at + 1] = signed(follow(node, character));
  const onlyColumn = new Uint8Array(nodes.length);
  const onlyNext = states(nodes.length, nodes.length);
  for (const node of numbered.slice(whole.length)) {
    for (const [character, child] of node.children) {
      onlyColumn[node.number] = characters.indexOf(character) + 1;
      onlyNext[node.number] = signed(child);
    }
  }
  const fallback = states(nodes.length, nodes.length);
  for (const node of numbered) fallback[node.number] = node.fallback?.number ?? 0;
  const leads = packed(numbered.map(node => node.leads));
  return { columns: columnsOf(characters), width, whole: whole.length, rows, onlyColumn, onlyNext, fallback, leads };
}

const isWhole = ({ depth, children }: Node): boolean => depth <= DEEPEST_WHOLE || children.size > 1;

const signed = ({ number, leads }: Node): number => (leads.length > 0 ? ~number : number);

/** Room for so many entries, each of which is a state of so many or its complement. */
const states = (entries: number, count: number): States =>
  count <= 0x7fff ? new Int16Array(entries) : new Int32Array(entries);

function columnsOf(characters: readonly string[]): Uint8Array {
  const columns = new Uint8Array(128);
  for (const [at, character] of characters.entries()) {
    columns[character.charCodeAt(0)] = at + 1;
    columns[character.toUpperCase().charCodeAt(0)] = at + 1;
  }
  return columns;
}

/** In order of depth. What a node falls back to, it tells of as well. */
function nodesOf(words: readonly { readonly word: string; readonly index: number }[]): readonly Node[] {
  const root = aNode(0);
  for (const { word, index } of words) nodeOf(root, word).leads.push(index);
  const nodes = [root];
  // The list grows while it is gone through.
  for (const node of nodes) {
    for (const [character, child] of node.children) {
      child.fallback = node.fallback === undefined ? root : follow(node.fallback, character);
      child.leads.push(...child.fallback.leads);
      nodes.push(child);
    }
  }
  return nodes;
}

const aNode = (depth: number): Node => ({ depth, children: new Map(), leads: [], fallback: undefined, number: 0 });

/** The node of a word, made where there is none. */
function nodeOf(root: Node, word: string): Node {
  let node = root;
  for (const character of word) {
    const next = node.children.get(character) ?? aNode(node.depth + 1);
    node.children.set(character, next);
    node = next;
  }
  return node;
}

/** Where a character leads from a node whose shallower ones know what they fall back to. */
function follow(from: Node, character: string): Node {
  let node = from;
  while (!node.children.has(character) && node.fallback !== undefined) node = node.fallback;
  return node.children.get(character) ?? node;
}
