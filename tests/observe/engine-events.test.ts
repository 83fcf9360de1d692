import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineEvent, EventOptions } from '../../watchdog/adapters/docker/docker.ts';
import { watchEvents } from '../../watchdog/observe/engine-events.ts';
import { NOON } from '../fakes/a-service.ts';
import { FakeClock, settled } from '../fakes/fake-clock.ts';
import { engineSays } from '../fakes/fake-engine.ts';
import { anEvent } from './an-event.ts';

let clock: FakeClock;
let stop: AbortController;
/** What the next subscriptions come to; after the last one the stream stays open and silent. */
let streams: ('refused' | readonly EngineEvent[])[];
let story: string[];
let since: (number | undefined)[];
let closed: ({ at: number; wasAway: boolean } | undefined)[];
let lost: number[];

beforeEach(() => {
  clock = new FakeClock(NOON);
  stop = new AbortController();
  streams = [];
  story = [];
  since = [];
  closed = [];
  lost = [];
});

async function* events(options: EventOptions): AsyncGenerator<EngineEvent> {
  since.push(options.since);
  const stream = streams.shift();
  if (stream === 'refused') throw engineSays('unreachable', 'refused');
  options.onOpen();
  yield* stream ?? [];
  if (stream === undefined)
    await new Promise<void>(resolve => options.signal.addEventListener('abort', () => resolve(), { once: true }));
}

const watch = (from?: number) =>
  watchEvents(
    {
      docker: { events },
      project: undefined,
      since: from,
      clock,
      onOpen: before => {
        story.push('open');
        closed.push(before);
      },
      onEvent: ({ action }) => story.push(action),
      onLost: endedAt => lost.push(endedAt),
      emit: ({ kind }) => story.push(kind),
    },
    stop.signal,
  );

describe('the reader of events', () => {
  test('hands on every event once, also when the engine tells it again after a reconnect', async () => {
    const [start, die] = [anEvent('start'), anEvent('die', { at: NOON + 5 })];
    streams = [
      [start, die],
      [die, anEvent('stop', { at: NOON + 6 })],
    ];

    void watch(NOON - 1);
    await clock.advance(1_000);

    expect(story).toEqual(['engine-back', 'open', 'start', 'die', 'open', 'stop', 'open']);
  });

  test('resumes after the newest event it has seen, though one came out of order', async () => {
    streams = [[anEvent('start', { at: NOON + 9 }), anEvent('die', { at: NOON + 5 })], []];

    void watch(NOON - 1);
    await clock.advance(1_000);

    expect(since).toEqual([NOON - 1, NOON + 9, NOON + 9]);
  });

  test('resumes from its first subscription where no event has come yet', async () => {
    streams = [[]];

    void watch();
    await clock.advance(1_000);

    expect(since).toEqual([undefined, NOON]);
  });

  test('tells once that the engine is away, and once that it is back, and since when it was away', async () => {
    streams = [[], 'refused', 'refused', 'refused'];

    void watch();
    await clock.advance(5_000);

    expect(story).toEqual(['engine-back', 'open', 'engine-lost', 'engine-back', 'open']);
    expect(closed).toEqual([undefined, { at: NOON, wasAway: true }]);
    expect(lost).toEqual([NOON]);
  });

  test('tells when the stream before ended, though the engine was not seen to be away', async () => {
    streams = [[]];

    void watch();
    await clock.advance(1_000);

    expect(closed).toEqual([undefined, { at: NOON, wasAway: false }]);
  });

  test('tells at its first subscription that the engine is there: an incident may be left from before', async () => {
    void watch();
    await settled();

    expect(story).toEqual(['engine-back', 'open']);
    expect(closed).toEqual([undefined]);
  });

  test('asks again ever more rarely, but every two seconds at least', async () => {
    streams = Array(100).fill('refused');

    void watch();
    await clock.advance(60_000);

    // 50, 100, ... 1600 ms, then every 2 s.
    expect(since.length).toBe(6 + 1 + Math.floor((60_000 - 3_150) / 2_000));
  });

  test('ends when it is told to, and leaves no timer behind', async () => {
    const watching = watch();
    await settled();
    stop.abort();

    await expect(watching).resolves.toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  test('ends while the engine is away as well', async () => {
    streams = Array(100).fill('refused');
    const watching = watch();
    await clock.advance(10_000);
    stop.abort();

    await expect(watching).resolves.toBeUndefined();
  });
});
