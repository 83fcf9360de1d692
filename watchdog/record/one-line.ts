import { mask } from '../domain/mask.ts';

const LONGEST_LINE = 500;

/** Text from elsewhere as one line without secrets, cut where it is too long for people. */
export function oneLine(text: string, longest: number = LONGEST_LINE): string {
  // Masked whole and before it is cut, or half a secret would not be recognised.
  const whole = withoutControls(mask(text)).trim();
  return whole.length > longest ? `${whole.slice(0, longest - 1)}…` : whole;
}

/** Without control characters, and without the direction marks that reorder what is read (Trojan Source, CVE-2021-42574). */
export const withoutControls = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ');

/** As a shell reads it as one word. Names come from labels, which may hold anything. */
export const quoted = (word: string): string =>
  /^[\w.-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
