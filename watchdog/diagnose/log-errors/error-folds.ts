import type { RecognisedError } from '../../domain/log-error.ts';
import { mask } from '../../domain/mask.ts';
import type { ServiceRef } from '../../domain/service.ts';
import { type Instant, minutes } from '../../domain/time.ts';
import { messageTemplate } from './message-template.ts';

/** All records of one pattern in one service, as one. */
export interface ErrorFold extends ServiceRef {
  readonly error: RecognisedError;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
  readonly count: number;
  /** How often each form of the message came, the commonest first. Those beyond the bound are counted under `…`. */
  readonly variants: readonly { readonly template: string; readonly count: number }[];
  /** The newest record, secrets masked. */
  readonly sample: string;
}

/** What another record of an error means. */
export interface Folded {
  readonly fold: ErrorFold;
  /** This pattern was never seen for this service before, as far as is remembered. */
  readonly isNew: boolean;
  /** The service's errors of this minute are far above its own past; said once a minute. */
  readonly burst: boolean;
}

export interface ErrorFolds {
  add(ref: ServiceRef, error: RecognisedError, text: string, at: Instant): Folded;
  /** Newest first. */
  all(): readonly ErrorFold[];
}

/** What is remembered at most. */
export interface FoldBounds {
  /** Of all services together; the one that was not seen for longest is forgotten for a new one. */
  readonly folds: number;
  readonly variants: number;
  readonly services: number;
}

export const USUAL_FOLD_BOUNDS: FoldBounds = { folds: 2_000, variants: 20, services: 1_000 };

const LONGEST_SAMPLE = 2_000;
const OTHERS = '…';

interface Growing extends ServiceRef {
  error: RecognisedError;
  readonly firstAt: Instant;
  lastAt: Instant;
  count: number;
  readonly variants: Map<string, number>;
  sample: string;
}

/** Folds repeats, so that a loop of ten thousand lines is one error with a count. In memory, bounded. */
export function errorFolds(bounds: FoldBounds = USUAL_FOLD_BOUNDS): ErrorFolds {
  // A Map keeps the order in which keys were set: the first one is the one that was not seen for longest.
  const folds = new Map<string, Growing>();
  const rates = new Map<string, Rate>();

  const touch = <T>(map: Map<string, T>, key: string, value: T, most: number): void => {
    map.delete(key);
    map.set(key, value);
    const [oldest] = map.keys();
    if (map.size > most && oldest !== undefined) map.delete(oldest);
  };

  return {
    add: (ref, error, text, at) => {
      const service = `${ref.project}/${ref.service}`;
      const key = `${service}/${error.pattern}`;
      const known = folds.get(key);
      const fold = known ?? { ...ref, error, firstAt: at, lastAt: at, count: 0, variants: new Map(), sample: '' };
      fold.error = error;
      fold.lastAt = Math.max(fold.lastAt, at);
      fold.count += 1;
      fold.sample = mask(text).slice(0, LONGEST_SAMPLE);
      countVariant(fold.variants, messageTemplate(text), bounds.variants);
      touch(folds, key, fold, bounds.folds);
      const rate = rates.get(service) ?? { minute: minuteOf(at), count: 0, usual: 0, told: false };
      touch(rates, service, rate, bounds.services);
      return { fold: finished(fold), isNew: known === undefined, burst: burstAt(rate, at) };
    },
    all: () => [...folds.values()].reverse().map(finished),
  };
}

function countVariant(variants: Map<string, number>, template: string, most: number): void {
  const name = variants.has(template) || variants.size < most ? template : OTHERS;
  variants.set(name, (variants.get(name) ?? 0) + 1);
}

const finished = ({ variants, ...fold }: Growing): ErrorFold => ({
  ...fold,
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
