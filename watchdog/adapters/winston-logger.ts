import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import winston from 'winston';
import { jsonLine, type LogEntry, textLine } from './log-lines.ts';
import type { Logger, LogValues } from './logger.ts';
import { RotatedFile } from './rotated-file.ts';

export interface LoggerOptions {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  /** JSON lines, rotated. Undefined: none. */
  readonly file: string | undefined;
  readonly stderr: 'text' | 'json';
  /** Where the lines for people go; stderr. */
  readonly stream?: Writable;
  /** Of the file, before it is rotated. */
  readonly maxBytes?: number;
}

const MEBIBYTE = 1_048_576;
const FILES_KEPT = 5;

/**
 * Logs to stderr and to a rotated file. A file that cannot be written costs one warning on stderr; nothing that is wrong
 * with either of them ever ends the process.
 */
export function createLogger(options: LoggerOptions): Logger & { close(): Promise<void> } {
  const stream = options.stream ?? process.stderr;
  const logger = winston.createLogger({
    level: options.level,
    transports: [transport(stream, options.stderr === 'json' ? jsonLine : textLine, '\n')],
  });
  const log =
    (level: string) =>
    (message: string, values: LogValues = {}) => {
      const entry: LogEntry = { time: new Date().toISOString(), level, message, values };
      logger.log(entry);
    };
  const file =
    options.file === undefined ? undefined : rotatedFile(options.file, options.maxBytes ?? 10 * MEBIBYTE, log('warn'));
  if (file) logger.add(transport(intoFile(file), jsonLine, ''));
  // The reader of our stderr may go away (EPIPE), somebody may log after the end: an error that nobody hears ends a process.
  for (const source of [stream, logger]) source.on('error', () => undefined);
  return {
    error: log('error'),
    warn: log('warn'),
    info: log('info'),
    debug: log('debug'),
    close: async () => {
      logger.end();
      await finished(logger, { readable: false });
      file?.close();
    },
  };
}

const transport = (stream: Writable, line: (entry: LogEntry) => string, eol: string) =>
  new winston.transports.Stream({
    stream,
    eol,
    format: winston.format.printf(info => line(info as unknown as LogEntry)),
  });

/**
 * Not winston's own File transport: it swallows errors of its write stream and then never drains, so that a full disk
 * silences the whole logger, stderr included (winston 3.19, `lib/winston/transports/file.js`, `_createStream`).
 */
const intoFile = (file: RotatedFile): Writable =>
  new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, next) => {
      file.append(line);
      next();
    },
  });

function rotatedFile(file: string, maxBytes: number, warn: Logger['warn']): RotatedFile {
  const onTrouble = (because: string | undefined) =>
    because === undefined
      ? warn('log file can be written again', { file })
      : warn('log file cannot be written: its lines go to stderr only', { file, because });
  // Not from inside the write that failed: a logger that logs while it logs would write lines within lines.
  return new RotatedFile({ file, maxBytes, keep: FILES_KEPT, onTrouble: because => setImmediate(onTrouble, because) });
}
