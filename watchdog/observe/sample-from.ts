import type { Resources, Stats } from '../adapters/docker/docker.ts';
import type { Sample } from '../domain/sample.ts';
import type { Instant } from '../domain/time.ts';

const NANOSECONDS = 1_000_000_000;

/** The kernel's length of a period of the CPU quota, in microseconds (Documentation/scheduler/sched-bwc.rst). */
const DEFAULT_PERIOD = 100_000;

/**
 * What two looks at a container's counters say of the time between them. Counters that went down were begun anew by a
 * restart: then there is nothing to compare with, as for the first look.
 * @param at when the second look was taken, by our clock
 */
export function sampleFrom(stats: Stats, before: Stats | undefined, resources: Resources, at: Instant): Sample {
  const since = before === undefined || beganAnew(stats, before) ? undefined : before;
  const elapsed = since && elapsedBetween(since, stats);
  const cores = coresOf(resources) ?? stats.hostCores;
  return {
    at,
    cpu:
      since === undefined || !elapsed || cores === undefined
        ? undefined
        : (stats.cpuTime - since.cpuTime) / NANOSECONDS / elapsed / cores,
    memoryBytes: stats.memoryBytes,
    memory: stats.memoryLimit > 0 ? stats.memoryBytes / stats.memoryLimit : 0,
    memoryLimited: resources.memory > 0,
    networkErrors:
      since?.networkErrors === undefined || stats.networkErrors === undefined || !elapsed
        ? undefined
        : (stats.networkErrors - since.networkErrors) / elapsed,
    networkErrorsTotal: stats.networkErrors ?? 0,
  };
}

const beganAnew = (now: Stats, before: Stats): boolean =>
  now.cpuTime < before.cpuTime || (now.networkErrors ?? 0) < (before.networkErrors ?? 0);

/**
 * Seconds. Told by the idle and busy time of the host's cores, as `docker stats` does it: unlike the wall clock, that never
 * jumps. Undefined when no time has passed.
 */
function elapsedBetween(before: Stats, now: Stats): number | undefined {
  const byCores =
    now.hostCpuTime === undefined || before.hostCpuTime === undefined || now.hostCores === undefined
      ? (now.at - before.at) / 1_000
      : (now.hostCpuTime - before.hostCpuTime) / now.hostCores / NANOSECONDS;
  return byCores > 0 ? byCores : undefined;
}

/** How many cores a container may use at most: the least of its quota and its set of cores. Undefined: all of the host's. */
export function coresOf({ nanoCpus, cpuQuota, cpuPeriod, cpusetCpus }: Resources): number | undefined {
  const limits = [nanoCpus / NANOSECONDS, cpuQuota / (cpuPeriod || DEFAULT_PERIOD), sizeOf(cpusetCpus)];
  const set = limits.filter(cores => cores > 0);
  return set.length > 0 ? Math.min(...set) : undefined;
}

/** Of a list such as `0-2,5` (man 7 cpuset, list format); 0 for an empty one. */
function sizeOf(cpuset: string): number {
  return cpuset
    .split(',')
    .map(part => /^(\d+)(?:-(\d+))?$/.exec(part.trim()))
    .reduce((sum, range) => sum + (range === null ? 0 : Number(range[2] ?? range[1]) - Number(range[1]) + 1), 0);
}
