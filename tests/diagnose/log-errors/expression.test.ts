import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Expression, parseExpression } from '../../../watchdog/diagnose/log-errors/expression.ts';
import { MOST_WAYS, waysOf } from '../../../watchdog/diagnose/log-errors/expression-steps.ts';
import { requiredWords } from '../../../watchdog/diagnose/log-errors/required-words.ts';

function treeOf(source: string): Expression {
  const parsed = parseExpression(source);
  if ('fault' in parsed) throw new Error(`${source}: ${parsed.fault.expected}`);
  return parsed.tree;
}

describe('an expression is refused', () => {
  test.each([
    ['looking ahead', 'a(?=b)', '(?:…) or (?<name>…); looking around is not possible'],
    ['looking behind', '(?<!a)b', '(?:…) or (?<name>…); looking around is not possible'],
    ['a group without a name or colon', '(abc)', '(?:…) or (?<name>…); looking around is not possible'],
    ['a reference back', '(?<a>b)\\1', '\\d, \\w, \\s, \\b, \\n, \\t or a punctuation mark'],
    ['a quantifier of nothing', '*a', '\\* where the character itself is meant'],
    ['a quantifier of a quantifier', 'a{2}{3}', 'one quantifier, not several'],
    ['a quantifier of an anchor', '\\b*a', 'no quantifier behind an anchor'],
    ['bounds the wrong way round', 'a{3,2}', 'bounds in order'],
    ['a group without an end', '(?:a', 'the end of the group'],
    ['an end without a group', 'a)', 'no bracket that was never opened'],
    ['a set without an end', '[a-', 'more'],
    ['a range the wrong way round', '[z-a]', 'a range such as a-z'],
    ['a range to a class', '[a-\\d]', 'a range such as a-z'],
    ['what makes a group further on in one', '(a?:b)', '(?:…) or (?<name>…); looking around is not possible'],
    ['groups in groups without measure', `${'(?:'.repeat(60)}a${')'.repeat(60)}`, 'at most 50 groups in one another'],
  ])('for %s', (_, source, expected) => {
    expect(parseExpression(source)).toEqual({ fault: expect.objectContaining({ expected }) });
  });

  test.each([
    ['at its end', '(?:a', { at: 4, found: 'the end' }],
    ['at the sign that is not meant so', 'ab*+c', { at: 4, found: 'c' }],
    ['at a quantifier of nothing', 'a|*bc', { at: 2, found: '*bc' }],
    ['at the letter behind a backslash', 'ab\\qc', { at: 3, found: 'qc' }],
    ['in no more than twenty letters', `(${'x'.repeat(40)})`, { at: 1, found: 'x'.repeat(20) }],
  ])('with the place of what is wrong: %s', (_, source, place) => {
    expect(parseExpression(source)).toEqual({ fault: expect.objectContaining(place) });
  });

  test('with the place of what is wrong', () => {
    expect(parseExpression('port (80|90)')).toEqual({
      fault: { at: 6, found: '80|90)', expected: '(?:…) or (?<name>…); looking around is not possible' },
    });
  });
});

/** Expressions of the language, with the texts that they match made beside them. */
const expressions = fc.letrec<{ any: string; atom: string }>(tie => ({
  atom: fc.oneof(
    fc.constantFrom('a', 'b', 'ab', '\\.', '[ab]', '[^a]', '\\d', '\\w', '.', 'error ', '\\b', '^', '$'),
    fc.tuple(tie('any'), fc.constantFrom('(?:', '(?<n>')).map(([inside]) => `(?:${inside})`),
  ),
  any: fc
    .array(fc.tuple(tie('atom'), fc.constantFrom('', '', '?', '{0,3}', '{2}', '*', '+')), {
      minLength: 1,
      maxLength: 4,
    })
    .chain(parts =>
      fc
        .constantFrom('', '|')
        .map(glue =>
          parts
            .map(([atom, quantifier]) =>
              /^(?:\\b|\^|\$)$/.test(atom)
                ? atom
                : `${atom.length > 2 && !/^[[(]/.test(atom) ? `(?:${atom})` : atom}${quantifier}`,
            )
            .join(glue),
        ),
    ),
})).any;

