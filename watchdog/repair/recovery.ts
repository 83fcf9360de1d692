import type { Clock } from '../adapters/clock.ts';
import { EngineError } from '../adapters/docker/docker.ts';
import type { Logger } from '../adapters/logger.ts';
import type { RepairRecord } from '../domain/records.ts';
import {
  type AnyStrategy,
  type Journal,
  type JournalStep,
  type Outcome,
  type ServiceStrategy,
  type Strategy,
  worksOnHost,
} from '../domain/repair.ts';
import { nameOf, type ServiceRef } from '../domain/service.ts';
import { type Duration, type Instant, minutes } from '../domain/time.ts';
import { inTime } from './in-time.ts';

export interface RecoveryTools {
  /** Begun and never ended, oldest first. */
  readonly unfinished: () => readonly RepairRecord[];
  readonly strategies: { get(name: string): AnyStrategy | undefined };
  readonly note: (repairId: string, step: string, data: JournalStep['data']) => void;
  readonly end: (repairId: string, outcome: Outcome, code: string, because: string) => void;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly logger: Logger;
}

/** So often the engine may refuse for reasons that could pass, before what is left half done is left to people. */
const TRIES = 20;

/** One try at one container. An engine that hangs must not keep the watchdog from all else. */
const TAKEN_UP_WITHIN: Duration = minutes(10);

/**
 * Finishes or undoes what was left half done, container by container: by a crash of the watchdog, or by an engine that refused
 * the way back. Until then nothing new begins at that service.
 */
export class Recovery {
  readonly #tools: RecoveryTools;
  readonly #tries = new Map<string, number>();
  /** What a watchdog that died was at, by service. */
  readonly #interrupted = new Map<string, { readonly from: Instant; readonly until: Instant }>();

  constructor(tools: RecoveryTools) {
    this.#tools = tools;
  }

  /**
   * Everything, at start. What the engine refuses now is taken up again when its service is attended to.
   * @param signal cuts even what is being taken up short; it stays in the journal
   * @param stopping nothing more is taken up once it fires
   */
  async takeUpAll(signal: AbortSignal, stopping: AbortSignal): Promise<void> {
    const { unfinished, clock, logger } = this.#tools;
    const takeUpOne = async (service: string, repairs: readonly RepairRecord[]) => {
      for (const repair of repairs) {
        if (stopping.aborted) return;
        await this.#takeUp(repair, signal).catch(error => {
          if (signal.aborted) return;
          logger.error('half-done repair could not be taken up', { service, error: String(error) });
        });
        this.#interrupted.set(service, { from: repair.startedAt, until: clock.now() });
      }
    };
    // Side by side: one may have to sit out the stop grace of its container.
    await Promise.all(
      Map.groupBy(unfinished(), nameOf)
        .entries()
        .map(([service, repairs]) => takeUpOne(service, repairs)),
    );
  }

  /** Whether what happened at the service then was our doing, in a life that ended over it: the engine replays such events. */
  wasOurs(ref: ServiceRef, at: Instant): boolean {
    const interrupted = this.#interrupted.get(nameOf(ref));
    return interrupted !== undefined && interrupted.from <= at && at <= interrupted.until;
  }

  /** What was left half done at this service. Throws while that cannot be put right and may still come to be. */
  async takeUp(ref: ServiceRef, signal: AbortSignal): Promise<void> {
    for (const repair of this.#tools.unfinished())
      if (nameOf(repair) === nameOf(ref)) await this.#takeUp(repair, signal);
  }

  async #takeUp(repair: RepairRecord, signal: AbortSignal): Promise<void> {
    const { strategies, end, logger } = this.#tools;
    const found = strategies.get(repair.order.strategy);
    // Each step on the host is complete in itself.
    const strategy = found === undefined || worksOnHost(found) ? undefined : found;
    const ended = await this.#recovered(repair, strategy, signal);
    end(repair.id, ended.outcome, ended.code, ended.because);
    this.#tries.delete(repair.id);
    const { because } = ended;
    logger.warn('half-done repair taken up', { service: nameOf(repair), strategy: repair.order.strategy, because });
  }

  async #recovered(
    repair: RepairRecord,
    strategy: Strategy | ServiceStrategy | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly outcome: Outcome; readonly code: string; readonly because: string }> {
    try {
      const sentences: string[] = [];
      for (const steps of byContainer(repair.steps)) {
        const journal = this.#journal(repair.id, steps);
        const recover = async (abort: AbortSignal) => await strategy?.recover?.(steps, abort, journal);
        const errand = { name: `taking up ${repair.order.strategy}`, limit: TAKEN_UP_WITHIN, do: recover };
        sentences.push((await inTime(errand, this.#tools.clock, signal)) ?? 'nothing to finish');
      }
      const otherwise = repair.actedAt === undefined ? 'nothing had been begun' : 'it was not proven any more';
      return { outcome: 'interrupted', code: 'crash', because: `interrupted; ${sentences.join('; ') || otherwise}` };
    } catch (error) {
      if (signal.aborted || this.#mayComeRight(repair, error)) throw error;
      const because = `left half done, which could not be put right: ${error instanceof Error ? error.message : error}`;
      return { outcome: 'failed', code: 'half-done', because };
    }
  }

  /** Under the container that the steps are about. A ledger that takes nothing keeps no service down: the way back goes on. */
  #journal(repairId: string, [first]: readonly JournalStep[]): Journal {
    const { note, logger } = this.#tools;
    return (step, data) => {
      try {
        note(repairId, step, { ...data, container: first?.data.container });
      } catch (error) {
        logger.warn('a step of the way back could not be written down', { step, error: String(error) });
      }
    };
  }

  #mayComeRight(repair: RepairRecord, error: unknown): boolean {
    // A name is in use for as long as the engine is at removing who had it.
    const mayPass = error instanceof EngineError && (error.mayPassByItself || error.code === 'conflict');
    if (!mayPass) return false;
    // An engine that is away has an incident of its own, and says nothing about this repair.
    if (error.code === 'unreachable') return true;
    const tries = (this.#tries.get(repair.id) ?? 0) + 1;
    this.#tries.set(repair.id, tries);
    return tries < TRIES;
  }
}

function byContainer(steps: readonly JournalStep[]): readonly JournalStep[][] {
  return [...Map.groupBy(steps, step => String(step.data.container)).values()];
}
