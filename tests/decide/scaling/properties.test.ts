import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { size } from '../../../watchdog/decide/scaling/size.ts';
import { recommend } from '../../../watchdog/diagnose/scaling/recommend.ts';
import {
  type Load,
  type Pace,
  type Reading,
  SCALING_CODES,
  type Scaling,
  type ScalingMetric,
  type Track,
} from '../../../watchdog/domain/scaling.ts';
import { minutes, seconds } from '../../../watchdog/domain/time.ts';
import { aLoad, aScaling, cpu, failed, Loop, number, query, queue, shares, thresholds } from '../../fakes/a-scaling.ts';
import { NOON } from '../../fakes/a-service.ts';

const runs = { numRuns: 1_000 };
const share = fc.double({ min: 0, max: 3, noNaN: true });
const few = fc.integer({ min: 0, max: 6 });
const MOST = 40;

const target = fc.double({ min: 0.05, max: 2, noNaN: true });
const pairs = fc
  .tuple(fc.double({ min: 0, max: 0.9, noNaN: true }), fc.double({ min: 0.05, max: 1, noNaN: true }))
  .map(([down, gap]) => thresholds(down, down + gap));

const readings = fc.oneof(
  fc
    .tuple(fc.array(share, { maxLength: 8 }), few, few, fc.array(share, { maxLength: 3 }))
    .map(([known, starting, unmeasured, late]) => shares(known, { starting, unmeasured, late })),
  fc.double({ min: 0, max: 5_000, noNaN: true }).map(number),
  fc.integer({ min: 1, max: 9 }).map(failed),
);

const metrics: fc.Arbitrary<ScalingMetric> = fc.oneof(
  target.map(cpu),
  pairs,
  target.map(value => queue(value * 100)),
  target.map(value => query({ kind: 'target', target: value })),
);

