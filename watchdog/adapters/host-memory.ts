import { readFile } from 'node:fs/promises';

/** Bytes. */
export interface Memory {
  readonly total: number;
  /** What new programs may have without swapping, by the kernel's own estimate. */
  readonly available: number;
}

/** Reads the host's memory; in a container too, whose `/proc/meminfo` is the host's. Rejects where there is none (no Linux). */
export type HostMemory = () => Promise<Memory>;

/** MemTotal and MemAvailable of `/proc/meminfo` (Linux, Documentation/filesystems/proc.rst), which are in KiB. */
export const hostMemory: HostMemory = async () => memoryFrom(await readFile('/proc/meminfo', 'utf8'));

/** @throws Error where a figure is missing */
export const memoryFrom = (meminfo: string): Memory => ({
  total: bytesOf('MemTotal', /^MemTotal: *(\d{1,15}) kB$/m.exec(meminfo)),
  available: bytesOf('MemAvailable', /^MemAvailable: *(\d{1,15}) kB$/m.exec(meminfo)),
});

function bytesOf(name: string, found: RegExpExecArray | null): number {
  if (found === null) throw new Error(`/proc/meminfo has no line ${name}, in kB`);
  return Number(found[1]) * 1_024;
}
