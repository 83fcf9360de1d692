import type { HttpRequest } from '../../adapters/send-http.ts';
import type { Report } from '../../domain/report.ts';
import type { Duration, Instant } from '../../domain/time.ts';
import type { Thread } from './thread.ts';

/** In the order in which they are shown. */
export const CHANNELS = ['alertmanager', 'slack', 'pagerduty', 'webhook'] as const;

export type ChannelName = (typeof CHANNELS)[number];

/** What becomes the body of a request. Keys are not in it: it waits in the ledger. */
export type Message = object;

/** The report of a day, for people. */
export interface ReportNews {
  /** Of this message alone: receivers drop one that they have seen. */
  readonly id: string;
  /** The moment up to which it tells. */
  readonly at: Instant;
  readonly report: Report;
  /** Somebody tries the channels. */
  readonly test: boolean;
}

/** One way to tell people. */
export interface Channel {
  readonly name: ChannelName;
  /** Undefined: this news is not for this channel. Pure. */
  messageFor(thread: Thread): Message | undefined;
  /** Where it is missing, the daily report is not for this channel. Pure. */
  readonly reportFor?: (news: ReportNews) => Message;
  /** Adds what only the settings know, to a message that may have waited. */
  requestFor(message: Message): HttpRequest;
  /** Words that must not be logged, whoever repeats them. */
  readonly secrets: readonly string[];
  /** For receivers that forget what they do not hear again: what is sent every so often about all that is open or has just ended. */
  readonly refresh?: { readonly every: Duration; messageFor(threads: readonly Thread[]): Message };
}

/** The parts of an address that let others in: user, password, and a path or query, which is often the key itself. */
export function secretsOf(address: string): readonly string[] {
  const { username, password, pathname, search } = new URL(address);
  return [address, `${pathname}${search}`, pathname, search, password, username].filter(word => word.length > 3);
}
