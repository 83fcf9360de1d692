import type { Clock } from '../adapters/clock.ts';
import type { FreeSpace } from '../adapters/free-space.ts';
import type { Logger } from '../adapters/logger.ts';
import { type DiskReading, diskPathOf, diskRef } from '../domain/disk.ts';
import type { Finding } from '../domain/finding.ts';
import type { ServiceRef } from '../domain/service.ts';
import type { Duration } from '../domain/time.ts';
import { readEvery } from './read-every.ts';
import type { StackKeeper } from './stack-keeper.ts';

export interface DiskWatchTools {
  readonly freeSpace: FreeSpace;
  /** Asked afresh each time, so that a reload holds at once. */
  readonly watched: () => { readonly paths: readonly string[]; readonly threshold: number };
  readonly stack: Pick<StackKeeper, 'disk' | 'noteDisk'>;
  readonly interval: Duration;
  readonly emit: (finding: Finding) => void;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Reads how much is free under each watched path, once an interval. Of several paths on one file system only the first leads to
 * a finding: they fill up together, and one repair is enough.
 */
export class DiskWatch {
  readonly #tools: DiskWatchTools;
  readonly #unreadable = new Set<string>();

  constructor(tools: DiskWatchTools) {
    this.#tools = tools;
  }

  /** Reads until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, interval } = this.#tools;
    await readEvery(
      () => interval,
      () => this.read(),
      { clock, signal },
    );
  }

  /** Reads every path once. Never rejects. */
  async read(): Promise<void> {
    const devices = new Set<number>();
    for (const path of this.#tools.watched().paths) {
      const wasLow = this.#tools.stack.disk(path)?.lowSince !== undefined;
      const found = await this.#note(path);
      if (found === undefined) continue;
      const isLow = found.reading.lowSince !== undefined;
      if ((isLow || wasLow) && !devices.has(found.device)) this.#tools.emit(findingFrom(found.reading));
      devices.add(found.device);
    }
  }

  /** A fresh look at the disk that such a finding is about; at anything else there is nothing to see. */
  async look(ref: ServiceRef): Promise<void> {
    const path = diskPathOf(ref);
    if (path !== undefined) await this.#note(path);
  }

  async #note(path: string): Promise<{ readonly reading: DiskReading; readonly device: number } | undefined> {
    const { freeSpace, watched, stack, clock, logger } = this.#tools;
    const { threshold } = watched();
    try {
      const { device, free, freeBytes } = await freeSpace(path);
      const at = clock.now();
      const lowSince = free < threshold ? (stack.disk(path)?.lowSince ?? at) : undefined;
      const reading: DiskReading = { path, at, free, freeBytes, threshold, lowSince };
      stack.noteDisk(reading);
      this.#unreadable.delete(path);
      return { reading, device };
    } catch (error) {
      // Told once: it may be a mount that comes and goes.
      if (!this.#unreadable.has(path)) logger.warn('a watched path cannot be read', { path, error: String(error) });
      this.#unreadable.add(path);
      return undefined;
    }
  }
}

const findingFrom = ({ path, at, free, freeBytes }: DiskReading): Finding => ({
  kind: 'measured',
  target: diskRef(path),
  source: 'samples',
  at,
  seenAt: at,
  evidence: { free: Math.round(free * 1_000) / 1_000, freeBytes },
});
