import type { ErrorType, LogPattern, RecognisedError } from '../../domain/log-error.ts';
import { candidatesFor } from './candidates.ts';
import { compilePattern, findPattern, type TriedPattern } from './compile-pattern.ts';
import { LONGEST_TEXT } from './expression-steps.ts';
import { seeThrough, withoutColours } from './see-through.ts';

/** Who wrote a record, as far as patterns ask: their `services` are looked for in both. */
export interface Writer {
  readonly service: string;
  readonly image?: string | undefined;
}

export interface Recogniser {
  /**
   * What is wrong, as far as the record says it. Undefined: nothing, or nothing sure. One record has one type.
   *
   * @param record a line, or the lines of one event; more than 8,192 characters are not read
   */
  recognise(record: string, writer: Writer): RecognisedError | undefined;
}

/**
 * Makes ready all patterns. Those that cannot be compiled are left out: `compilePattern` says why.
 *
 * Most lines of a log are harmless, and cost one pass over their characters: the words without which no pattern matches are
 * looked for all at once, and only the patterns of the words that were found are tried.
 */
export function recogniserFor(patterns: readonly LogPattern[]): Recogniser {
  const compiled = patterns.flatMap(pattern => {
    const result = compilePattern(pattern);
    return 'compiled' in result ? [result.compiled] : [];
  });
  const candidates = candidatesFor(compiled);

  return {
    recognise: (record, writer) => {
      const raw = withoutColours(record.slice(0, LONGEST_TEXT));
      const tried = candidates.in(raw);
      return tried === undefined ? undefined : answerFrom(tried, raw, writer);
    },
  };
}

interface Answer {
  readonly pattern: LogPattern;
  readonly captures: Readonly<Record<string, string>>;
  readonly certain: boolean;
  /** Among the lines of the record, in the order of cause and effect. */
  readonly order: number;
  /** Characters of the record that it recognised. */
  readonly length: number;
}

function answerFrom(
  tried: ReadonlyMap<TriedPattern, ReadonlySet<number>>,
  raw: string,
  writer: Writer,
): RecognisedError | undefined {
  const { text, level } = seeThrough(raw);
  if (level === 'debug') return undefined;
  const answers: Answer[] = [];
  for (const [compiled, expressions] of tried) {
    const { pattern } = compiled;
    const certain = pattern.tier === 'certain' || isAtHome(pattern, writer);
    // What is told for information is none where it only may be an error, or where anyone may quote the words.
    if (level === 'info' && (!certain || pattern.heedsLevel)) continue;
    const found = findPattern(compiled, text, index => expressions.has(index));
    if (found !== undefined)
      answers.push({
        pattern,
        certain,
        captures: capturesIn(found),
        order: orderOf(text, found.index),
        length: found[0].length,
      });
  }
  const certain = answers.filter(each => each.certain);
  return theOne(certain.length > 0 ? certain : answers, certain.length > 0);
}

const isAtHome = ({ services }: LogPattern, { service, image }: Writer): boolean =>
  services.some(word => [service, image].some(name => name?.toLowerCase().includes(word)));

const capturesIn = ({ groups }: RegExpExecArray): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(groups ?? {}).filter(([, text]) => text !== undefined));

/** Of one tier. Two that still differ after the order of types and of causes mean that nothing is sure. */
function theOne(answers: readonly Answer[], certain: boolean): RecognisedError | undefined {
  if (answers.some(({ pattern }) => pattern.type === 'NONE')) return undefined;
  const highest = Math.max(...answers.map(({ pattern }) => rankOf(pattern.type as ErrorType)));
  const best = answers.filter(({ pattern }) => rankOf(pattern.type as ErrorType) === highest);
  const earliest = Math.min(...best.map(({ order }) => order));
  const first = best.filter(({ order }) => order === earliest);
  // Of several patterns of one type an attack counts first, then the one that knows most of the line: a product's own before what
  // anybody may write.
  const answer = first.toSorted((a, b) => Number(b.pattern.alarm) - Number(a.pattern.alarm) || b.length - a.length)[0];
  if (answer === undefined || new Set(first.map(({ pattern }) => pattern.type)).size > 1) return undefined;
  const { pattern, captures } = answer;
  return {
    type: pattern.type as ErrorType,
    severity: pattern.severity,
    tier: certain ? 'certain' : 'likely',
    pattern: pattern.name,
    captures,
    ...(pattern.alarm && certain && { alarm: true }),
  };
}

/** The stages whose own name says more than the cause they met; what a product says of itself; what is said when nothing else is. */
const STAGES: readonly ErrorType[] = ['VOLUME_MOUNT_ERROR', 'HEALTH_CHECK_FAILED'];
const GENERAL: readonly ErrorType[] = ['DEPLOYMENT_FAILURE', 'API_FAILURE', 'CONFIGURATION_ERROR'];

function rankOf(type: ErrorType): number {
  if (STAGES.includes(type)) return 3;
  if (/^(?:REDIS|POSTGRES|DJANGO)_/.test(type)) return 2;
  return GENERAL.includes(type) ? 0 : 1;
}

/** A trace of Java ends with its cause, others begin with it. */
function orderOf(text: string, index: number): number {
  const before = text.slice(0, index);
  const line = before.lastIndexOf('\n') + 1;
  const place = before.split('\n').length;
  return text.startsWith('Caused by: ', line) ? -place : place;
}
