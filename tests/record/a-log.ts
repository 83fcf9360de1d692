import type { Logger, LogValues } from '../../watchdog/adapters/logger.ts';

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly values: LogValues;
}

/** A logger that keeps what it is given. */
export function aLog(): { readonly logger: Logger; readonly lines: Line[] } {
  const lines: Line[] = [];
  const log =
    (level: string) =>
    (message: string, values: LogValues = {}) => {
      lines.push({ level, message, values });
    };
  return { logger: { error: log('error'), warn: log('warn'), info: log('info'), debug: log('debug') }, lines };
}
