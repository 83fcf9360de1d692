import type { Logger } from '../adapters/logger.ts';
import type { RepairRecord } from '../domain/records.ts';
import type { JournalStep, Outcome, Strategy } from '../domain/repair.ts';
import { nameOf } from '../domain/service.ts';

export interface Unfinished {
  readonly repairs: readonly RepairRecord[];
  readonly strategies: { get(name: string): Strategy | undefined };
  readonly end: (repairId: string, outcome: Outcome, code: string, because: string) => void;
  readonly logger: Logger;
}

/**
 * Finishes or undoes what a crash of the watchdog interrupted, container by container, before anything new begins. What cannot
 * be recovered now (the engine refuses) stays in the journal for the next start.
 */
export async function recoverUnfinished(
  { repairs, strategies, end, logger }: Unfinished,
  signal: AbortSignal,
): Promise<void> {
  for (const repair of repairs) {
    const service = nameOf(repair);
    const strategy = strategies.get(repair.order.strategy);
    try {
      const sentences: string[] = [];
      for (const steps of byContainer(repair.steps))
        sentences.push((await strategy?.recover?.(steps, signal)) ?? 'nothing to finish');
      const because = `the watchdog was interrupted; ${sentences.join('; ') || 'nothing had been begun'}`;
      end(repair.id, 'interrupted', 'crash', because);
      logger.warn('interrupted repair taken up', { service, strategy: repair.order.strategy, because });
    } catch (error) {
      logger.error('interrupted repair could not be taken up', { service, repair: repair.id, error: String(error) });
    }
  }
}

function byContainer(steps: readonly JournalStep[]): readonly JournalStep[][] {
  return [...Map.groupBy(steps, step => String(step.data.container)).values()];
}
