import { isTotal } from '../../watchdog/domain/scaling.ts';
import { random } from './random.ts';
import type { Make, Observation, Observed } from './scaler.ts';
import type { Trace } from './traces.ts';

/** Seconds from the order to a healthy replica. */
export const START_UP = 30;
/** What a replica uses of its processor while it starts; nobody must take it for load. */
const STARTING_SHARE = 1;
/** Samples are off by up to this much. */
const MEASURING_ERROR = 0.02;
const TOLERANCE = 0.1;
/** Seconds over which too much load is felt: what only flickers is none. */
const FELT = 15;

/** What came of one trace under one scaler. */
export interface Result {
  /** Share of the time in which ready replicas had more than target and tolerance, on average over `FELT`, or none was ready. */
  readonly overTarget: number;
  readonly replicaHours: number;
  /** How often growing turned into shrinking or back. */
  readonly turns: number;
  readonly changes: number;
}

interface Replica {
  readonly id: number;
  readyFrom: number;
  /** Processor used since the last interval, in seconds; undefined in its first. */
  used: number;
  /** Was it ready when the interval began? */
  whole: boolean;
}

/**
 * Plays a trace second by second. The load is spread evenly over the ready replicas; one that starts takes none and is busy with
 * itself. New ones are ready after `START_UP`; the newest are taken away first, at once.
 */
export function play(trace: Trace, make: Make, interval: number, seed: number): Result {
  const draw = random(seed);
  const [metric] = trace.scaling.metrics;
  if (metric === undefined) throw new Error(`the trace ${trace.name} follows no metric`);
  const target = metric.aim.kind === 'thresholds' ? metric.aim.up : metric.aim.target;
  const queued = isTotal(metric);
  const replicas: Replica[] = Array.from({ length: trace.begins }, (_, id) => ({
    id,
    readyFrom: 0,
    used: 0,
    whole: true,
  }));
  const scaler = make(trace.scaling, {
    now: 0,
    interval: interval * 1_000,
    current: trace.begins,
    replicas: observe(replicas, 0, interval, 0, draw),
    total: 0,
  });
  const recent: number[] = [];
  let items = 0;
  let over = 0;
  let replicaSeconds = 0;
  let turns = 0;
  let changes = 0;
  let last = 0;

  for (let second = 1; second <= trace.lasts; second++) {
    restartOnPurpose(trace, replicas, second);
    const ready = replicas.filter(({ readyFrom }) => readyFrom <= second);
    const load = trace.load(second);
    if (queued) items = Math.max(0, items + load - ready.length);
    const each = (queued ? items : load) / Math.max(1, ready.length);
    recent.push(each);
    if (recent.length > FELT) recent.shift();
    if (ready.length === 0 ? load > 0 || items > 0 : mean(recent) > target * (1 + TOLERANCE)) over++;
    for (const replica of replicas)
      replica.used += replica.readyFrom <= second ? Math.min(1, queued ? 1 : each) : STARTING_SHARE;
    replicaSeconds += replicas.length;

    if (second % interval === 0) {
      const dark = trace.dark?.(second) ?? false;
      const seen = observe(replicas, second, interval, dark ? 1 : (trace.lost ?? 0), draw);
      const total = queued && !dark ? Math.round(items) : undefined;
      const wanted = scaler.decide({
        now: second * 1_000,
        interval: interval * 1_000,
        current: replicas.length,
        replicas: seen,
        total,
      });
      const by = wanted - replicas.length;
      if (by !== 0) changes++;
      if (by * last < 0) turns++;
      if (by !== 0) last = by;
      resize(replicas, wanted, second);
    }
  }
  return { overTarget: over / trace.lasts, replicaHours: replicaSeconds / 3_600, turns, changes };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function observe(
  replicas: readonly Replica[],
  second: number,
  interval: number,
  lost: number,
  draw: () => number,
): Observation['replicas'] {
  return replicas.map((replica): Observed => {
    const share = Math.min(1, (replica.used / interval) * (1 + MEASURING_ERROR * (2 * draw() - 1)));
    const ready = replica.readyFrom <= second;
    const seen = {
      id: replica.id,
      ready,
      readySince: ready ? replica.readyFrom * 1_000 : undefined,
      share: draw() < lost ? undefined : share,
      settled: replica.whole,
    };
    replica.used = 0;
    replica.whole = seen.ready;
    return seen;
  });
}

/** Names that no replica had before: seconds, and how many were made in that one. */
function resize(replicas: Replica[], wanted: number, second: number): void {
  while (replicas.length < wanted)
    replicas.push({ id: second * 1_000 + replicas.length, readyFrom: second + START_UP, used: 0, whole: false });
  replicas.length = wanted;
}

/** A rolling restart: each in turn, as `docker compose up` after a change would not do but a careful operator does. */
function restartOnPurpose({ restarts = [] }: Trace, replicas: readonly Replica[], second: number): void {
  for (const from of restarts) {
    const turn = (second - from) / START_UP;
    const replica = Number.isInteger(turn) && turn >= 0 ? replicas[turn] : undefined;
    if (replica !== undefined) Object.assign(replica, { readyFrom: second + START_UP, whole: false });
  }
}
