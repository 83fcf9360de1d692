import { mask } from '../../domain/mask.ts';

const LONGEST = 200;

// In this order: what holds other things goes first. Every repetition is bounded, or ends where it can only end.
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '<id>'],
  [/\b\d{4}[-/]\d\d[-/]\d\d[T ]?/g, ''],
  [/\b\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?/g, '<time>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '<address>'],
  [/\b0x[0-9a-f]+\b/gi, '<id>'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,128}\b/gi, '<id>'],
  [/"[^"]{1,200}"/g, '"…"'],
  [/'[^']{1,200}'/g, "'…'"],
  [/(?<![\w.])\/(?:[\w.@+-]+\/){1,30}[\w.@+-]*/g, '<path>'],
  [/\d+/g, '<n>'],
];

/**
 * What is always the same about a message: its first line with numbers, addresses, ids, times, paths and quoted words taken
 * out, and without secrets. Records with one template differ in nothing that matters.
 */
export function messageTemplate(text: string): string {
  const [first = ''] = text.split('\n', 1);
  // Masked before it is cut: half a secret is one that nothing recognises any more.
  const masked = mask(first).slice(0, 2 * LONGEST);
  return VARIABLE.reduce((template, [found, shown]) => template.replace(found, shown), masked)
    .trim()
    .slice(0, LONGEST);
}
