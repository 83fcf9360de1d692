import { describe, expect, test } from '@jest/globals';
import { compileMask } from '../../../watchdog/diagnose/log-errors/compile-mask.ts';
import { whySlow } from '../../architecture/laws.ts';

const USABLE = [
  ['CUST-[0-9]{6,12}', 'for cust-123456 only', 'for *** only'],
  ['sk_live_[A-Za-z0-9]{8,64}', 'key sk_live_abcDEF123456, used', 'key ***, used'],
  ['\\b[A-Z]{2}\\d{2}[A-Z0-9]{10,30}\\b', 'to DE89370400440532013000.', 'to ***.'],
  ['(?:internal|secret)-host-\\d{1,4}', 'at internal-host-7, secret-host-8', 'at ***, ***'],
] as const;

describe('a mask', () => {
  test.each(USABLE)('%s hides what it matches, in either case, wherever it stands', (source, text, hidden) => {
    const compiled = compileMask(source);

    expect('regExp' in compiled && text.replace(compiled.regExp, '***')).toBe(hidden);
  });

  test.each(USABLE.map(([source]) => source))('%s takes no longer than its text is long', source => {
    const compiled = compileMask(source);

    expect('regExp' in compiled && whySlow(compiled.regExp)).toBeUndefined();
  });

  test.each([
    ['(?:a+)+b{4}', 'catastrophic backtracking'],
    ['(?:[a-z]+[0-9]*)*done', 'catastrophic backtracking'],
    ['token-.*-end', 'catastrophic backtracking'],
    ['[0-9]+@shop', 'catastrophic backtracking'],
    ['(?:a|ab|b){2,40}cccc', 'catastrophic backtracking'],
    ['[a-z]{4,5000}', 'catastrophic backtracking'],
    ['a{4,1001}', 'catastrophic backtracking'],
    ['(?:abcd|[a-z]{4,1001})', 'catastrophic backtracking'],
    ['(?:^)*abcd', 'catastrophic backtracking'],
    ['^abc$', 'can match 3 characters'],
    ['ab(c)defg', '"c)defg" at character 4'],
    ['.{0,3}', 'can match 0 characters'],
    ['abc', 'can match 3 characters'],
    ['longer|x', 'can match 1 characters'],
    ['(?=secret)', 'at character'],
    ['(a)\\1{4}', 'at character'],
    ['[unclosed', 'at character'],
    ['', 'can match 0 characters'],
  ])('cannot be %j: %s', (source, found) => {
    expect(compileMask(source)).toEqual({ found: expect.stringContaining(found), expected: expect.any(String) });
  });

  test('may take a thousand steps for a character', () => {
    expect(compileMask('a{4,1000}')).toHaveProperty('regExp');
  });

  test.each([
    ['abc', 'at least 4 characters that must be there'],
    ['a{4,}', 'repetitions with small bounds, such as [A-Z0-9]{8,64} in place of [A-Z0-9]+'],
  ])('that cannot be %j says what could be', (source, expected) => {
    expect(compileMask(source)).toMatchObject({ expected });
  });
});
