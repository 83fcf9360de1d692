import { describe, expect, test } from '@jest/globals';
import { entriesOf, withVariable } from '../../watchdog/domain/env-file.ts';

// The examples are those of docs.docker.com/compose/env-file, and what compose-go's `dotenv/parser.go` makes of the rest;
// tests/engine/env-file.test.ts has Compose itself read what is written.

const readAs = (text: string) => {
  const entries = entriesOf(text);
  return typeof entries === 'string' ? entries : entries.map(({ name, value, literal }) => [name, value, literal]);
};

describe('an environment file', () => {
  test.each([
    ['a plain value', 'VAR=VAL\n', [['VAR', 'VAL', true]]],
    ['none', 'VAR=', [['VAR', '', true]]],
    ['double quotes', 'VAR="VAL # no comment" # one', [['VAR', 'VAL # no comment', true]]],
    ['single quotes', "VAR='$OTHER'", [['VAR', '$OTHER', true]]],
    ['a comment behind a blank', 'VAR=VAL # a comment', [['VAR', 'VAL', true]]],
    ['what is no comment', 'VAR=VAL# no comment', [['VAR', 'VAL# no comment', false]]],
    ['what may be a comment or not', 'VAR=#x', [['VAR', '', false]]],
    ['comments and blank lines', '# A=1\n\n  \n B=2', [['B', '2', true]]],
    ['export, and blanks around the sign', 'export A = 1', [['A', '1', true]]],
    [
      'interpolation',
      'A=$B\nC="$D"',
      [
        ['A', '$B', false],
        ['C', '$D', false],
      ],
    ],
    ['escapes', String.raw`A="{\"b\": 1}"`, [['A', String.raw`{\"b\": 1}`, false]]],
    [
      'a value of several lines',
      "A='one\ntwo'\nB=1",
      [
        ['A', 'one\ntwo', true],
        ['B', '1', true],
      ],
    ],
    [
      'lines that end as on Windows',
      'A=1\r\nB=2\r\n',
      [
        ['A', '1', true],
        ['B', '2', true],
      ],
    ],
    [
      'a name alone',
      'HOME\nA=1',
      [
        ['HOME', undefined, false],
        ['A', '1', true],
      ],
    ],
    [
      'duplicates',
      'A=1\nA=2',
      [
        ['A', '1', true],
        ['A', '2', true],
      ],
    ],
  ])('is read with %s', (_, text, expected) => {
    expect(readAs(text)).toEqual(expected);
  });

  test.each([
    ['a line that is none of it', 'A=1\nwhat is this', 'line 2 is no NAME=value'],
    ['the way of YAML', 'A: 1', 'line 1 is no NAME=value'],
    ['a quote that nobody closes', 'A="secret', 'line 1 can be read in more than one way'],
    ['something behind the quotes', 'A="secret"more', 'line 1 can be read in more than one way'],
    ['a backslash before the last quote', String.raw`A='C:\\'`, 'line 1 can be read in more than one way'],
    ['a mark of the order of bytes', '\uFEFFA=1', 'line 1 is no NAME=value'],
  ])('is left alone with %s, and no value is told', (_, text, expected) => {
    expect(readAs(text)).toBe(expected);
  });
});

describe('a variable', () => {
  test.each([
    ['is changed where it stands', '# a\nA=1\nB=2 # why\n', 'B', '3', '# a\nA=1\nB=3 # why\n', 3],
    ['is added at the end', 'A=1', 'B', '2', 'A=1\nB=2\n', 2],
    ['is added to a file that ends with its line', 'A=1\n', 'B', '2', 'A=1\nB=2\n', 2],
    ['is emptied', 'A=1\nB=2', 'A', '', 'A=\nB=2', 1],
    ['loses its quotes where it needs none', "export A='1'\n", 'A', '2', 'export A=2\n', 1],
    ['is quoted for a blank', 'A=1', 'A', ' two words ', "A=' two words '", 1],
    ['is quoted for what would be a comment, or interpolated', 'A=1', 'A', '#$B', "A='#$B'", 1],
    ['is quoted otherwise for a single quote', 'A=1', 'A', "let's", `A="let's"`, 1],
    ['keeps the ends of lines', 'A=1\r\nB=2\r\n', 'A', '3', 'A=3\r\nB=2\r\n', 1],
  ])('%s', (_, text, name, value, expected, line) => {
    expect(withVariable(text, name, value)).toMatchObject({ text: expected, line });
  });

  test.each([
    ['stands there twice', 'A=1\nA=2', 'A', '3', 'A stands in it twice'],
    ['has that value', "A='1'", 'A', '1', 'A has that value in it already'],
    ['is interpolated', 'A=$B', 'A', '1', 'the value of A in it is interpolated or escaped'],
    ['is only named', 'A', 'A', '1', 'the value of A in it is interpolated or escaped'],
    ['is what another is made of', 'A=1\nURL="http://$A/"', 'A', '2', 'the value of URL in it is made of A'],
    [
      'would need escapes',
      'A=1',
      'A',
      'C:\\',
      'the value for A can be quoted in no way that all versions of Compose read alike',
    ],
    [
      'would need both quotes',
      'A=1',
      'A',
      `'"`,
      'the value for A can be quoted in no way that all versions of Compose read alike',
    ],
    ['stands in a file that is not understood', 'A=1\n?', 'A', '2', 'line 2 is no NAME=value'],
  ])('is left to people where it %s', (_, text, name, value, refused) => {
    expect(withVariable(text, name, value)).toEqual({ refused });
  });

  test('is what another is made of also in braces, with a default', () => {
    const braces = ['$', '{A:-x}'].join('');

    expect(withVariable(`A=1\nB=${braces}`, 'A', '2')).toEqual({ refused: 'the value of B in it is made of A' });
  });

  test('is not what another one begins with', () => {
    expect(withVariable('A=1\nB=$AB\nAB=2', 'A', '3')).toMatchObject({ text: 'A=3\nB=$AB\nAB=2' });
  });
});
