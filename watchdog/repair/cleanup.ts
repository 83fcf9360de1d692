import { dirname } from 'node:path';
import type { Clock } from '../adapters/clock.ts';
import type { Docker, Prunable } from '../adapters/docker/docker.ts';
import type { HostFiles } from '../adapters/host-files.ts';
import { bytesInWords } from '../domain/bytes.ts';
import { diskPathOf } from '../domain/disk.ts';
import type { HostStrategy, HostWork } from '../domain/repair.ts';
import type { Duration } from '../domain/time.ts';

/** What the operator allowed to be removed; the settings' `disk`. */
export interface Allowed {
  readonly threshold: number;
  readonly cleanup: {
    readonly buildCache: boolean;
    readonly danglingImages: boolean;
    readonly logsOlderThan: Duration;
    readonly logPaths: readonly string[];
    readonly stoppedContainers: boolean;
    readonly systemPrune: boolean;
  };
}

export interface CleanupTools {
  readonly docker: Pick<Docker, 'prune' | 'host'>;
  readonly files: HostFiles;
  /** Asked afresh each time, so that a reload holds at once. */
  readonly allowed: () => Allowed;
  /** The log that the watchdog writes; those it rotated lie beside it. */
  readonly logFile: () => string;
  readonly clock: Pick<Clock, 'now'>;
}

/** Beyond the threshold, so that the disk is not low again at once: five hundredths of the disk. */
const MARGIN = 0.05;

/** One thing that may be removed. */
interface Step {
  readonly name: string;
  /** A path on the disk that gets room by it; undefined where nobody knows. */
  readonly on: string | undefined;
  /** @returns the bytes got back */
  readonly take: (signal: AbortSignal) => Promise<number>;
}

/**
 * Makes room on a disk, from what costs least to what costs most, and stops as soon as there is enough (INTERFACE, conditions).
 * What lies on another disk than the one that is low stays. Never volumes, and nothing that belongs to a Compose project.
 *
 * Its danger is none: what it may remove nobody needs, and what somebody might miss was allowed by the operator in so many words.
 */
export const cleanup = (tools: CleanupTools): HostStrategy => ({
  name: 'cleanup',
  danger: 'none',
  summary: 'removes build cache, dangling images and old logs until the disk has room again',
  applyToHost: async work => {
    const path = diskPathOf(work.order);
    if (path === undefined)
      throw new Error(`cleanup makes room on a watched disk, and ${work.order.service} of the host is none`);
    return await makeRoom(path, work, tools);
  },
});

async function makeRoom(path: string, { signal, journal }: HostWork, tools: CleanupTools): Promise<string> {
  const enough = tools.allowed().threshold + MARGIN;
  const done: string[] = [];
  for (const { name, on, take } of await stepsFor(tools, signal)) {
    signal.throwIfAborted();
    const { device, free } = await tools.files.freeSpace(path);
    if (free >= enough) break;
    if (on !== undefined && (await deviceOf(on, tools)) !== device) continue;
    journal('remove', { what: name });
    try {
      const bytes = await take(signal);
      journal('removed', { what: name, bytes });
      done.push(`${name}: ${bytesInWords(bytes)}`);
    } catch (error) {
      // One thing that cannot be had keeps nobody from the next.
      signal.throwIfAborted();
      const because = error instanceof Error ? error.message : String(error);
      journal('not removed', { what: name, because });
      done.push(`${name}: ${because}`);
    }
  }
  return done.length === 0 ? 'nothing may be removed there' : `removed ${done.join(', ')}`;
}

/** In the order in which they are taken. */
async function stepsFor(tools: CleanupTools, signal: AbortSignal): Promise<readonly Step[]> {
  const { docker, allowed, logFile } = tools;
  const { buildCache, danglingImages, logPaths, stoppedContainers, systemPrune } = allowed().cleanup;
  const on = await visible(docker, tools, signal);
  const prune = (name: string, what: Prunable): Step => ({ name, on, take: abort => docker.prune(what, abort) });
  const own = dirname(logFile());
  const logsIn = (folder: string): Step => ({
    name: folder === own ? 'old logs of our own' : `old logs in ${folder}`,
    on: folder,
    take: abort => oldLogsIn(folder, tools, abort),
  });
  return [
    ...(buildCache || systemPrune ? [prune('build cache', 'build-cache')] : []),
    ...(danglingImages || systemPrune ? [prune('dangling images', 'dangling-images')] : []),
    ...[...new Set([own, ...logPaths])].map(logsIn),
    ...(stoppedContainers || systemPrune ? [prune('stopped containers', 'stopped-containers')] : []),
    ...(systemPrune
      ? [prune('unused networks', 'unused-networks'), prune('images of those containers', 'dangling-images')]
      : []),
  ];
}

const oldLogsIn = (folder: string, { files, allowed, logFile, clock }: CleanupTools, signal: AbortSignal) =>
  files.removeOldLogs({ folder, before: clock.now() - allowed().cleanup.logsOlderThan, inUse: logFile() }, signal);

/** Where the engine keeps its files, if that can be seen from here. */
async function visible(docker: Pick<Docker, 'host'>, tools: CleanupTools, signal: AbortSignal) {
  const root = await docker.host(signal).then(
    ({ rootFolder }) => rootFolder,
    () => undefined,
  );
  signal.throwIfAborted();
  return root !== undefined && (await deviceOf(root, tools)) !== undefined ? root : undefined;
}

const deviceOf = (path: string, { files }: CleanupTools): Promise<number | undefined> =>
  files.freeSpace(path).then(
    ({ device }) => device,
    () => undefined,
  );
