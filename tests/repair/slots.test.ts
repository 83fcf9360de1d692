import { beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Slots } from '../../watchdog/repair/slots.ts';
import { settled } from '../fakes/fake-clock.ts';

const never = new AbortController().signal;

let slots: Slots;
let working: string[];
let ends: Map<string, () => void>;
beforeEach(() => {
  slots = new Slots(2);
  working = [];
  ends = new Map();
});

/** Work that goes on until the test ends it. */
function begin(containerId: string, signal: AbortSignal = never): Promise<void> {
  return slots.run(containerId, signal, () => {
    working.push(containerId);
    return new Promise(resolve => ends.set(containerId, resolve));
  });
}

const end = (containerId: string) => ends.get(containerId)?.();

describe('the host-wide limit', () => {
  test('lets so many work at once, and the others in the order in which they came', async () => {
    for (const id of ['a', 'b', 'c', 'd']) void begin(id);
    await settled();

    expect(working).toEqual(['a', 'b']);

    end('a');
    await settled();

    expect(working).toEqual(['a', 'b', 'c']);
  });

  test('gives a slot that becomes free to the one that waits, not to one that comes in that very moment', async () => {
    for (const id of ['a', 'b', 'c']) void begin(id);
    await settled();

    end('a');
    await Promise.resolve();
    await Promise.resolve();
    void begin('d');
    await settled();

    expect(working).toEqual(['a', 'b', 'c']);
  });

  test('does not count a container that sits out its stop grace', async () => {
    for (const id of ['a', 'b', 'c']) void begin(id);
    await settled();

    slots.waiting('a');
    await settled();

    expect(working).toEqual(['a', 'b', 'c']);
  });

  test('lets in one, not two, for a container that is told twice to end', async () => {
    for (const id of ['a', 'b', 'c', 'd']) void begin(id);
    await settled();

    slots.waiting('a');
    slots.waiting('a');
    await settled();

    expect(working).toEqual(['a', 'b', 'c']);
  });

  test('counts it again from its end on, and lets nobody in until there is room', async () => {
    for (const id of ['a', 'b', 'c', 'd']) void begin(id);
    await settled();
    slots.waiting('a');
    await settled();

    slots.working('a');
    end('b');
    await settled();

    expect(working).toEqual(['a', 'b', 'c']);

    end('c');
    await settled();

    expect(working).toEqual(['a', 'b', 'c', 'd']);
  });

  test('takes no notice of containers that nobody repairs', async () => {
    slots.waiting('stranger');
    slots.working('stranger');
    for (const id of ['a', 'b', 'c']) void begin(id);
    await settled();

    expect(working).toEqual(['a', 'b']);
    expect(slots.has('stranger')).toBe(false);
    expect(slots.has('a')).toBe(true);
  });

  test('gives the slot back when the work throws', async () => {
    await expect(slots.run('a', never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');

    expect(slots.has('a')).toBe(false);
  });
});

describe('a watchdog that is told to stop', () => {
  test('lets nobody begin who still waits, and keeps the others in their order', async () => {
    const stop = new AbortController();
    for (const id of ['a', 'b']) void begin(id);
    const waiting = begin('c', stop.signal);
    void begin('d');
    await settled();

    stop.abort(new Error('told to stop'));

    await expect(waiting).rejects.toThrow('told to stop');
    end('a');
    await settled();
    expect(working).toEqual(['a', 'b', 'd']);
  });

  test('lets nobody begin who comes afterwards, nor who has just been given a slot', async () => {
    const stop = new AbortController();
    for (const id of ['a', 'b']) void begin(id);
    const waiting = begin('c', stop.signal);
    await settled();
    slots.waiting('a');
    stop.abort(new Error('told to stop'));

    await expect(waiting).rejects.toThrow('told to stop');
    await expect(begin('d', stop.signal)).rejects.toThrow('told to stop');
    expect(working).toEqual(['a', 'b']);
    expect(slots.has('c')).toBe(false);
  });
});

test('whatever the order of begins, ends and graces: never more than the limit begin while as many work, and all get their turn', async () => {
  const step = fc.record({
    word: fc.constantFrom('begin', 'end', 'waiting', 'working'),
    id: fc.integer({ min: 0, max: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), async (steps, limit) => {
      const states = new Map<number, 'working' | 'waiting'>();
      const finish = new Map<number, () => void>();
      const begun = new Set<number>();
      const tried = new Set<number>();
      const some = new Slots(limit);
      const busy = () => [...states.values()].filter(state => state === 'working').length;
      const work = (id: number) => () => {
        expect(busy()).toBeLessThan(limit);
        states.set(id, 'working');
        begun.add(id);
        return new Promise<void>(resolve => finish.set(id, resolve));
      };
      const over = (id: number) => {
        states.delete(id);
        finish.get(id)?.();
        finish.delete(id);
      };
      const pending: Promise<void>[] = [];
      for (const { word, id } of steps) {
        if (word === 'begin' && !tried.has(id)) pending.push(some.run(String(tried.add(id) && id), never, work(id)));
        else if (word === 'end') over(id);
        else if (word !== 'begin' && states.has(id)) {
          states.set(id, word);
          some[word](String(id));
        }
        await settled();
      }
      while (begun.size > 0 && finish.size > 0) {
        for (const id of [...finish.keys()]) over(id);
        await settled();
      }
      await Promise.all(pending);
      expect(begun).toEqual(tried);
    }),
    { numRuns: 50 },
  );
});
