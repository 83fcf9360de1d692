import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Strategy } from '../../watchdog/domain/repair.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { seconds } from '../../watchdog/domain/time.ts';
import { type Carried, carryOut, type Hands } from '../../watchdog/repair/carry-out.ts';
import { Slots } from '../../watchdog/repair/slots.ts';
import { ago, anOrder, aReplica } from '../fakes/a-service.ts';
import { FakeClock, settled } from '../fakes/fake-clock.ts';
import { engineSays } from '../fakes/fake-engine.ts';

const MARGIN = seconds(30);
const target = aReplica({ inspected: { startedAt: ago('1h'), stopGrace: seconds(20) } });

let clock: FakeClock;
let stopping: AbortController;
let handsOff: AbortController;
/** What a look shows after the deed. */
let after: Replica | undefined;
let looks: number;

beforeEach(() => {
  clock = new FakeClock();
  stopping = new AbortController();
  handsOff = new AbortController();
  after = target;
  looks = 0;
});

const strategy = (apply: Strategy['apply']): Strategy => ({ name: 'own', danger: 'service', summary: '', apply });
const hanging = (ends: { signal?: AbortSignal } = {}) =>
  strategy(({ signal }) => {
    ends.signal = signal;
    return new Promise(() => undefined);
  });

function carry(what: Strategy, order = anOrder(), on: Replica = target): { done?: Carried; error?: unknown } {
  const inspect = async () => {
    looks += 1;
    return after;
  };
  const hands: Hands = {
    docker: { inspect },
    slots: new Slots(1),
    clock,
    engineMargin: MARGIN,
    stopping: stopping.signal,
  };
  const result: { done?: Carried; error?: unknown } = {};
  carryOut(what, order, on, () => undefined, hands, handsOff.signal).then(
    done => {
      result.done = done;
    },
    error => {
      result.error = error;
    },
  );
  return result;
}

const startedAnew = aReplica({ inspected: { startedAt: ago('1s') } });

describe('an order that is carried out', () => {
  test('is done, and nobody looks for what the engine has said', async () => {
    const result = carry(strategy(async () => undefined));
    await settled();

    expect(result.done).toEqual({ done: true, containerId: target.id });
    expect(looks).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('may leave another container in the place of the first', async () => {
    const result = carry(strategy(async () => 'new-id'));
    await settled();

    expect(result.done).toEqual({ done: true, containerId: 'new-id' });
  });
});

describe('a call that failed', () => {
  test.each([
    ['with the engine’s code', engineSays('engine-error', 'port is taken'), 'engine-error'],
    ['with what an own strategy threw', new Error('no key'), 'refused'],
  ])('is told %s', async (_, error, code) => {
    const result = carry(strategy(() => Promise.reject(error)));
    await settled();

    expect(result.done).toEqual({ done: false, code, because: error.message });
  });

  test('after the deed was done is done: a look tells', async () => {
    after = startedAnew;
    const result = carry(strategy(() => Promise.reject(engineSays('engine-error'))));
    await settled();

    expect(result.done).toEqual({ done: true, containerId: target.id });
  });

  test('on a container that stood still is done when that runs now', async () => {
    after = aReplica({ inspected: { startedAt: ago('1h') } });
    const result = carry(
      strategy(() => Promise.reject(engineSays('timeout'))),
      anOrder(),
      aReplica({ state: 'exited' }),
    );
    await settled();

    expect(result.done?.done).toBe(true);
  });

  test('on a container that nobody had looked at is not called done for that', async () => {
    after = startedAnew;
    const result = carry(
      strategy(() => Promise.reject(engineSays('timeout'))),
      anOrder(),
      aReplica({ inspected: null }),
    );
    await settled();

    expect(result.done?.done).toBe(false);
  });
});

describe('a call that hangs', () => {
  test('is given the stop grace of the service and what the engine may take, then it is wedged', async () => {
    const result = carry(hanging());
    await clock.advance(seconds(20) + MARGIN - 1);

    expect(result.done).toBeUndefined();

    await clock.advance(1);

    expect(result.done).toEqual({
      done: false,
      code: 'wedged',
      because: 'shop-web-1 did not react: no answer within 50s',
    });
  });

  test.each([
    ['the stop timeout that the user set', anOrder({ stopTimeout: seconds(3) }), target, seconds(33)],
    ['the engine’s default of 10 s', anOrder(), aReplica(), seconds(40)],
  ])('is given %s where that applies', async (_, order, on, limit) => {
    after = on;
    const result = carry(hanging(), order, on);
    await clock.advance(limit - 1);

    expect(result.done).toBeUndefined();

    await clock.advance(1);

    expect(result.done).toMatchObject({ code: 'wedged' });
  });

  test('is told to end, also when it does not listen', async () => {
    const ends: { signal?: AbortSignal } = {};
    carry(hanging(ends));
    await clock.advance(seconds(50));

    expect(ends.signal?.aborted).toBe(true);
  });

  test('and did its work all the same is done', async () => {
    const result = carry(hanging());
    after = startedAnew;
    await clock.advance(seconds(50));

    expect(result.done?.done).toBe(true);
  });

  test('whose container is gone meanwhile is wedged, not done', async () => {
    const result = carry(hanging());
    after = undefined;
    await clock.advance(seconds(50));

    expect(result.done).toMatchObject({ done: false, code: 'wedged' });
  });
});

describe('a watchdog that is told to stop', () => {
  test('begins nothing', async () => {
    stopping.abort(new Error('told to stop'));
    let begun = false;
    const result = carry(
      strategy(async () => {
        begun = true;
        return undefined;
      }),
    );
    await settled();

    expect(result.error).toEqual(new Error('told to stop'));
    expect(begun).toBe(false);
  });

  test('lets the engine end what it is at', async () => {
    let end = () => {};
    const result = carry(
      strategy(
        () =>
          new Promise(resolve => {
            end = () => resolve(undefined);
          }),
      ),
    );
    await settled();
    stopping.abort(new Error('told to stop'));
    end();
    await settled();

    expect(result.done?.done).toBe(true);
  });

  test('and cannot wait any longer leaves it to the journal: it neither looks nor judges', async () => {
    const result = carry(hanging());
    await settled();
    handsOff.abort(new Error('no time left'));
    await settled();

    expect(result.error).toEqual(new Error('no time left'));
    expect(looks).toBe(0);
    expect(clock.pending).toBe(0);
  });
});
