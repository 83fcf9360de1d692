import type { Env } from '../config/read-env.ts';
import type { Instant } from '../domain/time.ts';

/** Where a command reads and writes. */
export interface Terminal {
  readonly env: Env;
  /** Somebody reads along: colours are welcome. */
  readonly colours: boolean;
  now(): Instant;
  /** What is piped in. */
  input(): AsyncIterable<Buffer | string>;
  /** What was asked for, on stdout; adds the line end. */
  print(text: string): void;
  /** Remarks and errors, on stderr; adds the line end. */
  remark(text: string): void;
}

/** This process. Colours only on a terminal and without NO_COLOR (no-color.org). */
export function thisTerminal(): Terminal {
  // `watchdog history | head` closes the pipe while we write; that is no error of anybody.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  return {
    env: process.env,
    colours: process.stdout.isTTY === true && !process.env.NO_COLOR,
    now: () => Date.now(),
    input: () => process.stdin,
    print: text => process.stdout.write(`${text}\n`),
    remark: text => process.stderr.write(`${text}\n`),
  };
}
