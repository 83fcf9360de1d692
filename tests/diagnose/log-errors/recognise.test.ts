import { describe, expect, test } from '@jest/globals';
import { recogniserFor } from '../../../watchdog/diagnose/log-errors/recognise.ts';
import type { LogPattern } from '../../../watchdog/domain/log-error.ts';
import { aPattern } from './a-pattern.ts';

const typeOf = (patterns: readonly LogPattern[], line: string, service = 'web', image?: string) =>
  recogniserFor(patterns).recognise(line, { service, image })?.type;

const refused = aPattern({ name: 'refused', tier: 'likely', type: 'API_FAILURE', expressions: ['connection refused'] });
const unresolved = aPattern({
  name: 'unresolved',
  tier: 'likely',
  type: 'NETWORK_ERROR',
  expressions: ['name not known'],
});
const database = aPattern({ name: 'database', type: 'DATABASE_CONNECTION', expressions: ['database client'] });

describe('a record', () => {
  test('is what its pattern says, with what it captured', () => {
    const port = aPattern({
      type: 'PORT_CONFLICT',
      severity: 'critical',
      expressions: ['port (?<port>\\d{1,5}) (?:of (?<host>\\S{1,40}) )?is taken'],
    });

    expect(recogniserFor([port]).recognise('web-1  | port 8080 is taken', { service: 'web' })).toStrictEqual({
      type: 'PORT_CONFLICT',
      severity: 'critical',
      tier: 'certain',
      pattern: 'a-pattern',
      captures: { port: '8080' },
    });
  });

  test('that no pattern knows is nothing', () => {
    expect(typeOf([refused], 'all is well')).toBeUndefined();
  });

  test('is found in any case', () => {
    expect(typeOf([refused], 'CONNECTION Refused')).toBe('API_FAILURE');
  });

  test('is read though words of it are escaped in JSON', () => {
    const table = aPattern({ type: 'DATABASE_SCHEMA_ERROR', expressions: ['relation "\\w{1,20}" does not exist'] });

    expect(typeOf([table], '{"level":"error","msg":"relation \\"orders\\" does not exist"}')).toBe(
      'DATABASE_SCHEMA_ERROR',
    );
  });

  test('is not read beyond its 8,192nd character', () => {
    expect(typeOf([refused], `${'x'.repeat(8_192)} connection refused`)).toBeUndefined();
    expect(typeOf([refused], `${'x'.repeat(8_192 - ' connection refused'.length)} connection refused`)).toBe(
      'API_FAILURE',
    );
  });

  test('needs one of `with` as well, and none of `unless`', () => {
    const pattern = aPattern({
      expressions: ['connection refused'],
      with: ['payment', 'billing'],
      unless: ['retried'],
    });

    expect(typeOf([pattern], 'connection refused')).toBeUndefined();
    expect(typeOf([pattern], 'billing: connection refused')).toBe('API_FAILURE');
    expect(typeOf([pattern], 'billing: connection refused, retried')).toBeUndefined();
  });
});

