import { describe, expect, test } from '@jest/globals';
import { compilePattern, findPattern, patternFaults } from '../../../watchdog/diagnose/log-errors/compile-pattern.ts';
import type { LogPattern } from '../../../watchdog/domain/log-error.ts';
import { aPattern } from './a-pattern.ts';

const LOOKING = '(?:…) or (?<name>…); looking around is not possible';

describe('what is wrong with a pattern is told', () => {
  test('with the place of an expression and the character in it', () => {
    expect(patternFaults(aPattern({ expressions: ['the payment failed', 'payment (?=x)'] }))).toEqual([
      { path: ['expressions', 1], found: '"?=x)" at character 10', expected: LOOKING },
    ]);
  });

  test('for each of its parts, all at once', () => {
    const pattern = aPattern({ expressions: ['(?=a)'], with: ['b', '(?=b)'], unless: ['(?=c)'] });

    expect(patternFaults(pattern).map(({ path }) => path)).toEqual([
      ['expressions', 0],
      ['with', 1],
      ['unless', 0],
    ]);
  });

  test('when it could be tried for ever', () => {
    expect(patternFaults(aPattern({ expressions: ['payment (?:a+)+ failed'] }))).toEqual([
      {
        path: ['expressions', 0],
        found: 'an expression that can try too many ways (catastrophic backtracking)',
        expected: expect.stringContaining('repetitions with small bounds such as .{0,80}'),
      },
    ]);
  });

  test('nowhere, where it can be tried in ten thousand ways', () => {
    expect(patternFaults(aPattern({ expressions: ['payment.{0,99}was.{0,99}lost'], misses: ['paid'] }))).toEqual([]);
  });

  test('when it would have to be tried on every line; what only comes beside an expression need not be sought', () => {
    expect(patternFaults(aPattern({ expressions: ['\\d+'] }))).toEqual([
      {
        path: ['expressions', 0],
        found: 'an expression that would have to be tried on every line',
        expected: expect.stringMatching(
          /^at least \d plain characters in a row that must be there, in every alternative$/,
        ),
      },
    ]);
    expect(patternFaults(aPattern({ with: ['\\d+'], unless: ['\\d{3}'] }))).toEqual([]);
  });

  test.each<[string, Partial<LogPattern>, object]>([
    [
      'that it should match',
      { matches: ['the payment failed', 'all is well'] },
      { path: ['matches', 1], found: '"all is well"', expected: 'a line that the expressions match' },
    ],
    [
      'that it should not match',
      { misses: ['all is well', 'THE PAYMENT FAILED'] },
      { path: ['misses', 1], found: '"THE PAYMENT FAILED"', expected: 'a line that the expressions do not match' },
    ],
  ])('when it reads an example in another way than one %s', (_sentence, examples, fault) => {
    expect(patternFaults(aPattern(examples))).toEqual([fault]);
  });

  test('nowhere, where its examples are read as they say, whatever was put around them', () => {
    expect(
      patternFaults(aPattern({ matches: ['{"msg":"the payment failed"}'], misses: ['the payment went through'] })),
    ).toEqual([]);
  });
});

describe('a pattern is found', () => {
  const found = (change: Partial<LogPattern>, text: string) => {
    const compiled = compilePattern(aPattern(change));
    return 'compiled' in compiled && findPattern(compiled.compiled, text)?.[0];
  };

  test.each<[string, Partial<LogPattern>, string, string | undefined]>([
    [
      'by its first expression that matches',
      { expressions: ['refused', 'reset by peer'] },
      'reset by peer',
      'reset by peer',
    ],
    [
      'only beside one of what it wants beside it',
      { with: ['card', 'bank'] },
      'the payment failed at the bank',
      'the payment failed',
    ],
    ['not without any of that', { with: ['card', 'bank'] }, 'the payment failed', undefined],
    ['not beside what speaks against it', { unless: ['test', 'dry run'] }, 'dry run: the payment failed', undefined],
    [
      'on any line of a record, with the anchors of that line',
      { expressions: ['^payment lost$'] },
      'one\nPayment lost\ntwo',
      'Payment lost',
    ],
  ])('%s', (_sentence, change, text, expected) => {
    expect(found(change, text)).toBe(expected);
  });
});
