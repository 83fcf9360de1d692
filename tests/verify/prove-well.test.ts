import { beforeEach, describe, expect, test } from '@jest/globals';
import { Notices } from '../../watchdog/adapters/notices.ts';
import type { Proof } from '../../watchdog/domain/repair.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { healthLimit, proveWell } from '../../watchdog/verify/prove-well.ts';
import { ago, aHealthyReplica, aReplica, HEALTHCHECK } from '../fakes/a-service.ts';
import { FakeClock, settled } from '../fakes/fake-clock.ts';

const BEFORE = ago('1h');
const SINCE = ago('1s');
const SETTLE = seconds(10);

let clock: FakeClock;
let notices: Notices;
let looks: number;
let stop: AbortController;
/** What a look at the container shows now; undefined: it is gone. */
let container: Replica | undefined;

beforeEach(() => {
  clock = new FakeClock();
  notices = new Notices();
  stop = new AbortController();
  looks = 0;
  container = checked('starting');
});

/** With a health check, in the life that began with the repair. */
const checked = (health: 'starting' | 'healthy' | 'unhealthy', startedAt = SINCE) =>
  aHealthyReplica({
    health,
    inspected: { startedAt, lastProbe: { at: SINCE, exitCode: 1, output: 'no route\nmore' } },
  });
const unchecked = (differing: Parameters<typeof aReplica>[0] = {}) =>
  aReplica({ ...differing, inspected: { startedAt: SINCE, ...differing?.inspected } });

function prove(settle = SETTLE, atLeast = 0): { proof: Proof | undefined; error: unknown } {
  const result: { proof: Proof | undefined; error: unknown } = { proof: undefined, error: undefined };
  const inspect = async () => {
    looks += 1;
    return container;
  };
  proveWell('shop-web-1-id', BEFORE, settle, { docker: { inspect }, notices, clock }, stop.signal, atLeast).then(
    proof => {
      result.proof = proof;
    },
    error => {
      result.error = error;
    },
  );
  return result;
}

/** The container changes, and the engine says so. */
async function changes(now: Replica | undefined): Promise<void> {
  container = now;
  notices.announce('shop-web-1-id');
  await settled();
}

describe('a container with a health check', () => {
  test('is proven once it is healthy and has stayed so for the settle time, not before', async () => {
    const result = prove();
    await clock.advance(seconds(4));
    await changes(checked('healthy'));
    await clock.advance(SETTLE - 1);

    expect(result.proof).toBeUndefined();

    await clock.advance(1);

    expect(result.proof).toEqual({
      healed: true,
      code: 'proven',
      because: 'shop-web-1 is well and stayed so for 10s',
    });
  });

  test('is not proven when it turns out unhealthy, and its check is quoted', async () => {
    const result = prove();
    await clock.advance(seconds(1));
    await changes(checked('unhealthy'));

    expect(result.proof).toMatchObject({
      healed: false,
      code: 'still-unhealthy',
      because: expect.stringMatching(/: no route$/),
    });
  });

  test('is not condemned by a health from before the repair', async () => {
    container = checked('unhealthy', BEFORE);
    const result = prove();
    await clock.advance(seconds(3));

    expect(result.proof).toBeUndefined();

    await changes(checked('healthy'));
    await clock.advance(SETTLE);

    expect(result.proof?.healed).toBe(true);
  });

  test('is too slow when it is still starting after all the time its own check allows', async () => {
    const result = prove();
    await clock.advance(healthLimit(HEALTHCHECK) - 1);

    expect(result.proof).toBeUndefined();

    await clock.advance(1);

    expect(result.proof).toMatchObject({ healed: false, code: 'too-slow' });
  });

  test('is given more time where somebody says that it needs it', async () => {
    container = checked('unhealthy', BEFORE);
    const result = prove(SETTLE, minutes(5));
    await clock.advance(minutes(5) - 1);

    expect(result.proof).toBeUndefined();

    await changes(checked('healthy', BEFORE));
    await clock.advance(SETTLE);

    expect(result.proof?.healed).toBe(true);
  });

  test('is given its start period', () => {
    expect(healthLimit({ interval: 10_000, timeout: 3_000, retries: 3, startPeriod: minutes(2) })).toBe(
      minutes(2) + 4 * 13_000 + 5_000,
    );
  });

  test.each([
    ['unhealthy', checked('unhealthy'), 'still-unhealthy'],
    ['ended', aReplica({ state: 'exited', exitCode: 1 }), 'ended'],
    ['started anew', checked('healthy', ago('0s')), 'restarted'],
    ['gone', undefined, 'gone'],
  ] as const)('that was healthy and is %s within the settle time has not healed', async (_, then, code) => {
    container = checked('healthy');
    const result = prove();
    await clock.advance(seconds(9));
    await changes(then);

    expect(result.proof).toMatchObject({ healed: false, code });
  });
});

describe('a container without a health check', () => {
  test('is proven when it has run through the settle time', async () => {
    container = unchecked();
    const result = prove();
    await clock.advance(SETTLE);

    expect(result.proof?.code).toBe('proven');
  });

  test.each([
    ['ended at once', unchecked({ state: 'exited', exitCode: 3 }), 'ended'],
    ['is being restarted', unchecked({ state: 'restarting' }), 'ended'],
    ['is gone', undefined, 'gone'],
  ] as const)('that %s has not healed', async (_, now, code) => {
    container = now;
    const result = prove();
    await settled();

    expect(result.proof).toMatchObject({ healed: false, code });
  });
});

describe('the proof', () => {
  test('is taken at once where nothing has to settle', async () => {
    container = unchecked();
    const result = prove(0);
    await clock.advance(0);

    expect(result.proof?.healed).toBe(true);
  });

  test('does not depend on events: a lost one is made up for by a look', async () => {
    const result = prove();
    container = checked('healthy');
    await clock.advance(seconds(5));
    container = checked('unhealthy');
    await clock.advance(SETTLE);

    expect(result.proof?.code).toBe('still-unhealthy');
  });

  test('costs few looks while nothing happens', async () => {
    container = unchecked();
    prove(minutes(1));
    await clock.advance(minutes(1));

    expect(looks).toBe(2);
  });

  test('waits for one thing at a time, however many events there are', async () => {
    prove();
    for (let n = 0; n < 10; n += 1) await changes(checked('starting'));

    expect(clock.pending).toBe(1);
  });

  test('is broken off when the watchdog stops, and leaves no timer behind', async () => {
    const result = prove();
    await settled();
    stop.abort(new Error('told to stop'));
    await settled();

    expect(result.error).toEqual(new Error('told to stop'));
    expect(clock.pending).toBe(0);
  });

  test('leaves no timer behind when it is done', async () => {
    container = unchecked();
    prove();
    await clock.advance(SETTLE);

    expect(clock.pending).toBe(0);
  });
});
