/** A log line has fixed words and loose values. Secrets never. */
export interface Logger {
  error(message: string, values?: LogValues): void;
  warn(message: string, values?: LogValues): void;
  info(message: string, values?: LogValues): void;
  debug(message: string, values?: LogValues): void;
}

export type LogValues = Readonly<
  Record<string, string | number | boolean | undefined | readonly string[] | readonly number[]>
>;
