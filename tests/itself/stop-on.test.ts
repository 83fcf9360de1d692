import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { seconds } from '../../watchdog/domain/time.ts';
import { type Ending, stopOn } from '../../watchdog/stop-on.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

let clock: FakeClock;
let arrivals: EventEmitter;
let stop: AbortController;
let ending: Ending;
/** The statuses with which the process was ended at once. */
let left: number[];
let logged: string[];

beforeEach(() => {
  clock = new FakeClock();
  arrivals = new EventEmitter();
  stop = new AbortController();
  left = [];
  logged = [];
  const note = (message: string) => void logged.push(message);
  const logger = { error: note, warn: note, info: note, debug: note };
  ending = stopOn(stop, logger, clock, status => left.push(status), arrivals);
});

describe('the end of the process', () => {
  test.each(['SIGTERM', 'SIGINT'])('begins in order when %s comes, and is nothing bad', async signal => {
    arrivals.emit(signal);
    await clock.advance(seconds(19));

    expect([stop.signal.aborted, left, ending.status()]).toEqual([true, [], 0]);
  });

  test('comes at once when it is told a second time, as if the signal had ended it', async () => {
    arrivals.emit('SIGTERM');
    await clock.advance(seconds(3));
    arrivals.emit('SIGTERM');

    expect(left).toEqual([143]);
  });

  test('is not hurried by one Ctrl-C that shell and npm both hand on', async () => {
    arrivals.emit('SIGINT');
    await clock.advance(20);
    arrivals.emit('SIGINT');

    expect(left).toEqual([]);
  });

  test('comes with status 4 when the stop does not end within twenty seconds', async () => {
    arrivals.emit('SIGTERM');
    await clock.advance(seconds(20));

    expect(left).toEqual([4]);
    expect(logged).toContain('the stop does not come to its end; the next start takes up what is half done');
  });

  test('has status 1 after something that nobody foresaw', () => {
    arrivals.emit('uncaughtException', new Error('a defect'));

    expect([stop.signal.aborted, ending.status()]).toEqual([true, 1]);
  });

  test('has status 4 where only a fresh start can help', () => {
    ending.giveUp('no round has ended');

    expect([stop.signal.aborted, ending.status()]).toEqual([true, 4]);
  });

  test('keeps the status of an ordinary stop whatever seems to be stuck while it stops', () => {
    arrivals.emit('SIGTERM');
    ending.giveUp('no round has ended');

    expect(ending.status()).toBe(0);
  });
});
