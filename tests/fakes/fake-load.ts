import type { Stats } from '../../watchdog/adapters/docker/docker.ts';
import type { Instant } from '../../watchdog/domain/time.ts';

export interface Load {
  /** Cores in use. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** Errors and drops a second; undefined for a container without a network of its own. */
  readonly networkErrors: number | undefined;
}

/** What the fake host has. */
export const HOST_CORES = 4;
export const HOST_MEMORY = 16 * 2 ** 30;

const SECOND_IN_NANOSECONDS = 1_000_000_000;

/** What one container uses, added up over time as the kernel does. It may be told of a change at any time. */
export class FakeLoad {
  #load: Load = { cores: 0.01, memoryBytes: 10 * 2 ** 20, networkErrors: 0 };
  #since: Instant | undefined;
  #cpuTime = 0;
  #networkErrors = 0;

  /** From now on. */
  change(load: Partial<Load>, now: Instant): void {
    this.#addUp(now);
    this.#load = { ...this.#load, ...load };
  }

  stats(now: Instant, memoryLimit: number): Stats {
    this.#addUp(now);
    return {
      at: now,
      cpuTime: this.#cpuTime,
      hostCpuTime: (now / 1_000) * HOST_CORES * SECOND_IN_NANOSECONDS,
      hostCores: HOST_CORES,
      memoryBytes: this.#load.memoryBytes,
      memoryLimit: memoryLimit || HOST_MEMORY,
      networkErrors: this.#load.networkErrors === undefined ? undefined : this.#networkErrors,
    };
  }

  #addUp(now: Instant): void {
    const seconds = (now - (this.#since ?? now)) / 1_000;
    this.#since = now;
    this.#cpuTime += seconds * this.#load.cores * SECOND_IN_NANOSECONDS;
    this.#networkErrors += seconds * (this.#load.networkErrors ?? 0);
  }
}