describe('where several patterns match', () => {
  test('the certain one counts', () => {
    expect(typeOf([refused, database], 'database client: connection refused')).toBe('DATABASE_CONNECTION');
  });

  test('two different answers in one tier are unknown', () => {
    expect(
      typeOf([refused, { ...unresolved, type: 'CONFIGURATION_ERROR' }], 'connection refused, name not known'),
    ).toBeUndefined();
  });

  test('two equal answers are one', () => {
    expect(typeOf([refused, { ...refused, name: 'again' }], 'connection refused')).toBe('API_FAILURE');
  });

  test('of two equal answers the one counts that knows more of the line', () => {
    const more = aPattern({ name: 'more', tier: 'likely', expressions: ['connection refused by \\w{1,20}'] });
    const pattern = (...patterns: readonly LogPattern[]) =>
      recogniserFor(patterns).recognise('connection refused by db', { service: 'web' })?.pattern;

    expect([pattern(refused, more), pattern(more, refused)]).toEqual(['more', 'more']);
  });

  test('a likely one counts as certain in a service or an image of its own', () => {
    const own = { ...refused, type: 'PORT_CONFLICT', services: ['redis'] } as const;
    const other = aPattern({ name: 'other', tier: 'likely', type: 'NETWORK_ERROR', expressions: ['connection'] });

    expect(typeOf([own, other], 'connection refused', 'shop-redis')).toBe('PORT_CONFLICT');
    expect(typeOf([own, other], 'connection refused', 'cache', 'redis:7')).toBe('PORT_CONFLICT');
    expect(typeOf([own, other], 'connection refused', 'cache')).toBeUndefined();
  });

  test('an attack is told only by who is sure of it: anybody may quote one', () => {
    const alarm = aPattern({
      name: 'root',
      alarm: true,
      tier: 'likely',
      services: ['redis'],
      expressions: ['saving to cron'],
    });
    const of = (service: string) => recogniserFor([alarm]).recognise('saving to cron', { service });

    expect(of('redis-cache')).toMatchObject({ pattern: 'root', alarm: true });
    expect(of('web')).toMatchObject({ pattern: 'root', tier: 'likely' });
    expect(of('web')).not.toHaveProperty('alarm');
  });

  test('an attack counts before what knows more of the line', () => {
    const alarm = aPattern({ name: 'root', alarm: true, expressions: ['saving to cron'] });
    const denied = aPattern({ name: 'denied', expressions: ['saving to cron: permission denied'] });

    expect(
      recogniserFor([denied, alarm]).recognise('saving to cron: permission denied', { service: 'web' }),
    ).toMatchObject({
      pattern: 'root',
      alarm: true,
    });
  });

  test('a stage counts more than its cause, a product more than a general word, a cause more than a deployment', () => {
    const mount = aPattern({ name: 'm', type: 'VOLUME_MOUNT_ERROR', expressions: ['mount failed'] });
    const health = aPattern({ name: 'h', type: 'HEALTH_CHECK_FAILED', expressions: ['health check failed'] });
    const denied = aPattern({ name: 'd', type: 'PERMISSION_DENIED', expressions: ['permission denied'] });
    const lock = aPattern({ name: 'l', type: 'POSTGRES_STALE_LOCK', expressions: ['lock file'] });
    const pull = aPattern({ name: 'p', type: 'DEPLOYMENT_FAILURE', expressions: ['pull failed'] });

    expect(typeOf([denied, mount], 'mount failed: permission denied')).toBe('VOLUME_MOUNT_ERROR');
    expect(typeOf([denied, health], 'health check failed: permission denied')).toBe('HEALTH_CHECK_FAILED');
    expect(typeOf([denied, lock], 'lock file: permission denied')).toBe('POSTGRES_STALE_LOCK');
    expect(typeOf([denied, pull], 'pull failed: permission denied')).toBe('PERMISSION_DENIED');
  });

  test('the first line counts, and the last cause of a trace of Java', () => {
    expect(
      typeOf([refused, { ...unresolved, type: 'DEPLOYMENT_FAILURE' }], 'connection refused\n name not known'),
    ).toBe('API_FAILURE');
    expect(
      typeOf([{ ...refused, type: 'NETWORK_TIMEOUT' }, unresolved], 'connection refused\nCaused by: name not known'),
    ).toBe('NETWORK_ERROR');
    expect(
      typeOf(
        [{ ...refused, type: 'NETWORK_TIMEOUT' }, unresolved],
        'all\nCaused by: connection refused\nCaused by: name not known\n',
      ),
    ).toBe('NETWORK_ERROR');
  });

  test('a harmless one silences those of its tier and below', () => {
    const harmless = aPattern({ name: 'h', type: 'NONE', expressions: ['reconnected'] });

    expect(typeOf([refused, harmless], 'reconnected after connection refused')).toBeUndefined();
    expect(typeOf([{ ...database, type: 'REDIS_AOF_CORRUPTION' }, harmless], 'database client reconnected')).toBe(
      undefined,
    );
    expect(typeOf([refused, { ...harmless, tier: 'likely' }, database], 'database client reconnected')).toBe(
      'DATABASE_CONNECTION',
    );
  });
});

describe('the level', () => {
  test('debug makes everything harmless', () => {
    expect(typeOf([database], 'DEBUG: database client')).toBeUndefined();
  });

  test('info leaves only what is certain', () => {
    expect(typeOf([refused], 'INFO: connection refused')).toBeUndefined();
    expect(typeOf([database], 'INFO: database client')).toBe('DATABASE_CONNECTION');
  });

  test('info leaves nothing of a pattern that heeds it, whose words anyone may quote', () => {
    const full = aPattern({ type: 'RESOURCE_EXHAUSTED', heedsLevel: true, expressions: ['no space left'] });

    expect(typeOf([full], 'INFO: mail from mary: my disk has no space left')).toBeUndefined();
    expect(typeOf([full], 'WARN: no space left')).toBe('RESOURCE_EXHAUSTED');
  });
});

test('a pattern that cannot be compiled is left out, and the others are in force', () => {
  expect(typeOf([aPattern({ name: 'bad', expressions: ['(?:a+)+ connection'] }), refused], 'connection refused')).toBe(
    'API_FAILURE',
  );
});