const paces: fc.Arbitrary<Pace> = fc.record({
  window: fc.integer({ min: 0, max: minutes(10) }),
  policies: fc.array(
    fc.record({
      unit: fc.constantFrom('percent', 'replicas' as const),
      allow: fc.integer({ min: 1, max: 200 }),
      period: fc.integer({ min: seconds(1), max: minutes(10) }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  select: fc.constantFrom('max', 'min', 'disabled' as const),
  cooldown: fc.integer({ min: 0, max: minutes(5) }),
});

const scalings: fc.Arbitrary<Scaling> = fc
  .record({
    min: fc.integer({ min: 0, max: 10 }),
    room: fc.integer({ min: 1, max: 30 }),
    up: paces,
    down: paces,
    fallback: fc.option(fc.record({ replicas: few, after: few }), { nil: undefined }),
  })
  .map(({ min, room, up, down, fallback }) => aScaling({ min, max: min + room, up, down, fallback }));

const past = fc.integer({ min: 0, max: minutes(12) });
const tracks: fc.Arbitrary<Track> = fc
  .record({
    recommendations: fc.array(fc.tuple(past, fc.integer({ min: 0, max: MOST })), { maxLength: 8 }),
    changes: fc.array(
      fc.tuple(
        past,
        fc.integer({ min: -10, max: 10 }).filter(by => by !== 0),
      ),
      { maxLength: 8 },
    ),
  })
  .map(({ recommendations, changes }) => ({
    recommendations: recommendations
      .map(([ago, replicas]) => ({ at: NOON - ago, replicas }))
      .sort((a, b) => a.at - b.at),
    changes: changes.map(([ago, by]) => ({ at: NOON - ago, by })).sort((a, b) => a.at - b.at),
  }));

const loads: fc.Arbitrary<Load> = fc
  .tuple(fc.integer({ min: 0, max: MOST }), fc.array(fc.tuple(metrics, readings), { minLength: 1, maxLength: 3 }))
  .chain(([current, signals]) =>
    fc.record({
      current: fc.constant(current),
      ready: fc.integer({ min: 0, max: current }),
      signals: fc.constant(signals.map(([metric, reading]) => ({ metric, reading }))),
    }),
  );

const outcome = (load: Load, scaling: Scaling, track: Track) => {
  const recommendation = recommend(load, scaling.fallback);
  return { recommendation, sizing: size({ recommendation, current: load.current, scaling, track, now: NOON }) };
};

describe('whatever the load, the past and the settings', () => {
  test('the number stays within min and max, unless somebody switched the service off', () => {
    fc.assert(
      fc.property(loads, scalings, tracks, (load, scaling, track) => {
        const { wanted, limits } = outcome(load, scaling, track).sizing;
        if (limits.some(({ code }) => code === 'switched-off')) return expect([load.current, wanted]).toEqual([0, 0]);
        expect(wanted).toBeGreaterThanOrEqual(scaling.min);
        expect(wanted).toBeLessThanOrEqual(scaling.max);
      }),
      runs,
    );
  });

  test('it is a whole number, and comes with a sentence and codes of the closed list', () => {
    fc.assert(
      fc.property(loads, scalings, tracks, (load, scaling, track) => {
        const { wanted, raw, limits, because } = outcome(load, scaling, track).sizing;
        expect([Number.isInteger(wanted), Number.isInteger(raw)]).toEqual([true, true]);
        expect(because).toMatch(/^.{10,}: (stays at \d+|from \d+ to \d+)$/);
        for (const { code } of limits) expect(SCALING_CODES).toContain(code);
      }),
      runs,
    );
  });

  test('what is not done as the load asks says what held it back', () => {
    fc.assert(
      fc.property(loads, scalings, tracks, (load, scaling, track) => {
        const { wanted, raw, limits } = outcome(load, scaling, track).sizing;
        if (wanted !== raw) expect(limits.length).toBeGreaterThan(0);
      }),
      runs,
    );
  });

  test('it never goes the other way than the load asks, except to come back between min and max', () => {
    fc.assert(
      fc.property(loads, scalings, tracks, (load, scaling, track) => {
        fc.pre(load.current >= scaling.min && load.current <= scaling.max);
        const { wanted, raw, current } = outcome(load, scaling, track).sizing;
        expect(Math.sign(wanted - current) * Math.sign(raw - current)).toBeGreaterThanOrEqual(0);
      }),
      runs,
    );
  });

  test('nothing changes while nothing can be read and there is no fallback', () => {
    fc.assert(
      fc.property(metrics, fc.integer({ min: 1, max: 20 }), scalings, tracks, (metric, current, scaling, track) => {
        fc.pre(current >= scaling.min && current <= scaling.max);
        const load = { current, ready: current, signals: [{ metric, reading: failed(99) }] };
        expect(outcome(load, { ...scaling, fallback: undefined }, track).sizing.wanted).toBe(current);
      }),
      runs,
    );
  });
});

describe('missing data', () => {
  const measured = fc.array(share, { minLength: 1, maxLength: 8 });
  const kinds = fc.oneof(target.map(cpu), pairs);

  test('never turns the direction, and never makes the change larger', () => {
    fc.assert(
      fc.property(kinds, measured, few, few, (metric, known, starting, unmeasured) => {
        const all = recommend(aLoad(metric, shares(known)), undefined).replicas - known.length;
        const load = aLoad(metric, shares(known, { starting, unmeasured }));
        const some = recommend(load, undefined).replicas - load.current;

        expect(all * some).toBeGreaterThanOrEqual(0);
        expect(Math.abs(some)).toBeLessThanOrEqual(Math.abs(all));
      }),
      runs,
    );
  });

  test('of one metric never lets the others take away, and never keeps them from adding', () => {
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 9 }), (load, inARow) => {
        const whole = recommend(load, undefined);
        const signals = [...load.signals, { metric: queue(100), reading: failed(inARow) }];
        const { replicas } = recommend({ ...load, signals }, undefined);

        expect(replicas).toBeGreaterThanOrEqual(Math.min(load.current, whole.replicas));
        expect(replicas).toBe(Math.max(load.current, whole.replicas));
      }),
      runs,
    );
  });
});

