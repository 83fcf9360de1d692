import { expect, test } from '@jest/globals';
import { envChangeIn, shown } from '../../watchdog/domain/env-change.ts';

const path = '/srv/shop/app.env';

test('what is told is a file and one variable, whose value may hold anything but ends of lines', () => {
  expect(envChangeIn({ path, set: 'URL=http://a/?b=c d' })).toEqual({ path, name: 'URL', value: 'http://a/?b=c d' });
  expect(envChangeIn({ path, set: 'EMPTY=' })).toEqual({ path, name: 'EMPTY', value: '' });
});

test.each([
  ['no file', { set: 'A=1' }, 'path'],
  ['a path that begins nowhere', { path: 'app.env', set: 'A=1' }, 'path'],
  ['no variable', { path }, 'set'],
  ['a name that no shell would take', { path, set: '1A=1' }, 'set'],
  ['a value of two lines', { path, set: 'A=1\n2' }, 'set'],
  ['a NUL', { path, set: 'A=1\0' }, 'set'],
  ['a list', { path, set: ['A=1'] }, 'set'],
  ['a secret that a mask would hide by half', { path, set: 'DB_PASSWORD=two words' }, 'set'],
  ['another parameter', { path, set: 'A=1', value: '2' }, 'value'],
])('%s is refused, and its value is not told', (_, told, name) => {
  const fault = envChangeIn(told);

  expect(fault).toMatchObject({ name });
  expect(JSON.stringify(fault)).not.toContain('words');
});

test('what looks like a secret is not shown', () => {
  expect(shown('LIMIT', '10')).toBe('LIMIT=10');
  expect(shown('DB_PASSWORD', 'two words')).toBe('DB_PASSWORD=***');
  expect(shown('URL', 'postgres://shop:hunter2@db/shop')).toBe('URL=***');
});
