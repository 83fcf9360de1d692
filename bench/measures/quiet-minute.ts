import type { Healer } from '../contenders.ts';
import { cpuSeconds, type Memory, memoryOf } from '../process-figures.ts';
import { rounded } from '../statistics.ts';
import { pause } from '../wall-clock.ts';

export interface QuietMinute {
  readonly requests: number;
  /** Which, with how many. */
  readonly paths: Readonly<Record<string, number>>;
  readonly cpuSeconds: number;
  readonly eventBytes: number;
  readonly memory: Memory;
}

const MINUTE = 60_000;

/** A minute in which nothing is wrong. */
export async function quietMinute({ proxy, pid }: Healer): Promise<QuietMinute> {
  const [requestsBefore, bytesBefore, cpuBefore] = [proxy.requests.length, proxy.eventBytes, cpuSeconds(pid)];
  await pause(MINUTE);
  const seen = proxy.requests.slice(requestsBefore).map(({ method, path }) => `${method} ${path.split('?')[0]}`);
  return {
    requests: seen.length,
    paths: Object.fromEntries([...new Set(seen)].map(path => [path, seen.filter(one => one === path).length])),
    cpuSeconds: rounded(cpuSeconds(pid) - cpuBefore),
    eventBytes: proxy.eventBytes - bytesBefore,
    memory: memoryOf(pid),
  };
}
