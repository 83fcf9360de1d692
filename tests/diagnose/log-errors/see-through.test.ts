import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { seeThrough } from '../../../watchdog/diagnose/log-errors/see-through.ts';

describe('what was put around a line is seen through:', () => {
  test.each([
    ['colours', '\u001b[31mno space left\u001b[0m', 'no space left'],
    ['the name that Compose puts before it', 'shop-db-1  | no space left', 'no space left'],
    ['a coloured name', '\u001b[36mdb-1  | \u001b[0mno space left', 'no space left'],
    [
      "the json-file driver's line",
      '{"log":"no \\"space\\" left\\n","stream":"stdout","time":"2025-03-05T10:11:12Z"}',
      'no "space" left',
    ],
    ["syslog's head", '<13>Mar  5 10:11:12 host nginx[71]: no space left', 'no space left'],
    ["syslog's newer head", '<13>1 2025-03-05T10:11:12Z host nginx 71 - - no space left', 'no space left'],
    ['a JSON log', '{"level":50,"msg":"no space left"}', 'no space left'],
    [
      'an error beside the message',
      '{"level":"error","msg":"upload failed","err":{"type":"Error","message":"no space left"}}',
      'upload failed\nError\nno space left',
    ],
    [
      "an error within MongoDB's attributes",
      '{"s":"E","msg":"listener failed","attr":{"error":{"code":9001,"errmsg":"no such address"}}}',
      'listener failed\nno such address',
    ],
    ['who logs', '{"level":"error","logger":"kafkajs","message":"no connection"}', 'no connection\nlogger=kafkajs'],
    ['several at once', 'api-1  | {"log":"\\u001b[31mno space left\\u001b[0m\\n","stream":"stdout"}', 'no space left'],
    ['the end of a line of Windows', 'no space left\r', 'no space left'],
  ])('%s', (_, line, text) => {
    expect(seeThrough(line).text).toBe(text);
  });

  test.each([
    ['a table of psql', ' id | name '],
    ['a table with several bars', 'id | name | since'],
    ['JSON that was cut off', '{"level":"error","msg":"no sp'],
    ['JSON that says nothing under the usual names', '{"Status":"unhealthy"}'],
    ['JSON that is no object', '[1,2]'],
  ])('%s stays as it is', (_, line) => {
    expect(seeThrough(line).text).toBe(line);
  });

  test('each line of a record by itself', () => {
    expect(seeThrough('db-1  | one\ndb-1  |   two').text).toBe('one\n  two');
  });

  test('whatever it is, and nothing is thrown', () => {
    const pieces = fc.constantFrom(
      '{"log":"',
      '"}',
      '\u001b[',
      'm',
      ' | ',
      'db-1',
      '<13>',
      '\n',
      '\\',
      '"msg":',
      'Mar  5 10:11:12 ',
      'x',
    );

    fc.assert(fc.property(fc.array(fc.oneof(pieces, fc.string())), parts => void seeThrough(parts.join(''))));
  });
});

describe('the level', () => {
  test.each([
    ['debug', '2025-03-05 10:11:12 DEBUG shop: connection refused'],
    ['debug', '{"level":20,"msg":"connection refused"}'],
    ['debug', '[2025-03-05 10:11:12] shop.DEBUG: connection refused'],
    ['debug', 'time="2025-03-05" level=debug msg="connection refused"'],
    ['info', '2025/03/05 10:11:12 [notice] 1#1: signal process started'],
    ['info', '[2025-03-05 10:11:12 +0000] [1] [INFO] Listening'],
    ['info', 'Mar 05, 2025 10:11:12 AM com.acme.Shop main\nINFO: started'],
    ['info', '2025-03-05 10:11:12.131 N | etcdserver: serving'],
    ['info', '2025-03-05 10:11:12 0 [Note] InnoDB: started'],
    [undefined, '2025-03-05 10:11:12 ERROR shop: cannot get info'],
    [undefined, 'could not get INFORMATION_SCHEMA'],
    [undefined, '{"level":50,"msg":"connection refused"}'],
  ])('is %s in %s', (level, line) => {
    expect(seeThrough(line).level).toBe(level);
  });
});
