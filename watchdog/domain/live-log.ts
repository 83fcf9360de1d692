import type { RecognisedError } from './log-error.ts';
import type { ServiceRef } from './service.ts';

/** What somebody who watches a container's log is shown, as it happens. Without secrets. */
export type LiveEvent =
  | LiveLine
  /** A record that was recognised later than its first line was shown: a trace names its error at its end. */
  | { readonly type: 'mark'; readonly at: string; readonly error: Mark; readonly text: string }
  /** Lines, and marks of errors, that came too fast to be shown. */
  | { readonly type: 'skipped'; readonly lines: number }
  /** The container has ended. What one of this name writes later is shown again. */
  | { readonly type: 'left' };

export interface LiveLine {
  readonly type: 'line';
  /** As the engine gave it, RFC 3339 with nanoseconds; empty where it gave none. */
  readonly at: string;
  readonly stream: 'stdout' | 'stderr' | 'terminal';
  readonly text: string;
  /** Its end was cut off. */
  readonly cut: boolean;
  /** The record that begins with this line is an error. */
  readonly error: Mark | undefined;
}

/** What a record is. */
export type Mark = Pick<RecognisedError, 'type' | 'severity' | 'pattern'>;

/** What became of the wish to watch a log. */
export type LogViewing =
  /** `end`: ends it. */
  | (ServiceRef & { readonly verdict: 'watching'; end(): void })
  /** `containers`: those whose logs can be watched. */
  | { readonly verdict: 'unknown'; readonly containers: readonly string[] }
  | { readonly verdict: 'unread'; readonly because: string };
