import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type LogRecord, lineJoiner, type RecordBounds } from '../../../watchdog/diagnose/log-errors/join-lines.ts';

/** The records of lines that came ten milliseconds after each other. */
function recordsOf(text: string, bounds?: RecordBounds): LogRecord[] {
  const joiner = lineJoiner(bounds);
  const records = text.split('\n').map((line, index) => joiner.add(line, index * 10));
  return [...records, joiner.end()].filter(record => record !== undefined);
}

const textsOf = (text: string) => recordsOf(text).map(record => record.text);

describe('one record are', () => {
  test.each([
    [
      'a trace of Python',
      'Traceback (most recent call last):\n  File "/app/a.py", line 3, in <module>\n    go()\nValueError: no',
    ],
    [
      'what was logged with a trace of Python',
      'ERROR upload failed\nTraceback (most recent call last):\n  File "/app/a.py", line 3, in go\nOSError: no',
    ],
    [
      'a chain of Python',
      'Traceback (most recent call last):\n  File "/a.py", line 3, in go\nKeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "/a.py", line 5, in go\nValueError: no',
    ],
    [
      'a trace of Java with its cause',
      'java.lang.IllegalStateException: no\n\tat com.acme.A.b(A.java:7)\nCaused by: java.io.IOException: full\n\t... 4 more',
    ],
    [
      'what was logged with a trace of Java',
      '2025-03-05 ERROR c.a.Shop - failed\njava.io.FileNotFoundException: no\n\tat com.acme.A.b(A.java:7)',
    ],
    [
      'a trace of Node with its fields',
      "Error: connect refused\n    at TCP (node:net:1)\n {\n  errno: -111,\n  code: 'X'\n}",
    ],
    ['a panic of Go', 'panic: no\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:4 +0x1d\nexit status 2'],
    [
      "PostgreSQL's further lines",
      '2025-03-05 10:11:12 UTC [1] FATAL:  lock file exists\n2025-03-05 10:11:12 UTC [1] HINT:  Is another one running?',
    ],
    [
      'a trace whose indentation was lost',
      'java.io.IOException: no\n... 12 more\nSuppressed: java.io.IOException: full',
    ],
    ['what an object with a list in it ends with', 'Error: no {\n  codes: [\n    1\n]},\n})'],
    ['a goroutine that is not the first', 'goroutine 17 [running]:\nmain.main()'],
    ['a panic in one', 'panic: no\n\ngoroutine 17 [running]:\nmain.main()'],
    ["psql's further lines", 'ERROR:  no\nHINT: Is the server running?'],
    ['coloured lines', '\u001b[31mError: no\u001b[0m\n\u001b[31m    at a (b.js:1)\u001b[0m'],
  ])('%s', (_, text) => {
    expect(textsOf(text)).toEqual([text]);
  });
});

describe('several records are', () => {
  test.each([
    ['lines of their own', ['one', 'two', '{"msg":"three"}']],
    [
      'two traces of Java',
      ['java.io.IOException: a\n\tat A.b(A.java:7)', 'java.io.IOException: b\n\tat A.b(A.java:7)'],
    ],
    [
      'a trace of Python and what follows it',
      ['Traceback (most recent call last):\n  File "/a.py", line 3, in go\nValueError: no', 'INFO next'],
    ],
    ['a line, and one that begins with the end of a block', ['one', '} else two']],
    ['what is said about a trace, and the next line', ['see Traceback (most recent call last): below', 'one']],
    ['what is said about a panic, and the next line', ['the shop said panic: no', 'exit status 2']],
    ['a panic, and what is said about a call', ['panic: no', 'main.main() was called']],
    ['a line, and one that tells of a cause', ['one', 'it was Caused by: two']],
    ['a line, and one that tells of an exception of Java', ['one', 'it was java.io.IOException: full']],
    ['two statements of PostgreSQL', ['a [1] ERROR:  x\na [1] STATEMENT:  SELECT 1', 'a [1] ERROR:  y']],
  ])('%s', (_, texts) => {
    expect(textsOf(texts.join('\n'))).toEqual(texts);
  });

  test('a line, and an indented one that comes long after', () => {
    const joiner = lineJoiner({ lines: 9, length: 99, pause: 1_000 });

    expect(joiner.add('one', 0)).toBeUndefined();
    expect(joiner.add('  two', 1_000)).toBeUndefined();
    expect(joiner.add('  three', 2_001)).toEqual({ text: 'one\n  two', at: 0, left: 0 });
    expect(joiner.end()).toEqual({ text: '  three', at: 2_001, left: 0 });
  });
});

