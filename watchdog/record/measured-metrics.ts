import type { DiskReading } from '../domain/disk.ts';
import type { MemoryReading } from '../domain/memory.ts';
import type { Sample } from '../domain/sample.ts';
import type { Service } from '../domain/service.ts';
import type { Instant } from '../domain/time.ts';
import { type Family, familyText, labelsText, type Series } from './exposition.ts';

const CPU: Family = {
  name: 'service_cpu_usage_ratio',
  type: 'gauge',
  help: 'CPU time used as a share of the own limit of the container, else of the cores of the host; 1 is all of it',
};
const MEMORY: Family = {
  name: 'service_memory_usage_ratio',
  type: 'gauge',
  help: 'Memory without page cache as a share of the limit of the container, else of the memory of the host',
};
const MEMORY_BYTES: Family = {
  name: 'service_memory_usage_bytes',
  type: 'gauge',
  help: 'Memory without page cache, as docker stats shows it',
};
const NETWORK_ERRORS: Family = {
  name: 'service_network_errors_total',
  type: 'counter',
  help: 'Errors and drops, received and sent, on all networks of the container since it was started',
};
const DISK_FREE: Family = {
  name: 'host_disk_free_ratio',
  type: 'gauge',
  help: 'What may still be written on the disk of a watched path, as a share of its size',
};
const MEMORY_AVAILABLE: Family = {
  name: 'host_memory_available_ratio',
  type: 'gauge',
  help: 'What new programs of the host may have without swapping, as a share of its memory',
};
const DOCKER_DISK: Family = {
  name: 'docker_disk_usage_bytes',
  type: 'gauge',
  help: 'What Docker itself keeps on the disk, asked once an hour',
};

/** What was measured, asked at a scrape. */
export interface Measured {
  /** What was measured before that is too old to be shown. */
  readonly measuredSince: () => Instant;
  readonly disks: () => Iterable<DiskReading>;
  /** The host's; undefined while it cannot be read. */
  readonly memory: () => MemoryReading | undefined;
  /** Bytes by what takes them; empty while the engine has not told. */
  readonly dockerDisk: () => Readonly<Record<string, number>>;
}

/** The newest figures of all that is measured; old figures are none, and those of what is gone or stands still vanish. */
export function measuredText(measured: Measured, services: readonly Service[]): string {
  const { measuredSince, disks, memory, dockerDisk } = measured;
  const since = measuredSince();
  const ofHost = memory();
  return [
    samplesText(services, since),
    familyText(MEMORY_AVAILABLE, series => {
      if (ofHost !== undefined && ofHost.at >= since) series('', ofHost.available);
    }),
    disksText(
      [...disks()].filter(({ at }) => at >= since),
      dockerDisk(),
    ),
  ].join('\n');
}

function samplesText(services: readonly Service[], since: Instant): string {
  const all = services.flatMap(({ replicas }) =>
    replicas.flatMap(({ project, service, number, state, samples }) => {
      const sample = samples.at(-1);
      if (sample === undefined || sample.at < since || state !== 'running') return [];
      return [{ labels: labelsText({ project, service, replica: String(number) }), sample }];
    }),
  );
  const family = (of: Family, value: (sample: Sample) => number | undefined): string =>
    familyText(of, (series: Series) => {
      for (const { labels, sample } of all) {
        const shown = value(sample);
        if (shown !== undefined) series(labels, shown);
      }
    });
  return [
    family(CPU, ({ cpu }) => cpu),
    family(MEMORY, ({ memory }) => memory),
    family(MEMORY_BYTES, ({ memoryBytes }) => memoryBytes),
    family(NETWORK_ERRORS, ({ networkErrorsTotal }) => networkErrorsTotal),
  ].join('\n');
}

const disksText = (disks: readonly DiskReading[], docker: Readonly<Record<string, number>>): string =>
  [
    familyText(DISK_FREE, series => {
      for (const { path, free } of disks) series(labelsText({ path }), free);
    }),
    familyText(DOCKER_DISK, series => {
      for (const [type, bytes] of Object.entries(docker)) series(labelsText({ type }), bytes);
    }),
  ].join('\n');
