import { join } from 'node:path';
import type { Clock } from '../adapters/clock.ts';
import type { DiskUsage, Docker } from '../adapters/docker/docker.ts';
import type { FreeSpace } from '../adapters/free-space.ts';
import type { HostMemory } from '../adapters/host-memory.ts';
import type { Logger } from '../adapters/logger.ts';
import { usesTooMuch } from '../domain/allowance.ts';
import type { Finding } from '../domain/finding.ts';
import type { Replica, ServiceRef } from '../domain/service.ts';
import { type Duration, hours, minutes } from '../domain/time.ts';
import { DiskWatch } from './disk-watch.ts';
import { MemoryWatch } from './memory-watch.ts';
import { ResourceSampler } from './resource-sampler.ts';
import type { StackKeeper } from './stack-keeper.ts';

export interface MeasuringTools {
  readonly docker: Pick<Docker, 'stats' | 'resources' | 'host' | 'diskUsage'>;
  readonly freeSpace: FreeSpace;
  readonly memory: HostMemory;
  /** Whether its owner lets it be restarted so that others have memory. */
  readonly mayGive: (replica: Replica) => boolean;
  readonly stack: StackKeeper;
  readonly interval: Duration;
  /** Asked afresh each time, so that a reload holds at once. No paths: those that are always there. */
  readonly watched: () => { readonly paths: readonly string[]; readonly threshold: number };
  /** Watched where no paths are set, and beside it Docker's own folder where that can be seen. */
  readonly dataFolder: string;
  readonly emit: (finding: Finding) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The engine walks over its whole disk to answer, so it is asked seldom, and not while everything starts. */
const DOCKER_DISK_EVERY: Duration = hours(1);
const DOCKER_DISK_FIRST: Duration = minutes(2);

/** Everything that is measured without being asked: containers, disks, the host's memory, and what Docker itself keeps. */
export class Measuring {
  readonly #tools: MeasuringTools;
  readonly #sampler: ResourceSampler;
  readonly #disks: DiskWatch;
  readonly #memory: MemoryWatch;
  #dockerFolder: string | undefined;
  #dockerDisk: DiskUsage | undefined;

  constructor(tools: MeasuringTools) {
    this.#tools = tools;
    this.#sampler = new ResourceSampler({ ...tools, tooMuch: usesTooMuch });
    this.#memory = new MemoryWatch(tools);
    this.#disks = new DiskWatch({ ...tools, watched: () => this.#watched() });
  }

  /** What Docker itself keeps on the disk, as last told; undefined while nobody has. */
  get dockerDisk(): DiskUsage | undefined {
    return this.#dockerDisk;
  }

  /** Brings the reading of the disk that this is about up to date. */
  lookAtHost(ref: ServiceRef): Promise<void> {
    return this.#disks.look(ref);
  }

  /** Measures until the signal fires, and does not wait for a file system that hangs. */
  async run(signal: AbortSignal): Promise<void> {
    const over = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
    if (signal.aborted) return;
    void this.#findDocker(signal).then(() => this.#disks.run(signal));
    const measuring = [this.#sampler.run(signal), this.#memory.run(signal), this.#askForDisk(signal)];
    await Promise.race([over, Promise.all(measuring)]);
  }

  #watched() {
    const { paths, threshold } = this.#tools.watched();
    const always = [this.#tools.dataFolder, ...(this.#dockerFolder === undefined ? [] : [this.#dockerFolder])];
    return { paths: paths.length > 0 ? paths : always, threshold };
  }

  /** In a container it can mostly not be seen; the data volume lies on the same disk. An engine that is away is not waited for. */
  async #findDocker(signal: AbortSignal): Promise<void> {
    const { docker, freeSpace } = this.#tools;
    try {
      const { rootFolder } = await docker.host(signal);
      // Anybody can have an empty /var/lib/docker; the engine's has its images below.
      await freeSpace(join(rootFolder, 'image'));
      this.#dockerFolder = rootFolder;
    } catch {
      this.#dockerFolder = undefined;
    }
  }

  async #askForDisk(signal: AbortSignal): Promise<void> {
    const { clock, docker, logger } = this.#tools;
    for (let wait = DOCKER_DISK_FIRST; ; wait = DOCKER_DISK_EVERY) {
      await clock.sleep(wait, signal).catch(() => undefined);
      if (signal.aborted) return;
      this.#dockerDisk = await docker.diskUsage(signal).catch((error: unknown) => {
        logger.debug('the engine does not tell what it keeps on the disk', { error: String(error) });
        return undefined;
      });
    }
  }
}
