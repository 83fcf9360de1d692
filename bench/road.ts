// Measures what docs/performance.md reports: `node bench/road.ts --help`.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Contender, contenderFrom, firstLook, watchdog } from './contenders.ts';
import { ask } from './engine.ts';
import { behindStubborn } from './measures/behind-stubborn.ts';
import { illAtOnce, killedAtOnce } from './measures/burst.ts';
import { largeStack } from './measures/large-stack.ts';
import { quietMinute } from './measures/quiet-minute.ts';
import { sampling } from './measures/sampling.ts';
import { singleFaults } from './measures/single-faults.ts';
import { start } from './measures/start.ts';
import { Observer } from './observer.ts';
import { type Patients, patients } from './patients.ts';
import { lines } from './report.ts';
import { undoAtSignal } from './undo.ts';
import { drift, pause } from './wall-clock.ts';
import { commandAsInImage } from './watchdog-copy.ts';

const HELP = `node bench/road.ts [options]

  --services N         services in the project, at least 26                       (50)
  --probe-interval T   of each service's health check; a probe costs the engine about 50 ms of CPU  (1s)
  --repetitions N      of each single fault                                       (20)
  --peer IMAGE         another healer in the same run, after ours; may be given more than once:
                       an image, or the models builtin:polling and builtin:events
  --only PART          faults, bursts, behind, quiet, start, sampling or large; may be given more than once
  --sampling-minutes N of each of its two runs, with measuring and without            (5)
  --json FILE          writes the figures there as well

It makes a Compose project cw-bench-PID on the local engine and removes it again. Take a machine that does nothing else.`;

/** Longer than a polling healer's interval and its work on those before. */
const PATIENCE = 20_000;

type Part = 'faults' | 'bursts' | 'behind' | 'quiet' | 'start' | 'sampling' | 'large';

const { values } = parseArgs({
  options: {
    services: { type: 'string', default: '50' },
    'probe-interval': { type: 'string', default: '1s' },
    repetitions: { type: 'string', default: '20' },
    peer: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true, default: [] },
    'sampling-minutes': { type: 'string', default: '5' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const wanted = (part: Part): boolean => values.only.length === 0 || values.only.includes(part);

/** All that is measured of one healer, on services that are there already. */
async function measured(contender: Contender, group: Patients, folder: string, ours: boolean) {
  const healer = await contender.start(group.project, folder);
  const observer = await Observer.watch(group.project);
  const run = { healer, observer, patients: group, patience: PATIENCE };
  try {
    await firstLook(healer);
    // The watchdog gives back what only its start needed after ten seconds.
    await pause(15_000);
    return {
      name: contender.name,
      quiet: wanted('quiet') ? await quietMinute(healer) : undefined,
      faults: wanted('faults') ? await singleFaults(run, Number(values.repetitions)) : undefined,
      illAtOnce: wanted('bursts') ? await illAtOnce(run) : undefined,
      // The others never start what has crashed, as their single faults show.
      killedAtOnce: wanted('bursts') && ours ? await killedAtOnce(run) : undefined,
      behind: wanted('behind') ? await behindStubborn(run) : undefined,
    };
  } finally {
    observer.close();
    await healer.stop();
  }
}

export type Measured = Awaited<ReturnType<typeof measured>>;

async function machine() {
  const { Version } = await ask<{ Version: string }>('GET', '/version');
  const [cpu] = cpus();
  return {
    cpu: cpu?.model,
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 1e9),
    node: process.version,
    engine: Version,
  };
}

async function main(folder: string) {
  const ours = watchdog(commandAsInImage(folder));
  const peers = values.peer.map(contenderFrom);
  const all: Measured[] = [];
  const needsPatients = (['faults', 'bursts', 'behind', 'quiet', 'start'] as const).some(wanted);
  const group = needsPatients ? await patients(Number(values.services), values['probe-interval'], folder) : undefined;
  try {
    const starting = group && wanted('start') ? await start(ours, group.project, folder) : undefined;
    if (group && (['faults', 'bursts', 'behind', 'quiet'] as const).some(wanted))
      for (const contender of [ours, ...peers]) {
        all.push(await measured(contender, group, folder, contender === ours));
        console.error(`${contender.name}: done`);
      }
    // On an engine that has nothing else to do.
    await group?.down();
    const sampled = wanted('sampling')
      ? await sampling(ours, folder, Number(values.services), Number(values['sampling-minutes']))
      : undefined;
    const large = wanted('large') ? await largeStack(ours, folder, 5_000) : undefined;
    return {
      machine: await machine(),
      services: Number(values.services),
      probeInterval: values['probe-interval'],
      all,
      start: starting,
      sampling: sampled,
      large,
      clockDrift: drift(),
    };
  } finally {
    await group?.down();
  }
}

export type Figures = Awaited<ReturnType<typeof main>>;

if (values.help) console.log(HELP);
else {
  const folder = mkdtempSync(join(tmpdir(), 'cw-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  undoAtSignal(async () => remove());
  try {
    const figures = await main(folder);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
    for (const line of lines(figures)) console.log(line);
  } finally {
    remove();
  }
}
