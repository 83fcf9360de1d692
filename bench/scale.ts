// Measures what "Scaling for real" of docs/performance.md reports: `node bench/scale.ts --help`.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { composeProject, PATIENT } from './compose-project.ts';
import { firstLook, type Healer, watchdog } from './contenders.ts';
import { Observer } from './observer.ts';
import { allWell } from './patients.ts';
import { type StandInQueue, standInQueue } from './scaling/stand-in-queue.ts';
import { rounded, summaryOf } from './statistics.ts';
import { undoAtSignal } from './undo.ts';
import { drift, now, pause, until } from './wall-clock.ts';
import { commandAsInImage } from './watchdog-copy.ts';

const HELP = `node bench/scale.ts [options]

  --repetitions N   of 2 to 10 replicas, ours and Compose's by turns   (5)
  --steps N         of 2 to 3 replicas, for the first call alone       (10)
  --json FILE       writes the figures there as well

It makes a Compose project cw-bench-PID-scale on the local engine and removes it again. Take a machine that does nothing else.`;

const run = promisify(execFile);
const PROJECT = `cw-bench-${process.pid}-scale`;
const [FEW, MANY] = [2, 10];
/** Items for each replica. */
const EACH = 100;
/** The watchdog leaves a project alone for ten seconds after its last container was made or removed (gate `in-flight`). */
const DEPLOY_QUIET = 12_000;
const PATIENCE = 120_000;

const { values } = parseArgs({
  options: {
    repetitions: { type: 'string', default: '5' },
    steps: { type: 'string', default: '10' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const SERVICES = {
  web: {
    image: PATIENT,
    healthcheck: { test: ['CMD', 'patient', 'check'], interval: '1s', timeout: '30s', retries: 3 },
    stop_grace_period: '1s',
  },
};

/** What grows at the default pace would be measured at that pace: four replicas in 15 s. */
const scalingBy = (queue: string): string =>
  JSON.stringify({
    scaling: {
      web: {
        ...{ metric: 'queue', queue, target_per_replica: EACH, min_replicas: FEW, max_replicas: MANY },
        behaviour: {
          scale_up: { policies: [{ replicas: MANY, period: '1s' }] },
          scale_down: { stabilization_window: '0s' },
        },
      },
    },
  });

interface Bench {
  readonly healer: Healer;
  readonly queue: StandInQueue;
  readonly observer: Observer;
}

/** Milliseconds since the epoch, when so many more containers had become healthy. */
async function healthy(observer: Observer, count: number, since: number): Promise<number> {
  const seen = () =>
    observer.events.filter(({ action, at }) => action === 'health_status: healthy' && at >= since).map(({ at }) => at);
  await until(`${count} more healthy`, () => seen().length >= count, PATIENCE);
  return Math.max(...seen());
}

/** From the sample to the first call, and until all were healthy: milliseconds. */
async function grow({ healer, queue, observer }: Bench, to: number) {
  const sampled = await queue.holds(to * EACH);
  const isCreation = ({ method, path, at }: { method: string; path: string; at: number }) =>
    at >= sampled && method === 'POST' && path.includes('/containers/create');
  const call = await until('the first create call', () => healer.proxy.requests.find(isCreation), PATIENCE, 1);
  return { call: call.at - sampled, healthy: (await healthy(observer, to - FEW, sampled)) - sampled };
}

async function shrink({ queue, observer }: Bench, from: number): Promise<void> {
  // It proves the new ones for its settle time first.
  const since = now();
  await queue.holds(FEW * EACH);
  const gone = () => observer.events.filter(({ action, at }) => action === 'die' && at >= since).length;
  await until(`${from - FEW} stopped`, () => gone() >= from - FEW, PATIENCE);
  await pause(3_000);
}

let brokenOff = false;
let underWay: Promise<unknown> = Promise.resolve();

async function compose(folder: string, replicas: number): Promise<void> {
  if (brokenOff) throw new Error('broken off');
  underWay = run('docker', [
    ...['compose', '--progress', 'quiet', '-p', PROJECT, '-f', join(folder, `${PROJECT}.json`)],
    ...['up', '-d', '--no-recreate', '--scale', `web=${replicas}`],
  ]);
  await underWay;
}

async function composeGrows(observer: Observer, folder: string): Promise<number> {
  const began = now();
  await compose(folder, MANY);
  return (await healthy(observer, MANY - FEW, began)) - began;
}

/** A watchdog while it is needed: beside Compose's own turn there is none. */
async function withWatchdog<T>(folder: string, observer: Observer, work: (bench: Bench) => Promise<T>): Promise<T> {
  const queue = await standInQueue();
  const config = join(folder, 'watchdog.yml');
  writeFileSync(config, scalingBy(queue.address));
  const env = { WATCHDOG_CONFIG: config, SCALER_INTERVAL: '1s' };
  const ready = queue.holds(FEW * EACH);
  const healer = await ours.start(PROJECT, folder, env);
  try {
    await firstLook(healer);
    await ready;
    await pause(5_000);
    return await work({ healer, queue, observer });
  } finally {
    await healer.stop();
    queue.close();
  }
}

async function main(folder: string) {
  const down = await composeProject(PROJECT, { services: SERVICES }, folder);
  // Before it is taken down: what came up after that would stay.
  undoAtSignal(async () => {
    brokenOff = true;
    await underWay;
  });
  const observer = await Observer.watch(PROJECT);
  const few = async () => {
    await compose(folder, FEW);
    await allWell({ project: PROJECT });
    await pause(DEPLOY_QUIET);
  };
  try {
    await few();
    const calls = await withWatchdog(folder, observer, async bench => {
      const all: number[] = [];
      for (let step = 0; step < Number(values.steps); step += 1) {
        all.push((await grow(bench, FEW + 1)).call);
        await shrink(bench, FEW + 1);
      }
      return all;
    });
    const own: number[] = [];
    const others: number[] = [];
    for (let turn = 0; turn < Number(values.repetitions); turn += 1) {
      await few();
      const grown = await withWatchdog(folder, observer, bench => grow(bench, MANY));
      calls.push(grown.call);
      own.push(grown.healthy);
      await few();
      others.push(await composeGrows(observer, folder));
      console.error(`${turn + 1}: ours ${rounded(grown.healthy)} ms, Compose ${rounded(others.at(-1) ?? 0)} ms`);
    }
    const [ourOwn, composes] = [summaryOf(own), summaryOf(others)];
    return {
      call: summaryOf(calls),
      ours: ourOwn,
      compose: composes,
      ratio: rounded(ourOwn.median / composes.median),
      clockDrift: drift(),
    };
  } finally {
    observer.close();
    await down();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'cw-bench-'));
const ours = watchdog(values.help ? [] : commandAsInImage(folder));
const remove = () => rmSync(folder, { recursive: true, force: true });
undoAtSignal(async () => remove());
try {
  if (values.help) console.log(HELP);
  else {
    const figures = await main(folder);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
    console.log(JSON.stringify(figures, null, 2));
  }
} finally {
  remove();
}
