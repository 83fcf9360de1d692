import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second for every program (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** CPU seconds of a process and of its children that have ended (`curl` in a shell script), from `/proc/PID/stat`. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold spaces; utime, stime, cutime and cstime are the 14th to 17th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
}

/** The local engine's. */
export function engineProcesses(): readonly number[] {
  const named = (pid: string) => {
    try {
      return ['dockerd', 'containerd'].includes(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
    } catch {
      // It has ended since the folder was read.
      return false;
    }
  };
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && named(name))
    .map(Number);
}

/** In MB (10^6 bytes). `rss` is what is reported; the others say of what it is made. */
export interface Memory {
  readonly rss: number;
  /** Heaps and stacks: what this process alone costs. */
  readonly anonymous: number;
  /** Pages of programs and libraries, mostly of Node's own binary: shared by all processes that run it. */
  readonly file: number;
  /** `rss`, with each shared page divided by the number of processes that use it. */
  readonly proportional: number;
  readonly peak: number;
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return {
    rss: field(status, 'VmRSS'),
    anonymous: field(status, 'RssAnon'),
    file: field(status, 'RssFile') + field(status, 'RssShmem'),
    proportional: field(rollup, 'Pss'),
    peak: field(status, 'VmHWM'),
  };
}

function field(text: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
  return Math.round((Number(kibibytes ?? Number.NaN) * 1_024) / 100_000) / 10;
}
