import type { Logger } from './adapters/logger.ts';

/** Fires on SIGTERM, SIGINT, and what nobody foresaw. @returns whether something unforeseen was the reason to stop. */
export function stopOn(stop: AbortController, logger: Logger): () => boolean {
  let crashed = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      logger.info('told to stop', { signal });
      stop.abort(new Error(`told to stop by ${signal}`));
    });
  process.once('uncaughtException', error => {
    crashed = true;
    logger.error('something unforeseen happened; stopping, so that the restart policy can start afresh', {
      error: error.stack,
    });
    stop.abort(error);
  });
  return () => crashed;
}
