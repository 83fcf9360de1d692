import type { Clock } from '../adapters/clock.ts';
import type { HostMemory } from '../adapters/host-memory.ts';
import type { Logger } from '../adapters/logger.ts';
import type { Finding } from '../domain/finding.ts';
import { type MemoryGiver, memoryOf } from '../domain/memory.ts';
import type { Replica } from '../domain/service.ts';
import { type Duration, type Instant, minutes } from '../domain/time.ts';
import { readEvery } from './read-every.ts';
import type { StackKeeper } from './stack-keeper.ts';

export interface MemoryWatchTools {
  readonly memory: HostMemory;
  readonly stack: Pick<StackKeeper, 'memory' | 'noteMemory' | 'services' | 'replica'>;
  /** Whether its owner lets it be restarted so that others have memory. */
  readonly mayGive: (replica: Replica) => boolean;
  readonly interval: Duration;
  readonly emit: (finding: Finding) => void;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}

/** earlyoom begins to end processes at this share (its README, `-m`); the kernel itself only when nothing at all is left. */
const LITTLE = 0.1;
/** A peak passes; what leaks, or has grown too large, does not. */
const LITTLE_FOR: Duration = minutes(1);
/** What is freed is seen within one reading, and who takes it again needs a while: so long one container is enough. */
const NEXT_AFTER: Duration = minutes(10);

/**
 * Reads the host's memory once an interval. While little is left it says who is to give some back: of the containers whose owners
 * allow it the one that uses most, one at a time, and each once while the shortage lasts. What comes of that is for the road to
 * decide, in that service's own lane.
 */
export class MemoryWatch {
  readonly #tools: MemoryWatchTools;
  /** Ids of those that were chosen since little was left. */
  readonly #chosen = new Set<string>();
  #unreadable = false;

  constructor(tools: MemoryWatchTools) {
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

  /** Reads once. Never rejects. */
  async read(): Promise<void> {
    const { memory, stack, clock, logger } = this.#tools;
    try {
      const { total, available } = await memory();
      this.#note(total > 0 ? available / total : 1, available, clock.now());
      this.#unreadable = false;
    } catch (error) {
      stack.noteMemory(undefined);
      if (!this.#unreadable) logger.warn("the host's memory cannot be read", { error: String(error) });
      this.#unreadable = true;
    }
  }

  #note(available: number, availableBytes: number, at: Instant): void {
    const { stack, emit } = this.#tools;
    const before = stack.memory();
    const lowSince = available < LITTLE ? (before?.lowSince ?? at) : undefined;
    if (lowSince === undefined) this.#chosen.clear();
    const isLow = lowSince !== undefined && at - lowSince >= LITTLE_FOR;
    const isGiving = before?.giver !== undefined && at - before.giver.chosenAt < NEXT_AFTER;
    const giver = isLow ? (isGiving ? before.giver : this.#largest(at)) : undefined;
    stack.noteMemory({ at, available, availableBytes, lowSince, giver });
    // Also who need not give any more is worth a look: its incident may be over.
    const concerned = new Set([before?.giver, giver].flatMap(each => (each === undefined ? [] : each.containerId)));
    if (before?.giver !== giver)
      for (const id of concerned) {
        const replica = stack.replica(id);
        if (replica !== undefined) emit(findingFrom(replica, available, at));
      }
  }

  #largest(chosenAt: Instant): MemoryGiver | undefined {
    const { stack, mayGive } = this.#tools;
    const [largest] = [...stack.services()]
      .flatMap(({ replicas }) => replicas)
      .filter(({ id, state, samples }) => state === 'running' && memoryOf(samples) > 0 && !this.#chosen.has(id))
      .filter(mayGive)
      .toSorted((a, b) => memoryOf(b.samples) - memoryOf(a.samples));
    if (largest === undefined) return undefined;
    this.#chosen.add(largest.id);
    return { containerId: largest.id, bytes: memoryOf(largest.samples), chosenAt };
  }
}

const findingFrom = ({ project, service, id }: Replica, available: number, at: Instant): Finding => ({
  kind: 'measured',
  target: { project, service, containerId: id },
  source: 'samples',
  at,
  seenAt: at,
  evidence: { available: Math.round(available * 1_000) / 1_000 },
});
