import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonLine, type LogEntry, textLine } from '../../watchdog/adapters/log-lines.ts';

const entry = (changes: Partial<LogEntry> = {}): LogEntry => ({
  time: '2026-01-31T12:00:00.000Z',
  level: 'warn',
  message: 'repair failed',
  values: {},
  ...changes,
});

test('a line for people has fixed words first and then the values', () => {
  const values = {
    service: 'shop/web',
    attempt: 2,
    because: 'no such image',
    reason: undefined,
    ports: [80, 81],
    empty: '',
  };

  expect(textLine(entry({ values }))).toBe(
    '2026-01-31T12:00:00.000Z warn  repair failed service=shop/web attempt=2 because="no such image" ports=80,81 empty=""',
  );
});

test('a line of the file is one JSON object', () => {
  const line = jsonLine(entry({ values: { service: 'shop/web', attempt: 2, ports: [80], reason: undefined } }));

  expect(JSON.parse(line)).toEqual({
    time: '2026-01-31T12:00:00.000Z',
    level: 'warn',
    message: 'repair failed',
    service: 'shop/web',
    attempt: 2,
    ports: [80],
  });
});

describe.each([
  ['text', textLine],
  ['JSON', jsonLine],
])('in %s', (_name, line) => {
  test.each([
    ['in the message', entry({ message: 'asked postgres://u:hunter2@db' })],
    ['in a value', entry({ values: { error: 'login with password=hunter2 failed' } })],
    ['named by the value', entry({ values: { token: 'hunter2' } })],
    ['in a list', entry({ values: { command: ['psql', 'postgres://u:hunter2@db'] } })],
  ])('a secret %s is not written', (_where, secret) => {
    expect(line(secret)).not.toContain('hunter2');
  });

  test('what a container prints can neither steer a terminal nor forge a line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, output) => {
        const written = line(
          entry({ message: `\u001b[2J\r\n${message}`, values: { output: `\u009b1m\u202e${output}` } }),
        );

        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
        expect(written).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
      }),
    );
  });
});

test('what was neutralised is still told', () => {
  expect(textLine(entry({ message: 'said \u001b[2J' }))).toContain('said \\u001b[2J');
  expect(JSON.parse(jsonLine(entry({ message: 'said \u001b[2J\u009b' })))).toMatchObject({
    message: 'said \u001b[2J\u009b',
  });
});