describe('more load', () => {
  test('never asks for fewer replicas: shares', () => {
    fc.assert(
      fc.property(
        fc.oneof(target.map(cpu), pairs),
        fc.array(fc.tuple(share, share), { minLength: 1, maxLength: 8 }),
        few,
        few,
        (metric, both, starting, unmeasured) => {
          const at = (side: (values: readonly [number, number]) => number) =>
            recommend(aLoad(metric, shares(both.map(side), { starting, unmeasured })), undefined).replicas;

          expect(at(([a, b]) => Math.max(a, b))).toBeGreaterThanOrEqual(at(([a, b]) => Math.min(a, b)));
        },
      ),
      runs,
    );
  });

  test('never asks for fewer replicas: totals and averages', () => {
    fc.assert(
      fc.property(metrics, share, share, fc.integer({ min: 0, max: MOST }), (metric, a, b, current) => {
        const at = (value: number) =>
          recommend(aLoad(metric, number(value * 100), { current, ready: current }), undefined).replicas;

        expect(at(Math.max(a, b))).toBeGreaterThanOrEqual(at(Math.min(a, b)));
      }),
      runs,
    );
  });
});

describe('over time', () => {
  /** What each of the replicas has when the whole work is spread evenly. */
  const spread = (metric: ScalingMetric, work: number, replicas: number): Reading =>
    metric.aim.kind === 'per-replica' ? number(work) : shares(Array.from({ length: replicas }, () => work / replicas));

  const settled = fc.record({
    metric: fc.oneof(fc.double({ min: 0.2, max: 1, noNaN: true }).map(cpu), target.map(queue), pairs),
    work: fc.double({ min: 0.01, max: 20, noNaN: true }),
    replicas: fc.integer({ min: 1, max: 30 }),
  });
  const wide = { min: 1, max: 1_000 };

  test('a constant load leads to a number that stays', () => {
    fc.assert(
      fc.property(settled, ({ metric, work, replicas }) => {
        const loop = new Loop(aScaling({ metrics: [metric], ...wide }), replicas, NOON);
        for (let minute = 1; minute <= 40; minute++)
          loop.step([{ metric, reading: spread(metric, work, loop.replicas) }], NOON + minutes(minute));

        const late = loop.sizings.slice(20).map(({ wanted }) => wanted);
        expect(new Set(late).size).toBe(1);
      }),
      runs,
    );
  });

  test('noise within the tolerance changes nothing', () => {
    const noise = fc.array(fc.double({ min: -0.099, max: 0.099, noNaN: true }), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(target, fc.integer({ min: 1, max: 20 }), noise, (aim, replicas, wobbles) => {
        const metric = cpu(aim);
        const loop = new Loop(aScaling({ metrics: [metric], ...wide }), replicas, NOON);
        for (const [step, wobble] of wobbles.entries())
          loop.step(
            [{ metric, reading: spread(metric, aim * replicas * (1 + wobble), loop.replicas) }],
            NOON + minutes(step + 1),
          );

        expect(loop.replicas).toBe(replicas);
      }),
      { numRuns: 300 },
    );
  });

  test('a load that swings within the window of shrinking never makes it shrink and grow again', () => {
    const swings = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(swings, pattern => {
        const metric = cpu(0.5);
        const loop = new Loop(aScaling({ metrics: [metric], ...wide }), 1, NOON);
        // The pattern comes back every four minutes, so the window of five always holds its highest.
        for (let step = 1; step <= 60; step++)
          loop.step(
            [{ metric, reading: spread(metric, pattern[step % 4] as number, loop.replicas) }],
            NOON + minutes(step),
          );

        // It may take one replica back that only rounding had asked for, and that for good.
        const settled = loop.sizings.slice(12).filter(({ wanted, current }) => wanted !== current);
        const shrunk = settled.findIndex(({ wanted, current }) => wanted < current);
        expect(shrunk < 0 ? [] : settled.slice(shrunk + 1)).toEqual([]);
        expect(settled.filter(({ wanted, current }) => current - wanted > 1)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
