import type { Stats } from './docker.ts';
import type { ContainerStats, NetworkStats } from './engine-shapes.ts';

/** Foreign shape removed. Undefined for a container that does not run: the engine dates its answer to the year 1. */
export function statsFrom({ read, cpu_stats: cpu, memory_stats: memory, networks }: ContainerStats): Stats | undefined {
  const at = Date.parse(read ?? '');
  if (!(at > 0)) return undefined;
  return {
    at,
    cpuTime: count(cpu?.cpu_usage?.total_usage),
    hostCpuTime: positive(cpu?.system_cpu_usage),
    hostCores: positive(cpu?.online_cpus),
    memoryBytes: withoutPageCache(memory),
    memoryLimit: count(memory?.limit),
    networkErrors: networks ? Object.values(networks).reduce((sum, each) => sum + errorsOf(each), 0) : undefined,
  };
}

/**
 * As `docker stats` (docker/cli, `calculateMemUsageUnixNoCache` in `cli/command/container/stats_helpers.go`): what the kernel
 * would drop first is not counted. `total_inactive_file` is what cgroup v1 calls it, `inactive_file` what v2 does.
 */
function withoutPageCache(memory: ContainerStats['memory_stats']): number {
  const usage = count(memory?.usage);
  const droppable = [memory?.stats?.total_inactive_file, memory?.stats?.inactive_file].map(count);
  return usage - (droppable.find(bytes => bytes > 0 && bytes < usage) ?? 0);
}

const errorsOf = (network: NetworkStats): number =>
  count(network.rx_errors) + count(network.rx_dropped) + count(network.tx_errors) + count(network.tx_dropped);

/** What an engine leaves out, or sends as something else than a number, counts as 0. */
const count = (value: unknown): number => positive(value) ?? 0;

const positive = (value: unknown): number | undefined => (typeof value === 'number' && value > 0 ? value : undefined);
