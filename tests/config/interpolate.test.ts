// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables to be filled in
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InterpolationError, interpolate } from '../../watchdog/config/interpolate.ts';

const env = { A: 'one', B: 'two', EMPTY: '' };

describe('variables are filled in as Compose does it', () => {
  test.each([
    ['plain', 'plain'],
    ['$A', 'one'],
    ['${A}', 'one'],
    ['<$A-${B}>', '<one-two>'],
    ['$$A costs $$5', '$A costs $5'],
    ['${NONE:-default}', 'default'],
    ['${NONE-default}', 'default'],
    ['${EMPTY:-default}', 'default'],
    ['${EMPTY-default}', ''],
    ['${A:-default}', 'one'],
    ['${NONE:-}', ''],
    ['${NONE:-${B}}', 'two'],
    ['${NONE:-${NEITHER:-last}}!', 'last!'],
    ['${A:-${NONE}}', 'one'],
    ['${A:+other}', 'other'],
    ['${EMPTY:+other}', ''],
    ['${EMPTY+other}', 'other'],
    ['${NONE+${NONE}}', ''],
    ['${A:?needed}', 'one'],
    ['${EMPTY?needed}', ''],
    ['${NONE:-a:b}', 'a:b'],
    ['}', '}'],
  ])('%s is "%s"', (text, expected) => {
    expect(interpolate(text, env)).toBe(expected);
  });
});

describe('what cannot be filled in is said', () => {
  test.each([
    ['$NONE', 'the variable NONE, which is not set and has no default'],
    ['${NONE}', 'the variable NONE, which is not set'],
    ['${NONE:?set it to the host}', 'the variable NONE, which is required: set it to the host'],
    ['${EMPTY:?}', 'the variable EMPTY, which is required: not set'],
    ['${NONE:-${NEITHER}}', 'the variable NEITHER'],
    ['${A', 'a $ that begins no variable'],
    ['${A:-x', 'a brace that $ opens and nothing closes'],
    ['5$', 'a $ that begins no variable'],
    ['${1}', 'a $ that begins no variable'],
    ['${constructor}', 'the variable constructor, which is not set'],
    ['${A+'.repeat(20), 'nested more than 10 deep'],
  ])('%s', (text, message) => {
    expect(() => interpolate(text, env)).toThrow(message);
  });
});

test('any text is filled in, or refused with a reason, and doubling the dollars protects it', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', ':', '-', '?', '+', 'x') }), text => {
      expect(interpolate(text.replaceAll('$', '$$$$'), {})).toBe(text);
      try {
        interpolate(text, env);
      } catch (error) {
        expect(error).toBeInstanceOf(InterpolationError);
      }
    }),
  );
});
