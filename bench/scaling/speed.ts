import { size } from '../../watchdog/decide/scaling/size.ts';
import { recommend } from '../../watchdog/diagnose/scaling/recommend.ts';
import { DEFAULT_DOWN, DEFAULT_UP, type Load, type Scaling, type Track } from '../../watchdog/domain/scaling.ts';
import { summaryOf } from '../statistics.ts';
import { random } from './random.ts';

const SERVICES = 500;
const ROUNDS = 200;
const NOW = Date.UTC(2026, 0, 1);

interface Service {
  readonly load: Load;
  readonly track: Track;
}

/** How long one decision over 500 scaled services takes: two metrics, ten replicas and a full window each. Milliseconds. */
export function speed() {
  const draw = random(1);
  const services = Array.from({ length: SERVICES }, () => aService(draw));
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    for (const { load, track } of services) {
      const recommendation = recommend(load, SCALING.fallback);
      size({ recommendation, current: load.current, scaling: SCALING, track, now: NOW });
    }
    took.push(performance.now() - began);
  }
  return { services: SERVICES, first: took[0], ...summaryOf(took) };
}

const SCALING: Scaling = {
  min: 1,
  max: 40,
  metrics: [
    { source: { kind: 'cpu' }, aim: { kind: 'target', target: 0.6 } },
    { source: { kind: 'queue', queue: 'redis://cache/0#jobs' }, aim: { kind: 'per-replica', target: 100 } },
  ],
  up: DEFAULT_UP,
  down: DEFAULT_DOWN,
  fallback: { replicas: 3, after: 3 },
  sharedStorage: false,
};

function aService(draw: () => number): Service {
  const replicas = Array.from({ length: 10 }, () => ({
    ready: draw() < 0.9,
    share: draw() < 0.9 ? draw() : undefined,
  }));
  const [cpu, queue] = SCALING.metrics;
  if (cpu === undefined || queue === undefined) throw new Error('two metrics are measured');
  return {
    load: {
      current: replicas.length,
      ready: replicas.filter(({ ready }) => ready).length,
      signals: [
        { metric: cpu, reading: { kind: 'shares', replicas } },
        { metric: queue, reading: { kind: 'number', value: 2_000 * draw() } },
      ],
    },
    // Five minutes of a decision every fifteen seconds.
    track: {
      recommendations: Array.from({ length: 20 }, (_, at) => ({
        at: NOW - (20 - at) * 15_000,
        replicas: Math.ceil(20 * draw()),
      })),
      changes: Array.from({ length: 5 }, (_, at) => ({ at: NOW - (5 - at) * 15_000, by: draw() < 0.5 ? 1 : -1 })),
    },
  };
}
