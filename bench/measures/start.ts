import { answers, type Contender } from '../contenders.ts';
import { cpuSeconds } from '../process-figures.ts';
import { type Summary, summaryOf } from '../statistics.ts';
import { now, until } from '../wall-clock.ts';

export interface StartFigures {
  /** Milliseconds from the start of the process to its first list request. */
  readonly firstLook: Summary;
  /** Milliseconds until `/readyz` answers with 200. */
  readonly ready: Summary;
  /** CPU seconds until then. */
  readonly cpuSeconds: Summary;
}

/** The process is started several times, each time with an empty data folder. */
export async function start(contender: Contender, project: string, folder: string, times = 7): Promise<StartFigures> {
  const looks: number[] = [];
  const ready: number[] = [];
  const cpu: number[] = [];
  for (let turn = 0; turn < times; turn += 1) {
    const healer = await contender.start(project, folder);
    try {
      await until('/readyz', () => answers(`${healer.address}/readyz`), 30_000);
      ready.push(now() - healer.startedAt);
      cpu.push(cpuSeconds(healer.pid));
      const look = healer.proxy.requests.find(({ path }) => path.includes('/containers/json'));
      looks.push((look?.at ?? Number.NaN) - healer.startedAt);
    } finally {
      await healer.stop();
    }
  }
  return { firstLook: summaryOf(looks), ready: summaryOf(ready), cpuSeconds: summaryOf(cpu) };
}
