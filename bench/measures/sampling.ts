import { composeProject, PATIENT } from '../compose-project.ts';
import { answers, type Contender } from '../contenders.ts';
import { cpuSeconds, engineProcesses, memoryOf } from '../process-figures.ts';
import { rounded } from '../statistics.ts';
import { pause, until } from '../wall-clock.ts';

/** Shares of one core in percent, memory in MB. Each is the watchdog that measures less the same one that does not. */
export interface SamplingFigures {
  readonly containers: number;
  readonly samples: number;
  readonly own: number;
  /** dockerd and containerd; whatever else asks them meanwhile is in it. */
  readonly engine: number;
  readonly memory: number;
}

/** Seconds. */
const INTERVAL = 30;
/** The first samples are taken one interval after the start, and the garbage of the start is given back after ten seconds. */
const SETTLED = (2 * INTERVAL + 5) * 1_000;
/** No round and no sample in any measure. */
const NEVER = 86_400;

/**
 * What measuring containers every 30 s costs: rounds come with it, as both go by WATCHDOG_INTERVAL. They have no health checks,
 * which would cost the engine more than all else.
 */
export async function sampling(
  contender: Contender,
  folder: string,
  containers: number,
  minutes: number,
): Promise<SamplingFigures> {
  const project = `cw-bench-${process.pid}-quiet`;
  const down = await composeProject(
    project,
    { services: { quiet: { image: PATIENT, deploy: { replicas: containers } } } },
    folder,
  );
  try {
    const without = await figures(contender, project, folder, NEVER, minutes);
    const measured = await figures(contender, project, folder, INTERVAL, minutes);
    const share = (seconds: number) => rounded((seconds / (minutes * 60)) * 100);
    return {
      containers,
      samples: measured.samples,
      own: share(measured.own - without.own),
      engine: share(measured.engine - without.engine),
      memory: rounded(measured.memory - without.memory),
    };
  } finally {
    await down();
  }
}

async function figures(contender: Contender, project: string, folder: string, interval: number, minutes: number) {
  const healer = await contender.start(project, folder, { WATCHDOG_INTERVAL: String(interval) });
  try {
    await until('/readyz', () => answers(`${healer.address}/readyz`), 60_000);
    await pause(SETTLED);
    const engine = engineProcesses();
    const engineCpu = () => engine.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
    const [requests, own, engines] = [healer.proxy.requests.length, cpuSeconds(healer.pid), engineCpu()];
    await pause(minutes * 60_000);
    const asked = healer.proxy.requests.slice(requests).filter(({ path }) => /\/containers\/[^/]+\/stats/.test(path));
    return {
      samples: asked.length,
      own: cpuSeconds(healer.pid) - own,
      engine: engineCpu() - engines,
      memory: memoryOf(healer.pid).rss,
    };
  } finally {
    await healer.stop();
  }
}
