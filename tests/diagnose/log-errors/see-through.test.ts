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
    ['the title of a terminal', '\u001b]0;shop\u0007no space left', 'no space left'],
    ['a link of a terminal', '\u001b]8;;http://shop\u001b\\no space left', 'no space left'],
    ['a control of a single letter', 'no \u001bMspace left', 'no space left'],
    ['the name that Compose gives a replica, before a table', 'shop_db_12   | id | name', 'id | name'],
    ['such a name without a space behind it', 'shop-db-1|id | name', 'id | name'],
    ['a name of its own', 'my.postgres   | no space left', 'no space left'],
    ["syslog's head without a priority", 'Mar 15 10:11:12 host nginx[71]: no space left', 'no space left'],
    ["syslog's head without a process", 'Mar  5 10:11:12 host cron: no space left', 'no space left'],
    [
      "syslog's newer head with data",
      '<13>1 2025-03-05T10:11:12Z host shop 71 ID4 [a@1 b="c"] no space left',
      'no space left',
    ],
    ['lines within a line', '{"log":"no space\\nleft\\n","stream":"stdout"}', 'no space\nleft'],
    ["a JSON log with a field that the driver's lines have", '{"msg":"no space left","log":"shop"}', 'no space left'],
    [
      "an exception in the place of PHP's message",
      '{"level":3,"message":{"Exception":"RedisException","Message":"Connection refused","Code":0}}',
      'RedisException\nConnection refused',
    ],
    [
      "an error within WiredTiger's message",
      '{"s":"E","msg":"WiredTiger error message","attr":{"error":13,"message":{"msg":"open","error_str":"Permission denied"}}}',
      'WiredTiger error message\nopen\nPermission denied',
    ],
    [
      "the errors of Elastic's common schema",
      '{"log.level":"ERROR","message":"no start","error.type":"java.io.IOException","error.message":"no space left"}',
      'no start\njava.io.IOException\nno space left',
    ],
    [
      "what Serilog and .NET's console call it",
      '{"@l":"Error","@m":"no start","@x":"no space left"}',
      'no start\nno space left',
    ],
    ['an error without a message', '{"err":"no space left"}', 'no space left'],
    ['an error that is none', '{"msg":"no space left","err":null}', 'no space left'],
    [
      'errors within errors, four deep',
      '{"err":{"msg":"1","error":{"msg":"2","error":{"msg":"3","error":{"msg":"4","error":{"msg":"5"}}}}}}',
      '1\n2\n3\n4',
    ],
  ])('%s', (_, line, text) => {
    expect(seeThrough(line).text).toBe(text);
  });

  test.each([
    ['a table of psql', ' id | name '],
    ['a table with several bars', 'id | name | since'],
    ['JSON that was cut off', '{"level":"error","msg":"no sp'],
    ['JSON that says nothing under the usual names', '{"Status":"unhealthy"}'],
    ['JSON that is no object', '[1,2]'],
    ["what looks like syslog's head further on", 'see Mar  5 10:11:12 host nginx[71]: no space left'],
    [
      "what looks like syslog's newer head further on",
      'see <13>1 2025-03-05T10:11:12Z host nginx 71 - - no space left',
    ],
    ['what stands behind a bar at its beginning', '| no space left'],
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

describe('in a JSON log is found', () => {
  test.each(['message', 'msg', '@message', 'log', 'event', 'short_message', 'MESSAGE'])('the message under %s', key => {
    expect(seeThrough(`{"pid":1,"${key}":"no space left"}`).text).toBe('no space left');
  });

  test.each([
    'err',
    'error',
    'exception',
    'exc_info',
    'stack',
    'stack_trace',
    'stackTrace',
    'errorVerbose',
    'reason',
    'attr',
    'error.type',
    'error.message',
    'error.stack_trace',
    'Exception',
    '@x',
  ])('the error under %s', key => {
    expect(seeThrough(`{"msg":"upload failed","${key}":"no space left"}`).text).toBe('upload failed\nno space left');
  });

  test.each(['logger', 'logger_name', 'caller', 'component', 'name'])('who logs under %s', key => {
    expect(seeThrough(`{"msg":"no space left","${key}":"shop"}`).text).toBe(`no space left\n${key}=shop`);
  });

  test.each(['level', 'lvl', 'severity', 'log.level', '@level', 'levelname', 'LogLevel', 'Level', '@l', 's'])(
    'the level under %s',
    key => {
      expect(seeThrough(`{"msg":"no space left","pid":1,"${key}":"debug"}`).level).toBe('debug');
    },
  );

  test.each([
    ['debug', ['"trace"', '"verbose"', '"silly"', '"fine"', '"finer"', '"FINEST"', '"D1"', 10, 29]],
    ['info', ['"Info"', '"information"', '"informational"', '"notice"', '"log"', '"I"', 30, 39]],
    [
      undefined,
      ['"debugger"', '"predebug"', '"logs"', '"no notice"', '"error"', 9, 40, 'true', 'null', '{"toString":1}'],
    ],
  ])('the level %s in each of its words and numbers', (level, values) => {
    for (const value of values)
      expect([value, seeThrough(`{"msg":"x","level":${value}}`).level]).toEqual([value, level]);
  });

  test('the level that is known where another one is not', () => {
    expect(seeThrough('{"msg":"x","level":"strange","severity":"INFO"}').level).toBe('info');
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
    ['info', 'loading\nINFO: started'],
    ['debug', '2025-03-05 10:11:12.131 UTC [71] DEBUG1:  snapshot of 0 running transactions'],
    ['debug', 'FINER: entering'],
    ['debug', '10:11:12 TRACE shop'],
    ['debug', 'ts=1 lvl=debug msg="connection refused"'],
    ['info', 'severity="notice" connection refused'],
    ['debug', '2025-03-05 10:11:12.131 D | etcdserver: serving'],
    ['info', 'I0305 10:11:12.131072       1 shop.go:12] serving'],
    ['info', '10:11:12.131 [info ] serving'],
    ['info', '10:11:12.131 [info  ] set to DEBUG: on'],
    ['info', '10:11:12 shop INFO'],
    ['debug', '[Debug] serving'],
    ['debug', '2025-03-05T10:11:12Z DBG shop.go:12 > connection refused'],
    ['info', '[1] 2025/03/05 10:11:12.131 [INF] serving'],
    ['debug', '[10:11:12 VRB] [TRC] connection refused'],
    ['info', '2025/03/05 10:11:12 shop.go:12:Serve() [I] serving'],
    ['info', '2025.03.05 10:11:12.131 [ 71 ] {} <Information> Application: serving'],
    ['debug', '2025.03.05 10:11:12.131 [ 71 ] {} <Trace> Application: serving'],
    ['debug', 'D, [2025-03-05T10:11:12.131 #71] DEBUG -- : connection refused'],
    ['info', 'I, [2025-03-05T10:11:12.131 #71] serving'],
    ['debug', 'dbug: Shop.Till[19]'],
    ['info', 'info: Shop.Till[0]\n      serving'],
    ['info', '[1741169472] shop[1:0] info: serving'],
    ['debug', '2025-03-05T10:11:12.131Z debug: connection refused'],
    [undefined, '2025-03-05T10:11:12.131Z error: more info: connection refused'],
    [undefined, '[NOTICE]   (1) : starting\n[ALERT]    (1) : no such host'],
    ['info', '[NOTICE]   (1) : starting\n[NOTICE]   (1) : no alert'],
    [undefined, 'more info: connection refused'],
    [undefined, '<Error> Application: connection refused'],
    [undefined, 'wrote 2025-03-05 10:11:12.131 D | etcdserver: serving'],
    [undefined, 'wrote I0305 10:11:12.131072       1 shop.go:12] serving'],
    ['info', '[ts] [NOTE  ] serving'],
    [undefined, 'set to INFO level by shop'],
    [undefined, 'the INFO was lost'],
    [undefined, 'one\ntwo\nINFO: three'],
    [undefined, `${'x'.repeat(120)} [INFO] too far from the beginning`],
    [undefined, `${'x'.repeat(120)} [Info] too far from the beginning`],
    [undefined, '[notices] connection refused'],
    [undefined, '2025-03-05 10:11:12 ERROR shop: cannot get info'],
    [undefined, 'could not get INFORMATION_SCHEMA'],
    [undefined, '{"level":50,"msg":"connection refused"}'],
  ])('is %s in %s', (level, line) => {
    expect(seeThrough(line).level).toBe(level);
  });
});
