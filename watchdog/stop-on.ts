import { constants } from 'node:os';
import type { Clock } from './adapters/clock.ts';
import type { Logger } from './adapters/logger.ts';
import { EXIT, type ExitStatus } from './cli/exit.ts';
import { type Duration, inWords, seconds } from './domain/time.ts';

/** Longer than everything that a stop waits for, and well within `stop_grace_period: 30s`, after which Docker would kill. */
const OVERDUE: Duration = seconds(20);

/** A shell or npm may hand one Ctrl-C on twice. */
const SAME_WISH: Duration = seconds(1);

/** How the process comes to its end. */
export interface Ending {
  /** What it ends with once everything is closed. */
  readonly status: () => ExitStatus;
  /** Stops in order, because only a fresh start can help; the restart policy then brings one. */
  readonly giveUp: (because: string) => void;
}

/** Where signals, and what nobody foresaw, arrive: the process. */
interface Arrivals {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  once(event: 'uncaughtException', listener: (error: Error) => void): unknown;
}

/**
 * Fires `stop` on SIGTERM, SIGINT, and what nobody foresaw. Who tells it a second time, or a stop that does not come to its end,
 * ends the process at once: that is no worse than a crash, which the next start knows how to mend.
 * @param leave ends the process with that status
 */
export function stopOn(
  stop: AbortController,
  logger: Logger,
  clock: Pick<Clock, 'monotonic' | 'after'>,
  leave: (status: number) => void = process.exit,
  arrivals: Arrivals = process,
): Ending {
  let status: ExitStatus = EXIT.fine;
  let toldAt: number | undefined;
  const begin = (because: Error) => {
    if (stop.signal.aborted) return;
    stop.abort(because);
    clock.after(OVERDUE, () => {
      logger.error('the stop does not come to its end; the next start takes up what is half done', {
        after: inWords(OVERDUE),
      });
      leave(EXIT.stuck);
    });
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    arrivals.on(signal, () => {
      const now = clock.monotonic();
      if (toldAt === undefined) {
        toldAt = now;
        logger.info('told to stop', { signal });
        begin(new Error(`told to stop by ${signal}`));
      } else if (now - toldAt > SAME_WISH) {
        logger.warn('told to stop again: ending at once; the next start takes up what is half done', { signal });
        // As shells and Docker show a process that the signal has ended.
        leave(128 + constants.signals[signal]);
      }
    });
  arrivals.once('uncaughtException', error => {
    status = EXIT.trouble;
    logger.error('something unforeseen happened; stopping, so that the restart policy can start afresh', {
      error: error.stack,
    });
    begin(error);
  });
  return {
    status: () => status,
    giveUp: because => {
      if (stop.signal.aborted) return;
      status = EXIT.stuck;
      logger.error('the watchdog is stuck; stopping, so that the restart policy can start afresh', { because });
      begin(new Error(because));
    },
  };
}