describe('an expression of the language', () => {
  test('may have fifty groups in one another', () => {
    expect(parseExpression(`${'(?:'.repeat(50)}a${')'.repeat(50)}`)).toHaveProperty('tree');
  });

  test('is one of JavaScript', () => {
    fc.assert(
      fc.property(expressions, source => {
        if ('fault' in parseExpression(source)) return;
        expect(() => new RegExp(source, 'im')).not.toThrow();
      }),
    );
  });

  test('whatever it is, is read or refused, and nothing is thrown', () => {
    fc.assert(fc.property(fc.string(), source => void parseExpression(source)));
  });

  test('matches no text without one word of each set that it needs', () => {
    const texts = fc.string({
      unit: fc.constantFrom('a', 'b', 'e', 'r', 'o', ' ', '.', '1', 'E', '\n'),
      maxLength: 30,
    });

    fc.assert(
      fc.property(expressions, texts, (source, text) => {
        // What may be tried without end is refused; here it would be tried without end.
        const tree = treeOf(source);
        if (waysOf(tree) > MOST_WAYS || !new RegExp(source, 'im').test(text)) return;
        const missing = requiredWords(tree).filter(words => !words.some(word => text.toLowerCase().includes(word)));
        expect(missing).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the ways that may be tried from one place', () => {
  test.each([
    ['are one where all is said', 'connection refused', 1],
    ['are one where a repetition can end in one place only', '"[^"]*" failed', 1],
    ['are as many as a gap can be long', 'a.{0,80}b', 81],
    ['multiply where gaps follow each other', 'a.{0,80}b.{0,80}c', 81 * 81],
    ['count once for alternatives of which only one can match', '(?:refused|reset)', 1],
    ['count for each alternative that begins as another does', '(?:re|reset)x', 2],
    ['count for each time a group may be repeated', '(?:ab?){1,2}c', 2],
    ['are those of the longest of alternatives of which only one can match', '(?:x.{0,9}y|z)w', 10],
    ['count once for alternatives that differ in their last character', '(?:re|rs)x', 1],
    ['count for alternatives that differ only behind what may be missing', '(?:ab?c|ad)x', 2],
    ['count for alternatives of which one may begin in two ways', '(?:a?b|cd)x', 2],
    ['count for a group that may be empty or missing', '(?:a{0,2})?b', 2],
    ['are one before what cannot be missing', 'a{0,3}b+a', 1],
    ['count before alternatives of which one may be empty', 'a{0,3}(?:b|c?)a', 8],
    ['count before a group that may begin with its second part', 'a{0,3}(?:b?a)c', 4],
    ['count before a group that may be empty', 'a{0,3}(?:b?c?)a', 4],
    ['count before an underscore, which words have', '\\w{0,3}_', 4],
    ['are one before the end of a line', '.{0,3}\\r', 1],
    ['are no more where as few as possible are taken', 'a.{0,80}?b', 81],
    ['count before a digit, which a class in a set has', '[\\da]{0,3}5', 4],
    ['count before a letter of a range in a set', '[xa-c]{0,3}b', 4],
    ['count before the last of the letters in a set', '[xb]{0,3}b', 4],
    ['are one before what a range of one letter has not', '[a-a]{0,3}b', 1],
    ['count before a letter beyond ASCII, though another one is left out', '[^é]{0,3}ü', 4],
    ['count before a letter of a range beyond ASCII', '[à-ü]{0,3}é', 4],
    ['count for a tab before a space', '\\t{0,3}\\s', 4],
    ['count before what no text has', 'a{0,3}[]', 4],
    ['count for an anchor that may be missing', 'a(?:$)?', 2],
  ])('%s', (_, source, ways) => {
    expect(waysOf(treeOf(source))).toBe(ways);
  });

  test.each([
    ['nested repetitions', '(?:a+)+b'],
    ['a repeated group of alternatives that overlap', '(?:a|aa)+b'],
    ['a repeated group', '(?:[a-z]+\\.)*com'],
    ['two gaps without bounds', 'a.*b.*c'],
    ['three gaps with large ones', 'a.{0,99}b.{0,99}c.{0,99}d'],
    ['optional parts without end', `${'a?'.repeat(30)}${'a'.repeat(30)}`],
    ['a large count of a group with choices', '(?:a{0,9}b?){0,20}c'],
  ])('are too many for %s', (_, source) => {
    expect(waysOf(treeOf(source))).toBeGreaterThan(MOST_WAYS);
  });
});

describe('the words that an expression needs', () => {
  test.each([
    ['are what is longest', 'open\\(\\) .{0,80}permission denied', [['permission denied'], ['open() ']]],
    ['are one of each alternative', '(?:refused|not known)$', [['refused', 'not known']]],
    ['are in small letters', 'FATAL CONFIG', [['fatal config']]],
    [
      'do not span what JSON may write in another way',
      'relation "[^"]+" does not exist',
      [[' does not exist'], ['relation ']],
    ],
    ['do not span what may be missing', 'name is?n.t known', [['t known'], ['name i']]],
    ['are those of a group that is there at least once', '\\d(?:refused){1,2}', [['refused']]],
    [
      'are first those whose shortest is longest',
      '(?:tiny|very long indeed)\\dmiddle',
      [['middle'], ['tiny', 'very long indeed']],
    ],
    [
      'are rather few of one length than many',
      '(?:aaaaa|bbbbb|ccccc|ddddd|eeeee|fffff)\\dggggg',
      [['ggggg'], ['aaaaa', 'bbbbb', 'ccccc', 'ddddd', 'eeeee', 'fffff']],
    ],
    [
      'are rather many than shorter ones',
      '(?:aaaaa|bbbbb|ccccc|ddddd|eeeee|fffff)\\dgggg',
      [['aaaaa', 'bbbbb', 'ccccc', 'ddddd', 'eeeee', 'fffff'], ['gggg']],
    ],
    ['are in three sets at most', 'aaaa\\dbbbbb\\dcccccc\\dddddddd', [['ddddddd'], ['cccccc'], ['bbbbb']]],
    ['are told once each', '(?:refused|refused)\\d', [['refused']]],
    [
      'are up to four as good as one',
      '(?:aaaaa|bbbbb|ccccc|ddddd)\\dggggg',
      [['aaaaa', 'bbbbb', 'ccccc', 'ddddd'], ['ggggg']],
    ],
  ])('%s', (_, source, words) => {
    expect(requiredWords(treeOf(source))).toEqual(words);
  });

  test.each([
    ['there is only a class', '\\d+ \\w+'],
    ['one alternative has none', 'connection|\\d+'],
    ['all are short', 'a.b.c'],
  ])('are none where %s', (_, source) => {
    expect(requiredWords(treeOf(source))).toEqual([]);
  });
});
