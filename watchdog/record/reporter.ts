import type { Logger } from '../adapters/logger.ts';
import type { News } from '../domain/news.ts';

/** Somebody who is told what happened: log, metrics, later people. Must not block the road; may fail. */
export interface Reporter {
  readonly name: string;
  tell(news: News): void | Promise<void>;
}

/** Tells every reporter. One that fails silences no other. */
export function tellAll(reporters: readonly Reporter[], news: News, logger: Logger): void {
  const failed = (reporter: Reporter, error: unknown) =>
    logger.error('reporter failed', { reporter: reporter.name, news: news.type, error: String(error) });
  for (const reporter of reporters) {
    try {
      const telling = reporter.tell(news);
      if (telling !== undefined) telling.catch(error => failed(reporter, error));
    } catch (error) {
      failed(reporter, error);
    }
  }
}
