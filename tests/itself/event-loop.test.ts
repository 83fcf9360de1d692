import { performance } from 'node:perf_hooks';
import { expect, test } from '@jest/globals';
import { type Stall, watchEventLoop } from '../../watchdog/adapters/event-loop.ts';

/** Holds the event loop up by computing. */
function compute(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

test('a loop that computed for seconds is noticed when it turns again, with how long it stood still', async () => {
  const { promise, resolve } = Promise.withResolvers<Stall>();
  const end = watchEventLoop(resolve, () => undefined);

  compute(2_500);
  const { took, computing } = await promise;
  end();

  // The first beat was due after one second.
  expect(took).toBeGreaterThanOrEqual(1_490);
  expect(computing).toBeGreaterThan(0);
  expect(computing).toBeLessThanOrEqual(took);
});

test('a loop that turns is no stall, and gives its beats', async () => {
  const stalls: Stall[] = [];
  let beats = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = watchEventLoop(
    stall => stalls.push(stall),
    () => {
      beats += 1;
      if (beats === 2) resolve();
    },
  );

  await promise;
  end();

  // Another process may have had the machine meanwhile, which is a stall like any other.
  expect(stalls.filter(({ computing }) => computing > 1_000)).toEqual([]);
});
