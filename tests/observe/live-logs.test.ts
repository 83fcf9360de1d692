import { beforeEach, describe, expect, test } from '@jest/globals';
import type { LogLine } from '../../watchdog/adapters/docker/logs.ts';
import type { LiveEvent } from '../../watchdog/domain/live-log.ts';
import type { RecognisedError } from '../../watchdog/domain/log-error.ts';
import { LiveLogs } from '../../watchdog/observe/live-logs.ts';
import { aReplica } from '../fakes/a-service.ts';
import { FakeClock, START } from '../fakes/fake-clock.ts';

const WEB = aReplica({ name: 'shop-web-1' });
const TAKEN: RecognisedError = {
  type: 'PORT_CONFLICT',
  severity: 'critical',
  tier: 'certain',
  pattern: 'node-listen',
  captures: { port: '8080' },
};
const MARK = { type: 'PORT_CONFLICT', severity: 'critical', pattern: 'node-listen' };

const aLine = (text: string, differing: Partial<LogLine> = {}): LogLine => ({
  at: '2026-03-01T10:00:00.000000000Z',
  stream: 'stderr',
  text,
  left: 0,
  ...differing,
});

let clock: FakeClock;
let live: LiveLogs;
let seen: LiveEvent[];
beforeEach(() => {
  clock = new FakeClock();
  live = new LiveLogs(clock);
  seen = [];
});

const watch = () => live.watch('shop-web-1', event => seen.push(event));
const soon = () => clock.advance(50);
const texts = () => seen.map(event => (event.type === 'line' ? event.text : event.type));

describe('whoever watches a container', () => {
  test('sees its lines without their secrets, and no other container’s', async () => {
    watch();

    live.take(WEB, [aLine('ready'), aLine('login with password=hunter2')]);
    live.take(aReplica({ name: 'shop-db-1' }), [aLine('other')]);
    await soon();

    expect(seen).toEqual([
      {
        type: 'line',
        at: '2026-03-01T10:00:00.000000000Z',
        stream: 'stderr',
        text: 'ready',
        cut: false,
        error: undefined,
      },
      expect.objectContaining({ text: 'login with password=***' }),
    ]);
  });

  test('sees the same as everybody else who does, until each leaves', async () => {
    const others: LiveEvent[] = [];
    const leave = watch();
    live.watch('shop-web-1', event => others.push(event));

    live.take(WEB, [aLine('one')]);
    await soon();
    leave();
    live.take(WEB, [aLine('two')]);
    await soon();

    expect(texts()).toEqual(['one']);
    expect(others).toHaveLength(2);
    expect(others[0]).toBe(seen[0]);
  });

  test('sees nothing that was waiting when the last one before left', async () => {
    watch()();
    const leave = watch();
    live.take(WEB, [aLine('before')]);
    leave();
    watch();
    await soon();

    expect(seen).toEqual([]);
  });

  test('sees which line begins an error', async () => {
    watch();

    live.take(WEB, [aLine('fine'), aLine('EADDRINUSE'), aLine('  at listen (net.js:1)')]);
    live.recognised(WEB, TAKEN, { text: 'EADDRINUSE\n  at listen (net.js:1)', at: START });
    await soon();

    expect(seen.map(event => (event.type === 'line' ? event.error : event.type))).toEqual([undefined, MARK, undefined]);
  });

  test('sees each of two equal lines marked once, and not a line that only begins alike', async () => {
    watch();

    live.take(WEB, [aLine('EADDR'), aLine('EADDRINUSE'), aLine('EADDRINUSE')]);
    for (let n = 0; n < 2; n += 1) live.recognised(WEB, TAKEN, { text: 'EADDRINUSE', at: START });
    await soon();

    expect(seen.map(event => event.type === 'line' && event.error?.type)).toEqual([
      undefined,
      'PORT_CONFLICT',
      'PORT_CONFLICT',
    ]);
  });

  test('is told of an error by itself where its line was shown before, without secrets', async () => {
    watch();
    live.take(WEB, [aLine('Exception in thread main')]);
    await soon();

    live.recognised(WEB, TAKEN, { text: 'Exception in thread main\nCaused by: token=abc', at: START });
    await soon();

    expect(seen[1]).toEqual({
      type: 'mark',
      at: '2026-03-01T10:00:00.000Z',
      error: MARK,
      text: 'Exception in thread main\nCaused by: token=***',
    });
  });

  test('is told how many lines came too fast to be shown, however many they are', async () => {
    watch();

    live.take(
      WEB,
      Array.from({ length: 5_000 }, (_, n) => aLine(`line ${n}`)),
    );
    for (let n = 0; n < 5_000; n += 1) live.recognised(WEB, TAKEN, { text: `later ${n}`, at: START });
    await soon();

    expect(texts().filter(text => text.startsWith('line '))).toHaveLength(100);
    expect(texts().filter(text => text === 'mark')).toHaveLength(100);
    expect(seen.at(-1)).toEqual({ type: 'skipped', lines: 9_800 });
  });

  test('gets long lines cut, and not more of them than can be read', async () => {
    watch();

    live.take(
      WEB,
      Array.from({ length: 100 }, () => aLine('x'.repeat(16_384), { left: 5 })),
    );
    await soon();

    expect(seen.map(event => (event.type === 'line' ? event.text.length : event))).toEqual([
      4_096,
      4_096,
      { type: 'skipped', lines: 98 },
    ]);
    expect(seen[0]).toMatchObject({ cut: true });
  });

  test('sees nothing of a private key, though lines of it were skipped', async () => {
    watch();
    const many = Array.from({ length: 100 }, () => aLine('x'));

    live.take(WEB, [...many, aLine('-----BEGIN PRIVATE KEY-----')]);
    await soon();
    live.take(WEB, [aLine('c2VjcmV0'), aLine('of another stream', { stream: 'stdout' })]);
    await soon();

    expect(texts().slice(-2)).toEqual(['***', 'of another stream']);
  });

  test('is told that it has ended, after its last words, and sees the one that takes its place', async () => {
    watch();

    live.take(WEB, [aLine('bye')]);
    live.left(WEB);
    live.take(aReplica({ name: 'shop-web-1', id: 'another' }), [aLine('hello')]);
    await soon();

    expect(texts()).toEqual(['bye', 'left', 'hello']);
  });
});
