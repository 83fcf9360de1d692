import type { Resources } from './docker.ts';
import type { HostConfig } from './engine-shapes.ts';

/** What an inspect says of what a container may use. */
export const resourcesFrom = (host: HostConfig): Resources => ({
  cpuShares: host.CpuShares ?? 0,
  nanoCpus: host.NanoCpus ?? 0,
  cpuQuota: host.CpuQuota ?? 0,
  cpuPeriod: host.CpuPeriod ?? 0,
  cpusetCpus: host.CpusetCpus ?? '',
  memory: host.Memory ?? 0,
  memoryReservation: host.MemoryReservation ?? 0,
});

/** The body of ContainerUpdate. */
export const updateBody = (change: Partial<Resources>): Partial<HostConfig> =>
  Object.fromEntries(
    Object.entries({
      CpuShares: change.cpuShares,
      NanoCpus: change.nanoCpus,
      CpuQuota: change.cpuQuota,
      CpuPeriod: change.cpuPeriod,
      CpusetCpus: change.cpusetCpus,
      Memory: change.memory,
      MemoryReservation: change.memoryReservation,
    }).filter(([, value]) => value !== undefined),
  );
