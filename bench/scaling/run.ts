// Measures what the section "Scaling" of docs/performance.md reports: `node bench/scaling/run.ts --help`.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ours } from './ours.ts';
import { hpa } from './peers/hpa.ts';
import { naive } from './peers/naive.ts';
import type { Make } from './scaler.ts';
import { sensorSpeed } from './sensor-speed.ts';
import { play, type Result, START_UP } from './service-model.ts';
import { speed } from './speed.ts';
import { traces } from './traces.ts';

const HELP = `node bench/scaling/run.ts [options]

  --interval SECONDS   between decisions (15, as a HorizontalPodAutoscaler)
  --seeds N            so many different draws of loads, measuring errors and lost samples (5)
  --only PART          traces or speed (of a decision, and of a whole pass of the sensor)
  --json FILE          writes the figures there as well

Plays loads against a model of a service, with our scaler and its peers. Nothing real is touched; those figures are the same each time.`;

const CONTENDERS: Readonly<Record<'ours' | 'hpa' | 'naive', Make>> = { ours, hpa, naive };

/** One target has edges that favour this one or that by luck; five have not. */
const TARGETS = [0.5, 0.55, 0.6, 0.65, 0.7];

const { values } = parseArgs({
  options: {
    interval: { type: 'string', default: '15' },
    seeds: { type: 'string', default: '5' },
    only: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

interface Row {
  readonly trace: string;
  readonly ours: Result;
  readonly hpa: Result;
  readonly naive: Result;
}

/** Each trace with the mean of its results over all seeds and targets. */
function rows(interval: number, seeds: number): readonly Row[] {
  const draws = Array.from({ length: seeds }, (_, at) => at + 1).flatMap(seed =>
    TARGETS.map(target => ({ seed, all: traces(seed, target) })),
  );
  const names = draws[0]?.all.map(({ name }) => name) ?? [];
  return names.map((trace, at) => {
    const result = (name: keyof typeof CONTENDERS) =>
      meanOf(
        draws.flatMap(({ seed, all }) => all.slice(at, at + 1).map(one => play(one, CONTENDERS[name], interval, seed))),
      );
    return { trace, ours: result('ours'), hpa: result('hpa'), naive: result('naive') };
  });
}

function meanOf(results: readonly Result[]): Result {
  const mean = (pick: (result: Result) => number) =>
    results.reduce((sum, result) => sum + pick(result), 0) / results.length;
  return {
    overTarget: mean(({ overTarget }) => overTarget),
    replicaHours: mean(({ replicaHours }) => replicaHours),
    turns: mean(({ turns }) => turns),
    changes: mean(({ changes }) => changes),
  };
}

const percent = (share: number): string => (100 * share).toFixed(2);

function lines(all: readonly Row[]): string[] {
  const of = (row: Row, say: (result: Result) => string) => `${say(row.ours)} / ${say(row.hpa)} / ${say(row.naive)}`;
  return [
    '| trace (ours / HPA / ±1) | time over target, % | replica-hours | changes of direction | changes |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...[...all, sumOf(all)].map(
      row =>
        `| ${row.trace} | ${of(row, ({ overTarget }) => percent(overTarget))} | ` +
        `${of(row, ({ replicaHours }) => replicaHours.toFixed(2))} | ${of(row, ({ turns }) => turns.toFixed(1))} | ` +
        `${of(row, ({ changes }) => changes.toFixed(1))} |`,
    ),
  ];
}

/** All traces together: the mean of the shares, the sum of the rest. */
function sumOf(all: readonly Row[]): Row {
  const total = (name: keyof typeof CONTENDERS): Result => {
    const { overTarget, ...sums } = meanOf(all.map(row => row[name]));
    return {
      overTarget,
      replicaHours: sums.replicaHours * all.length,
      turns: sums.turns * all.length,
      changes: sums.changes * all.length,
    };
  };
  return { trace: 'all', ours: total('ours'), hpa: total('hpa'), naive: total('naive') };
}

if (values.help) console.log(HELP);
else {
  const [interval, seeds] = [Number(values.interval), Number(values.seeds)];
  const all = values.only === 'speed' ? [] : rows(interval, seeds);
  const quick = values.only === 'traces' ? undefined : speed();
  const pass = values.only === 'traces' ? undefined : await sensorSpeed();
  if (all.length > 0) {
    console.log(
      `every ${interval} s, start-up ${START_UP} s, mean of ${seeds} seeds and targets ${TARGETS.join(', ')}\n`,
    );
    for (const line of lines(all)) console.log(line);
  }
  if (quick !== undefined)
    console.log(
      `\na decision over ${quick.services} services: median ${quick.median} ms, max ${quick.max} ms (n=${quick.count})`,
    );
  if (pass !== undefined)
    console.log(
      `a pass of the sensor over ${pass.services} services: median ${pass.median} ms, max ${pass.max} ms, ` +
        `of which the first ${pass.first} ms (n=${pass.count}); ${pass.processor} ms of processor time each`,
    );
  if (values.json !== undefined)
    writeFileSync(
      values.json,
      `${JSON.stringify({ interval, seeds, targets: TARGETS, all, speed: quick, pass }, null, 2)}\n`,
    );
}
