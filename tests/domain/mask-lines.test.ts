import { expect, test } from '@jest/globals';
import { lineMasker } from '../../watchdog/domain/mask-lines.ts';

const KEY = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEowIBAAKCAQEAx', 'c2VjcmV0', '-----END RSA PRIVATE KEY-----'];

test('hides every line of a private key, and none after it', () => {
  const masker = lineMasker();

  expect(['before', ...KEY, 'after'].map(masker.mask)).toEqual(['before', '***', '***', '***', '***', 'after']);
});

test('hides the lines of a key also where its beginning was not shown', () => {
  const masker = lineMasker();

  for (const line of KEY.slice(0, 2)) masker.skip(line);

  expect(masker.mask('c2VjcmV0')).toBe('***');
});

test('a key on one line hides that line only', () => {
  const masker = lineMasker();

  expect([KEY.join('\\n'), 'after'].map(masker.mask)).toEqual(['***', 'after']);
});

test('a key without an end does not hide a log for ever', () => {
  const masker = lineMasker();
  masker.mask(KEY[0] ?? '');

  const shown = Array.from({ length: 300 }, (_, n) => masker.mask(`line ${n}`));

  expect(shown.filter(line => line === '***')).toHaveLength(200);
  expect(shown.at(-1)).toBe('line 299');
});

test('what looks like a secret by itself is hidden as everywhere', () => {
  expect(lineMasker().mask('redis://:geheim@cache token=abc')).toBe('redis://:***@cache token=***');
});
