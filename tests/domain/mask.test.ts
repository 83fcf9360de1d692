import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mask, maskWords } from '../../watchdog/domain/mask.ts';

test.each([
  ['postgres://shop:hunter2@db:5432/shop', 'postgres://shop:***@db:5432/shop'],
  ['redis://:hunter2@cache', 'redis://:***@cache'],
  ['amqp://u:p@ss@mq refused', 'amqp://u:***@mq refused'],
  ['Authorization: Bearer abcdef0123456789', 'Authorization: Bearer ***'],
  ['curl -H "authorization: Basic dXNlcjpwYXNz" http://x', 'curl -H "authorization: Basic ***" http://x'],
  ['sent bearer abcdef0123456789.x', 'sent bearer ***'],
  ['password=hunter2', 'password=***'],
  ["password=''hunter2", 'password=***'],
  ['password: "cut off he', 'password: ***'],
  ['POSTGRES_PASSWORD: hunter2', 'POSTGRES_PASSWORD: ***'],
  ['AWS_SECRET_ACCESS_KEY=abc/def+ghi', 'AWS_SECRET_ACCESS_KEY=***'],
  ['{"apiKey":"a \\"quoted\\" one","port":1}', '{"apiKey":***,"port":1}'],
  ["token = 'two words' next", 'token = *** next'],
  ['GET /?api_key=abc&page=2', 'GET /?api_key=***&page=2'],
  ['mysqladmin --password hunter2 ping', 'mysqladmin --password *** ping'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY----- end', '*** end'],
  ['-----BEGIN PRIVATE KEY-----\ncut off he', '***'],
  ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-nature', 'jwt ***'],
  ['https://hooks.slack.com/services/T0/B0/xyz', 'https://hooks.slack.com/services/***'],
])('%j is shown as %j', (text, shown) => {
  expect(mask(text)).toBe(shown);
});

test.each([
  'connection refused at http://db:5432/health?owner=a@b',
  'password authentication failed for user "shop"',
  'cannot read WATCHDOG_TOKEN_FILE: no such file',
  'the tokens were counted',
  'basic authentication is off',
  'bearer of bad news',
  'restarted shop/web after 5s: exit code 137',
])('%j has nothing to hide', text => {
  expect(mask(text)).toBe(text);
});

test('masking what is masked changes nothing', () => {
  const word = fc.constantFrom(
    'password',
    'token',
    '=',
    ': ',
    '"',
    "'",
    ' ',
    'bearer ',
    '://',
    '@',
    'a:b',
    '--',
    'abcdefgh',
    '\\',
    '***',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), words => {
      const once = mask(words.join(''));

      expect(mask(once)).toBe(once);
    }),
  );
});

test('hides the word of a command that follows a name for a secret', () => {
  expect(maskWords(['app', '--password', 'hunter2', '--user', 'shop', 'token=abc'])).toEqual([
    'app',
    '--password',
    '***',
    '--user',
    'shop',
    'token=***',
  ]);
});
