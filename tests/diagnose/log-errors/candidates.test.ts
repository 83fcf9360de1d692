import { describe, expect, test } from '@jest/globals';
import { candidatesFor } from '../../../watchdog/diagnose/log-errors/candidates.ts';
import { compilePattern } from '../../../watchdog/diagnose/log-errors/compile-pattern.ts';
import type { LogPattern } from '../../../watchdog/domain/log-error.ts';
import { aPattern } from './a-pattern.ts';

const PAYMENT = aPattern({ name: 'payment', expressions: ['payment failed', 'card .{0,20}refused'] });
const QUIET = aPattern({ name: 'quiet', type: 'NONE', expressions: ['retrying soon'] });

function candidates(...patterns: readonly LogPattern[]) {
  const sought = candidatesFor(
    patterns.flatMap(pattern => {
      const result = compilePattern(pattern);
      return 'compiled' in result ? [result.compiled] : [];
    }),
  );
  return (text: string) => {
    const found = sought.in(text);
    return found && Object.fromEntries([...found].map(([{ pattern }, tried]) => [pattern.name, [...tried].sort()]));
  };
}

describe('which patterns a text may match is known by their words:', () => {
  test.each<[sentence: string, text: string, found: Record<string, number[]> | undefined]>([
    ['none where there is none of them', 'all is well', undefined],
    ['the one whose words are there, in whatever letters', 'PAYMENT FAILED', { payment: [0] }],
    ['with the expression whose words are there', 'the card was refused', { payment: [1] }],
    ['with each of them', 'payment failed: card refused', { payment: [0, 1] }],
    ['not where only some of what an expression needs is there', 'the card was taken', undefined],
    ['none where only a harmless line may match', 'retrying soon', undefined],
    ['a harmless line beside an error', 'payment failed, retrying soon', { payment: [0], quiet: [0] }],
  ])('%s', (_sentence, text, found) => {
    expect(candidates(PAYMENT, QUIET)(text)).toEqual(found);
  });

  test('what has to stand beside an expression counts as well, unless it may be anything', () => {
    const beside = aPattern({ name: 'beside', expressions: ['payment failed'], with: ['at the bank', 'by card'] });
    const anything = aPattern({ name: 'anything', expressions: ['payment failed'], with: ['at the bank', '\\d'] });
    const inText = candidates(beside, anything);

    expect(inText('payment failed')).toEqual({ anything: [0] });
    expect(inText('payment failed by card')).toEqual({ anything: [0], beside: [0] });
  });

  test('of what was in the text before nothing is left', () => {
    const inText = candidates(PAYMENT);

    expect(inText('payment failed, the card')).toEqual({ payment: [0] });
    expect(inText('refused')).toBeUndefined();
    expect(inText('payment failed')).toEqual({ payment: [0] });
  });

  test('two patterns that need the same words are both found', () => {
    const inText = candidates(PAYMENT, aPattern({ name: 'other', expressions: ['payment failed'] }));

    expect(inText('payment failed')).toEqual({ payment: [0], other: [0] });
  });
});
