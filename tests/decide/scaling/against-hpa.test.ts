import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { ours } from '../../../bench/scaling/ours.ts';
import { hpa } from '../../../bench/scaling/peers/hpa.ts';
import type { Observation } from '../../../bench/scaling/scaler.ts';
import type { Pace, Scaling } from '../../../watchdog/domain/scaling.ts';
import { minutes, seconds } from '../../../watchdog/domain/time.ts';
import { aScaling, queue } from '../../fakes/a-scaling.ts';

const paces: fc.Arbitrary<Pace> = fc.record({
  window: fc.integer({ min: 0, max: minutes(6) }),
  policies: fc.array(
    fc.oneof(
      fc.record({
        unit: fc.constant('percent' as const),
        // Whole in binary, too: the original rounds 10 % of 100 up to 11.
        allow: fc.constantFrom(25, 50, 75, 100, 150, 200),
        period: fc.integer({ min: seconds(1), max: minutes(5) }),
      }),
      fc.record({
        unit: fc.constant('replicas' as const),
        allow: fc.integer({ min: 1, max: 10 }),
        period: fc.integer({ min: seconds(1), max: minutes(5) }),
      }),
    ),
    { minLength: 1, maxLength: 3 },
  ),
  select: fc.constantFrom('max', 'max', 'min', 'disabled'),
  cooldown: fc.constant(0),
});

const scalings: fc.Arbitrary<Scaling> = fc
  .record({ min: fc.integer({ min: 1, max: 5 }), room: fc.integer({ min: 1, max: 40 }), up: paces, down: paces })
  .map(({ min, room, up, down }) => aScaling({ min, max: min + room, metrics: [queue(60)], up, down }));

/** Items in the queue at each interval; undefined where it cannot be read. */
const histories = fc.array(fc.option(fc.integer({ min: 0, max: 4_000 }), { nil: undefined, freq: 9 }), {
  minLength: 1,
  maxLength: 40,
});

test('a queue is followed step by step exactly as by a HorizontalPodAutoscaler of the same settings', () => {
  fc.assert(
    fc.property(scalings, histories, fc.nat(), fc.integer({ min: 5, max: 60 }), (scaling, history, more, every) => {
      // Outside its limits the original brings a service back without a look at its metrics, and remembers no recommendation.
      const begins = scaling.min + (more % (scaling.max - scaling.min + 1));
      const at = (step: number, current: number, total: number | undefined): Observation => ({
        now: step * seconds(every),
        interval: seconds(every),
        current,
        replicas: [],
        total,
      });
      const [mine, theirs] = [ours(scaling, at(0, begins, 0)), hpa(scaling, at(0, begins, 0))];
      let current = begins;
      for (const [step, total] of history.entries()) {
        const seen = at(step + 1, current, total);
        const wanted = mine.decide(seen);
        expect(wanted).toBe(theirs.decide(seen));
        current = wanted;
      }
    }),
    { numRuns: 2_000 },
  );
});
