import { watchEventLoop } from './adapters/event-loop.ts';
import type { Logger } from './adapters/logger.ts';
import { guardEventLoop } from './adapters/loop-guard.ts';
import { type Duration, inWords } from './domain/time.ts';
import type { Ending } from './stop-on.ts';

export interface SelfWatchTools {
  /** `WATCHDOG_STUCK_AFTER` */
  readonly stuckAfter: Duration;
  /** Undefined until the engine has answered for the first time: it is asked again and again, which is headway. */
  readonly watchdog: () => { readonly watch: { stuckFor(): Duration } } | undefined;
  readonly metrics: { stalled(took: Duration): void };
  readonly ending: Pick<Ending, 'giveUp'>;
  readonly logger: Logger;
}

/**
 * The watchdog under watch: stalls of its event loop are counted and logged, one that does not end is ended from outside, and rounds
 * that stop while everything else goes on end in order. @returns ends the watch
 */
export function watchSelf({ stuckAfter, watchdog, metrics, ending, logger }: SelfWatchTools): () => void {
  const guard = guardEventLoop(stuckAfter, logger);
  const endWatch = watchEventLoop(
    ({ took, computing }) => {
      metrics.stalled(took);
      logger.warn('the event loop stood still', { took: inWords(took), computing: inWords(computing) });
    },
    () => {
      guard.beat();
      const late = watchdog()?.watch.stuckFor() ?? 0;
      if (late > stuckAfter)
        ending.giveUp(`no round has ended, well or not, for ${inWords(late)} longer than it should`);
    },
  );
  return () => {
    endWatch();
    guard.close();
  };
}
