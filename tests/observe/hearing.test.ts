import { beforeEach, describe, expect, test } from '@jest/globals';
import { seconds } from '../../watchdog/domain/time.ts';
import { Hearing } from '../../watchdog/observe/hearing.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

let clock: FakeClock;
let hearing: Hearing;

beforeEach(() => {
  clock = new FakeClock();
  hearing = new Hearing(clock);
});

describe('the events of the engine', () => {
  test('are heard while the stream is open, however silent it is', async () => {
    hearing.opened();
    await clock.advance(seconds(3_600));

    expect(hearing.trouble()).toBeUndefined();
  });

  test('are heard while the stream is only opened anew', async () => {
    hearing.opened();
    hearing.closed('it ended');
    await clock.advance(seconds(15));

    expect(hearing.trouble()).toBeUndefined();
  });

  test('are not heard while the stream stays closed, and the reason is told', async () => {
    hearing.opened();
    hearing.closed('the engine answered 403');
    await clock.advance(seconds(10));
    hearing.closed('it still answers 403');
    await clock.advance(seconds(10));

    expect(hearing.trouble()).toBe(
      'the event stream has been closed for 20s (it still answers 403); only rounds see what happens',
    );
  });

  test('are not heard when one round after the other sees what no event told of', () => {
    hearing.opened();
    hearing.missed();
    expect(hearing.trouble()).toBeUndefined();

    hearing.missed();

    expect(hearing.trouble()).toBe(
      'the event stream is deaf: since 2026-03-01T10:00:00.000Z 2 rounds saw changes that no event told of; only rounds see what happens',
    );
  });

  test('are heard again with the first that comes', () => {
    hearing.opened();
    hearing.missed();
    hearing.missed();

    hearing.heard();
    hearing.missed();

    expect(hearing.trouble()).toBeUndefined();
  });
});