test('a record is given away once nothing can be added any more', () => {
  const joiner = lineJoiner({ lines: 9, length: 99, pause: 1_000 });
  joiner.add('one', 500);

  expect(joiner.due(1_500)).toBeUndefined();
  expect(joiner.due(1_501)).toEqual({ text: 'one', at: 500, left: 0 });
  expect(joiner.due(9_999)).toBeUndefined();
  expect(joiner.end()).toBeUndefined();
});

test('a record that is too long keeps its beginning, and says how many lines were left out', () => {
  const [record] = recordsOf(['one', ...Array.from({ length: 10 }, () => '  more')].join('\n'), {
    lines: 3,
    length: 99,
    pause: 1_000,
  });

  expect(record).toEqual({ text: 'one\n  more\n  more', at: 0, left: 8 });
});

describe('of a record', () => {
  const bounds = { lines: 9, length: 10, pause: 1_000 };

  test('that is still open, one can see what there is of it so far', () => {
    const joiner = lineJoiner();

    expect(joiner.peek()).toBeUndefined();
    joiner.add('one', 7);
    joiner.add('  two', 8);
    expect(joiner.peek()).toEqual({ text: 'one\n  two', at: 7, left: 0 });
    expect(joiner.end()).toEqual({ text: 'one\n  two', at: 7, left: 0 });
    expect(joiner.peek()).toBeUndefined();
  });

  test('the first line is cut where it is longer than a record may be', () => {
    expect(recordsOf('0123456789ab', bounds)).toEqual([{ text: '0123456789', at: 0, left: 0 }]);
  });

  test('the line that crosses its bound is cut there, and those behind it are left out', () => {
    expect(recordsOf('one\n  two\n three\n four', bounds)).toEqual([{ text: 'one\n  two\n t', at: 0, left: 1 }]);
    expect(recordsOf('one\n  67890\n x\n y', bounds)).toEqual([{ text: 'one\n  67890', at: 0, left: 2 }]);
  });

  test('empty lines at the end are no part', () => {
    expect(textsOf('panic: no\n\n\nINFO next')).toEqual(['panic: no', 'INFO next']);
  });

  test('an empty line alone is one', () => {
    expect(textsOf('one\n\ntwo')).toEqual(['one', '', 'two']);
  });

  test('a pause counts from its last line, not from its first', () => {
    const joiner = lineJoiner(bounds);
    joiner.add('a', 0);
    joiner.add(' b', 900);

    expect(joiner.add(' c', 1_900)).toBeUndefined();
    expect(joiner.add(' d', 2_901)).toEqual({ text: 'a\n b\n c', at: 0, left: 0 });
  });

  test('an empty line inside a trace of Python does not end it', () => {
    const trace = 'Traceback (most recent call last):\n  File "/a.py", line 3, in go\n\n  File "/b.py"\nKeyError: 1';

    expect(textsOf(`${trace}\nINFO next`)).toEqual([trace, 'INFO next']);
  });

  test('what only a panic of Go goes on with does not go on with anything else', () => {
    expect(textsOf('one\nexit status 2')).toEqual(['one', 'exit status 2']);
    expect(textsOf('panic: no\none')).toEqual(['panic: no', 'one']);
  });
});

test('whatever is written, no record is beyond its bounds and no line is lost or told twice', () => {
  const line = fc.oneof(
    fc.constantFrom(
      'Traceback (most recent call last):',
      '  File "a"',
      'ValueError: no',
      '',
      'panic: no',
      'goroutine 1 [running]:',
      '\tat a',
      'Caused by: x',
      'plain',
      '}',
    ),
    fc.string({ maxLength: 60 }).map(text => text.replaceAll('\n', ' ')),
  );
  const bounds = { lines: 5, length: 80, pause: 1_000 };

  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 60 }), lines => {
      const records = recordsOf(lines.join('\n'), bounds);
      for (const { text } of records) {
        expect(text.split('\n').length).toBeLessThanOrEqual(5);
        expect(text.replaceAll('\n', '').length).toBeLessThanOrEqual(80);
      }
      const told = records.reduce((sum, { text, left }) => sum + text.split('\n').length + left, 0);
      expect(told).toBeLessThanOrEqual(lines.length);
      // Only empty lines at the end of a record may be missing.
      expect(told).toBeGreaterThanOrEqual(lines.filter(text => text !== '').length);
    }),
  );
});
