import type { ExpressionFault } from '../../domain/log-error.ts';
import {
  type CharacterSet,
  CLASSES,
  complement,
  DOT,
  inBothCases,
  NO_CHARACTER,
  rangeOf,
  setOf,
} from './character-set.ts';

/**
 * The language of patterns: regular expressions as JavaScript has them, without what makes them slow or hard to read. There are
 * characters, `.`, classes (`[a-z]`, `\d`, `\w`, `\s`), the anchors `^`, `$` (of a line) and `\b`, groups (`(?:…)`, `(?<name>…)`),
 * alternatives, and quantifiers. There is no looking around and no reference back. Case is of no matter.
 */
export type Expression =
  | { readonly is: 'set'; readonly set: CharacterSet; readonly character: string | undefined }
  | { readonly is: 'anchor' }
  | Sequence
  | { readonly is: 'either'; readonly branches: readonly Sequence[] }
  | { readonly is: 'repeat'; readonly part: Expression; readonly least: number; readonly most: number };

/** One behind the other. */
export interface Sequence {
  readonly is: 'sequence';
  readonly parts: readonly Expression[];
}

class Fault extends Error {
  readonly fault: ExpressionFault;

  constructor(fault: ExpressionFault) {
    super(fault.expected);
    this.fault = fault;
  }
}

/** Reads an expression of the language. Never throws. */
export function parseExpression(source: string): { readonly tree: Expression } | { readonly fault: ExpressionFault } {
  try {
    return { tree: new Parser(source).whole() };
  } catch (error) {
    if (error instanceof Fault) return { fault: error.fault };
    throw error;
  }
}

const CONTROL: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
/** Every depth is a call: a hostile file must not overflow the stack. */
const DEEPEST = 50;

/** Recursive descent; each method reads what it is named after and leaves the position behind it. */
class Parser {
  readonly #source: string;
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  whole(): Expression {
    const tree = this.#either();
    if (this.#at < this.#source.length) throw this.#fault('no bracket that was never opened');
    return tree;
  }

  #either(): Expression {
    const first = this.#sequence();
    const branches = [first];
    while (this.#take('|')) branches.push(this.#sequence());
    return branches.length === 1 ? first : { is: 'either', branches };
  }

  #sequence(): Sequence {
    const parts: Expression[] = [];
    // Nothing is here at the end, and every text includes that.
    while (!'|)'.includes(this.#here())) parts.push(this.#quantified());
    return { is: 'sequence', parts };
  }

  #quantified(): Expression {
    const part = this.#atom();
    const bounds = this.#quantifier();
    if (bounds === undefined) return part;
    if (part.is === 'anchor') throw this.#fault('no quantifier behind an anchor');
    // As few as possible instead of as many: the same texts match, and no more steps are taken than counted.
    this.#take('?');
    if (this.#quantifier() !== undefined) throw this.#fault('one quantifier, not several');
    return { is: 'repeat', part, ...bounds };
  }

  #quantifier(): { readonly least: number; readonly most: number } | undefined {
    if (this.#take('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.#take('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { least: 0, most: 1 };
    const [whole, first, comma, last] = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.#source.slice(this.#at)) ?? [];
    if (whole === undefined) return undefined;
    this.#at += whole.length;
    const least = Number(first);
    const most = comma === '' ? least : last === '' ? Number.POSITIVE_INFINITY : Number(last);
    if (most < least) throw this.#fault('bounds in order');
    return { least, most };
  }

  #atom(): Expression {
    const character = this.#next();
    if (character === '.') return { is: 'set', set: DOT, character: undefined };
    if (character === '^' || character === '$') return { is: 'anchor' };
    if (character === '(') return this.#group();
    if (character === '[') return { is: 'set', set: this.#set(), character: undefined };
    if (character === '\\') return this.#escaped();
    if ('*+?{}]'.includes(character)) throw this.#fault(`\\${character} where the character itself is meant`, -1);
    return literal(character);
  }

  #group(): Expression {
    const [opening] = /^\?(?::|<[A-Za-z]\w{0,30}>)/.exec(this.#source.slice(this.#at)) ?? [];
    if (opening === undefined) throw this.#fault('(?:…) or (?<name>…); looking around is not possible');
    this.#at += opening.length;
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw this.#fault(`at most ${DEEPEST} groups in one another`);
    const inside = this.#either();
    if (!this.#take(')')) throw this.#fault('the end of the group');
    this.#depth -= 1;
    return inside;
  }

  #escaped(): Expression {
    const character = this.#next();
    if (character === 'b') return { is: 'anchor' };
    const set = CLASSES[character];
    if (set !== undefined) return { is: 'set', set, character: undefined };
    return literal(this.#plain(character));
  }

  /** The character that an escape stands for. */
  #plain(character: string): string {
    const control = CONTROL[character];
    if (control !== undefined) return control;
    if (/[A-Za-z0-9]/.test(character)) throw this.#fault('\\d, \\w, \\s, \\b, \\n, \\t or a punctuation mark', -1);
    return character;
  }

  #set(): CharacterSet {
    const negated = this.#take('^');
    let set = NO_CHARACTER;
    while (!this.#take(']')) {
      const first = this.#inSet();
      if (typeof first === 'bigint') set |= first;
      else if (this.#here() === '-' && this.#source[this.#at + 1] !== ']') {
        this.#at += 1;
        const last = this.#inSet();
        if (typeof last === 'bigint' || last < first) throw this.#fault('a range such as a-z');
        set |= rangeOf(first.charCodeAt(0), last.charCodeAt(0));
      } else set |= setOf(first);
    }
    const both = inBothCases(set);
    // What is not ASCII is one bit: it is in the complement unless every such character was named, which nobody can.
    return negated ? complement(both) | setOf('\u0080') : both;
  }

  #inSet(): string | CharacterSet {
    const character = this.#next();
    if (character !== '\\') return character;
    const escaped = this.#next();
    return CLASSES[escaped] ?? this.#plain(escaped);
  }

  #here(): string {
    return this.#source[this.#at] ?? '';
  }

  #next(): string {
    const character = this.#source[this.#at];
    if (character === undefined) throw this.#fault('more');
    this.#at += 1;
    return character;
  }

  #take(character: string): boolean {
    if (this.#here() !== character) return false;
    this.#at += 1;
    return true;
  }

  #fault(expected: string, shift = 0): Fault {
    const at = this.#at + shift;
    return new Fault({ at, found: this.#source.slice(at, at + 20) || 'the end', expected });
  }
}

const literal = (character: string): Expression => ({
  is: 'set',
  set: inBothCases(setOf(character)),
  character: character.toLowerCase(),
});
