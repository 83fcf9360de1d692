import type { RecognisedError } from './log-error.ts';
import { mask } from './mask.ts';

/** An error and the record that told of it without secrets: what was captured of one is hidden as well. */
export function maskedError(
  error: RecognisedError,
  record: string,
  longest: number,
): { readonly error: RecognisedError; readonly sample: string } {
  const masked = mask(record);
  const captures = Object.entries(error.captures).map(([name, text]) => [name, masked.includes(text) ? text : HIDDEN]);
  return { error: { ...error, captures: Object.fromEntries(captures) }, sample: masked.slice(0, longest) };
}

const HIDDEN = '***';
