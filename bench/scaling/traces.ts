import { DEFAULT_DOWN, DEFAULT_UP, type Scaling, type ScalingMetric } from '../../watchdog/domain/scaling.ts';
import { random } from './random.ts';

/** One load over time and the service that has to bear it. */
export interface Trace {
  readonly name: string;
  /** Seconds. */
  readonly lasts: number;
  /** Replicas at the beginning. */
  readonly begins: number;
  readonly scaling: Scaling;
  /** What arrives in that second: in whole replicas' worth of processor, or in items of a queue. */
  readonly load: (second: number) => number;
  /** Share of samples that get lost. */
  readonly lost?: number;
  /** Seconds in which no metric can be read at all. */
  readonly dark?: (second: number) => boolean;
  /** Seconds in which this share of the replicas is restarted, one after the other. */
  readonly restarts?: readonly number[];
}

const HOUR = 3_600;
const cpu = (target: number): ScalingMetric => ({ source: { kind: 'cpu' }, aim: { kind: 'target', target } });
/** A minute's work of one worker, which does one item a second. */
const queue: ScalingMetric = {
  source: { kind: 'queue', queue: 'redis://cache/0#jobs' },
  aim: { kind: 'per-replica', target: 60 },
};

const scaled = (metric: ScalingMetric, min: number, max: number): Scaling => ({
  min,
  max,
  metrics: [metric],
  up: DEFAULT_UP,
  down: DEFAULT_DOWN,
  fallback: undefined,
  sharedStorage: false,
});

/** All traces; the same seed makes the same ones. `target`: how busy a processor should be. */
export function traces(seed: number, target: number): readonly Trace[] {
  const noisy = (share: number, salt: number) => {
    const draw = random(seed + salt);
    const drawn = Array.from({ length: 26 * HOUR }, draw);
    return (second: number) => 1 + share * (2 * (drawn[second % drawn.length] as number) - 1);
  };
  const wobble = noisy(0.05, 1);
  const storms = burstsOf(seed + 2, 4 * HOUR);
  const day = (second: number) => 5 - 4 * Math.cos((2 * Math.PI * second) / (24 * HOUR));
  const web = { begins: 2, scaling: scaled(cpu(target), 2, 40) };
  const workers = { begins: 2, scaling: scaled(queue, 1, 30) };
  return [
    { name: 'constant', lasts: 2 * HOUR, ...web, load: second => 3 * wobble(second) },
    { name: 'step up', lasts: HOUR, ...web, load: second => (second < 600 ? 1 : 8) * wobble(second) },
    {
      name: 'step down',
      lasts: HOUR,
      begins: 16,
      scaling: web.scaling,
      load: second => (second < 600 ? 9 : 1.5) * wobble(second),
    },
    {
      name: 'stairs',
      lasts: 2 * HOUR,
      ...web,
      load: second => (1 + (Math.floor(second / 900) % 5) * 2) * wobble(second),
    },
    {
      name: 'ramp up and down',
      lasts: 2 * HOUR,
      ...web,
      load: second => (1 + 11 * (1 - Math.abs(second / HOUR - 1))) * wobble(second),
    },
    { name: 'daily curve', lasts: 24 * HOUR, ...web, load: second => day(second) * wobble(second) },
    { name: 'bursts', lasts: 4 * HOUR, ...web, load: second => (storms(second) ? 9 : 2) * wobble(second) },
    {
      name: 'noise of a third',
      lasts: 2 * HOUR,
      ...web,
      load: (
        heavy => (second: number) =>
          5 * heavy(Math.floor(second / 15))
      )(noisy(0.33, 3)),
    },
    {
      name: 'daily curve, a tenth of the samples lost',
      lasts: 24 * HOUR,
      ...web,
      lost: 0.1,
      load: second => day(second) * wobble(second),
    },
    {
      name: 'bursts, a third of the samples lost',
      lasts: 4 * HOUR,
      ...web,
      lost: 0.33,
      load: second => (storms(second) ? 9 : 2) * wobble(second),
    },
    {
      name: 'no metrics for 20 minutes',
      lasts: 2 * HOUR,
      ...web,
      dark: second => second > 2_400 && second < 3_600,
      load: second => (second < 1_200 ? 2 : second < 4_800 ? 6 : 3) * wobble(second),
    },
    {
      name: 'restarted one by one, twice',
      lasts: 2 * HOUR,
      begins: 8,
      scaling: web.scaling,
      restarts: [1_800, 5_400],
      load: second => 4.4 * wobble(second),
    },
    {
      name: 'restarted while it could shrink',
      lasts: HOUR,
      begins: 12,
      scaling: web.scaling,
      restarts: [900],
      load: second => (second < 800 ? 6.6 : 2) * wobble(second),
    },
    { name: 'queue, steady', lasts: 2 * HOUR, ...workers, load: second => 4 * wobble(second) },
    {
      name: 'queue, a backlog of thousands',
      lasts: 2 * HOUR,
      ...workers,
      load: second => (second === 600 ? 5_000 : 1) * wobble(second),
    },
    { name: 'queue, bursts', lasts: 4 * HOUR, ...workers, load: second => (storms(second) ? 12 : 1) * wobble(second) },
  ];
}

/** Whether it storms: a storm begins every twenty minutes or so, and lasts one to six. */
function burstsOf(seed: number, lasts: number): (second: number) => boolean {
  const draw = random(seed);
  const storms: (readonly [from: number, to: number])[] = [];
  for (let at = 600; at < lasts; ) {
    const to = at + 60 + 300 * draw();
    storms.push([at, to]);
    at = to + 600 + 1_200 * draw();
  }
  return second => storms.some(([from, to]) => second >= from && second < to);
}
