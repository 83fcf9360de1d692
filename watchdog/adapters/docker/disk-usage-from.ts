import type { DiskUsage } from './docker.ts';
import type { SystemDiskUsage } from './engine-shapes.ts';

/**
 * Totals, as `docker system df` adds them up from engines below API 1.52 (moby client, `system_disk_usage.go`); what is not known
 * (-1) counts as 0.
 */
export const diskUsageFrom = (answer: SystemDiskUsage): DiskUsage => ({
  images: answer.ImageUsage?.TotalSize ?? answer.LayersSize ?? 0,
  containers: answer.ContainerUsage?.TotalSize ?? sum(answer.Containers?.map(({ SizeRw }) => SizeRw)),
  volumes: answer.VolumeUsage?.TotalSize ?? sum(answer.Volumes?.map(({ UsageData }) => UsageData?.Size)),
  'build-cache':
    answer.BuildCacheUsage?.TotalSize ??
    sum(answer.BuildCache?.filter(({ Shared }) => !Shared).map(({ Size }) => Size)),
});

const sum = (sizes: readonly (number | undefined)[] = []): number =>
  sizes.reduce<number>((total, size) => total + Math.max(0, size ?? 0), 0);
