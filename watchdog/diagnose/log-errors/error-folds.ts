import type { ErrorFold } from '../../domain/error-book.ts';
import type { RecognisedError } from '../../domain/log-error.ts';
import { maskedError } from '../../domain/masked-error.ts';
import type { ServiceRef } from '../../domain/service.ts';
import { type Instant, minutes } from '../../domain/time.ts';
import { messageTemplate } from './message-template.ts';

/** What another record of an error means. */
export interface Folded {
  /** This pattern was never seen for this service before, as far as is remembered. */
  readonly isNew: boolean;
  /** The service's errors of this minute are far above its own past; said once a minute. */
  readonly burst: boolean;
}

export interface ErrorFolds {
  add(ref: ServiceRef, error: RecognisedError, text: string, at: Instant): Folded;
  /** What came since the last time this was called, what was seen last at the end. What comes after is folded anew. */
  take(): readonly ErrorFold[];
}

/** By what records are folded. */
export const foldKey = ({ project, service }: ServiceRef, pattern: string): string =>
  `${project}/${service}/${pattern}`;

/** What is remembered at most. */
export interface FoldBounds {
  /** Of all services together; the one that was not seen for longest is forgotten for a new one. */
  readonly folds: number;
  readonly variants: number;
  readonly services: number;
  /** Patterns that were seen, of all services together. */
  readonly known: number;
}

export const USUAL_FOLD_BOUNDS: FoldBounds = { folds: 2_000, variants: 20, services: 1_000, known: 10_000 };

const LONGEST_SAMPLE = 2_000;
const OTHERS = '…';

interface Growing extends ServiceRef {
  error: RecognisedError;
  readonly firstAt: Instant;
  lastAt: Instant;
  count: number;
  readonly variants: Map<string, number>;
  text: string;
  burstAt: Instant | undefined;
}

/**
 * Folds repeats, so that a loop of ten thousand lines is one error with a count. In memory, bounded.
 * @param seen keys of what was seen before, as `foldKey` makes them
 */
export function errorFolds(seen: Iterable<string> = [], bounds: FoldBounds = USUAL_FOLD_BOUNDS): ErrorFolds {
  // A Map keeps the order in which keys were set: the first one is the one that was not seen for longest.
  const folds = new Map<string, Growing>();
  const rates = new Map<string, Rate>();
  const known = new Map<string, true>(Iterator.from(seen).map(key => [key, true]));
  // A loop says the same again and again.
  let last: { readonly text: string; readonly template: string } | undefined;

  const touch = <T>(map: Map<string, T>, key: string, value: T, most: number): void => {
    map.delete(key);
    map.set(key, value);
    const [oldest] = map.keys();
    if (map.size > most && oldest !== undefined) map.delete(oldest);
  };
  const templateOf = (text: string): string => {
    if (last?.text !== text) last = { text, template: messageTemplate(text) };
    return last.template;
  };

  return {
    add: ({ project, service }, error, text, at) => {
      const ref = { project, service };
      const key = foldKey(ref, error.pattern);
      const fold: Growing = folds.get(key) ?? { ...ref, error, ...EMPTY, firstAt: at, variants: new Map(), text };
      fold.error = error;
      fold.lastAt = Math.max(fold.lastAt, at);
      fold.count += 1;
      fold.text = text;
      countVariant(fold.variants, templateOf(text), bounds.variants);
      touch(folds, key, fold, bounds.folds);
      const isNew = !known.has(key);
      touch(known, key, true, bounds.known);
      const name = `${project}/${service}`;
      const rate = rates.get(name) ?? { minute: minuteOf(at), count: 0, usual: 0, told: false };
      touch(rates, name, rate, bounds.services);
      const burst = burstAt(rate, at);
      if (burst) fold.burstAt = at;
      return { isNew, burst };
    },
    take: () => {
      const taken = [...folds.values()].map(finished);
      folds.clear();
      return taken;
    },
  };
}

const EMPTY = { lastAt: 0, count: 0, burstAt: undefined } as const;

function countVariant(variants: Map<string, number>, template: string, most: number): void {
  const name = variants.has(template) || variants.size < most ? template : OTHERS;
  variants.set(name, (variants.get(name) ?? 0) + 1);
}

const finished = ({ error, variants, text, ...fold }: Growing): ErrorFold => ({
  ...fold,
  ...maskedError(error, text, LONGEST_SAMPLE),
  variants: [...variants].map(([template, count]) => ({ template, count })).sort((a, b) => b.count - a.count),
});

/** The errors of one service. */
interface Rate {
  minute: number;
  count: number;
  /** Errors a minute, averaged over about the last hour. */
  usual: number;
  told: boolean;
}

/** So many in a minute are never called a burst. */
const FEW = 10;
/** What is far above: so many times the usual. */
const FAR_ABOVE = 5;
/** Each minute counts this much against all before it: half of what is remembered is from the last 41 minutes. */
const WEIGHT = 1 / 60;

const minuteOf = (at: Instant): number => Math.floor(at / minutes(1));

function burstAt(rate: Rate, at: Instant): boolean {
  // Lines that come late count for the present minute.
  const passed = Math.max(0, minuteOf(at) - rate.minute);
  if (passed > 0) {
    rate.usual = (rate.usual + (rate.count - rate.usual) * WEIGHT) * (1 - WEIGHT) ** (passed - 1);
    Object.assign(rate, { minute: rate.minute + passed, count: 0, told: false });
  }
  rate.count += 1;
  if (rate.told || rate.count <= FEW || rate.count <= FAR_ABOVE * rate.usual) return false;
  rate.told = true;
  return true;
}
