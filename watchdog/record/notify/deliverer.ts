import type { Clock } from '../../adapters/clock.ts';
import type { Logger } from '../../adapters/logger.ts';
import type { SendHttp } from '../../adapters/send-http.ts';
import { type Duration, hours, minutes, seconds } from '../../domain/time.ts';
import type { Outbox, Waiting } from '../ledger/outbox.ts';
import { CHANNELS, type Channel, type ChannelName } from './channel.ts';
import { deliver, waitAfter } from './deliver.ts';
import type { Thread } from './thread.ts';

/** `watchdog_notifications_total{result}`. `retried`: a try that failed and is repeated. */
export const RESULTS = ['delivered', 'retried', 'refused', 'expired', 'dropped'] as const;

export type Result = (typeof RESULTS)[number];

export interface DelivererTools {
  readonly outbox: Outbox;
  readonly channels: () => readonly Channel[];
  readonly send: SendHttp;
  readonly count: (channel: ChannelName, result: Result, times?: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Older news is history. */
const GIVEN_UP_AFTER: Duration = hours(24);
/** Wakes by itself now and then: the settings may have changed. */
const LONGEST_NAP: Duration = seconds(60);
/**
 * So long receivers that forget are told of an end (Prometheus: `resolvedRetention`). An Alertmanager that was restarted before
 * it passed the end on would leave whoever was paged with an incident that is open for ever.
 */
const ENDED_FOR: Duration = minutes(15);
const MOST_ENDED = 500;
/** Threads in one refresh: a megabyte at most. */
const REFRESH_SIZE = 100;
/** In one line of the log. */
const INCIDENTS_NAMED = 20;

/**
 * Brings what waits in the outbox to its receivers. Each channel is a queue of its own, delivered in order: what comes
 * later waits while the first is tried again, and a receiver that is down holds up no other.
 */
export class Deliverer {
  readonly #tools: DelivererTools;
  readonly #naps = new Map<ChannelName, AbortController>();
  readonly #stirred = new Set<ChannelName>();
  /** Channels of which it was said that they do not work. */
  readonly #failing = new Set<ChannelName>();
  readonly #refreshedAt = new Map<ChannelName, number>();
  #ended: readonly { readonly thread: Thread; readonly until: number }[] = [];

  constructor(tools: DelivererTools) {
    this.#tools = tools;
  }

  /** Something was posted, or the settings have changed. */
  wake(): void {
    for (const name of CHANNELS) {
      this.#stirred.add(name);
      this.#naps.get(name)?.abort();
    }
  }

  /** Everything about it was posted. */
  ended(thread: Thread): void {
    const until = this.#tools.clock.monotonic() + ENDED_FOR;
    this.#ended = [...this.#ended, { thread, until }].slice(-MOST_ENDED);
  }

  /** Delivers until the signal fires; what is left waits for the next start. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(CHANNELS.map(name => this.#serve(name, signal)));
  }

  async #serve(name: ChannelName, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#stirred.delete(name);
      const wait = await this.#step(name, signal);
      if (wait <= 0 || this.#stirred.has(name) || signal.aborted) continue;
      const nap = new AbortController();
      this.#naps.set(name, nap);
      await this.#tools.clock
        .sleep(Math.min(wait, LONGEST_NAP), AbortSignal.any([signal, nap.signal]))
        .catch(() => undefined);
      this.#naps.delete(name);
    }
  }

  /** One thing at a time. @returns how long there is nothing to do. */
  async #step(name: ChannelName, signal: AbortSignal): Promise<Duration> {
    const { channels, outbox, clock, logger } = this.#tools;
    const channel = channels().find(each => each.name === name);
    try {
      this.#expire(name);
      if (channel === undefined) return LONGEST_NAP;
      const now = clock.now();
      const head = outbox.head(name, now);
      if (head !== undefined && head.tries > 0 && head.nextTryAt > now) return head.nextTryAt - now;
      if (head !== undefined) return await this.#try(channel, head, signal);
      const fresh = await this.#refresh(channel, signal);
      return Math.min(fresh, (outbox.heldUntil(name, now) ?? Number.POSITIVE_INFINITY) - now);
    } catch (error) {
      // The ledger cannot be read or written: nothing is sent that could not be noted as sent.
      logger.error('notifications wait', { channel: name, error: String(error) });
      return LONGEST_NAP;
    }
  }

  async #try(channel: Channel, { id, body, tries, incident }: Waiting, signal: AbortSignal): Promise<Duration> {
    const { outbox, send, clock, count, logger } = this.#tools;
    const { name } = channel;
    outbox.noteTry(id, clock.now() + waitAfter(tries + 1));
    const delivery = await deliver(channel, JSON.parse(body), send, signal);
    if (signal.aborted && delivery.result === 'failed') return 0;
    if (delivery.result === 'failed') {
      count(name, 'retried');
      this.#fails(name, delivery.because);
      const wait = waitAfter(tries + 1, delivery.retryAfter);
      outbox.postpone(id, clock.now() + wait);
      return wait;
    }
    outbox.remove(id);
    count(name, delivery.result);
    if (delivery.result === 'refused')
      logger.error('notification refused: it is not sent again', { channel: name, incident, reason: delivery.because });
    else this.#works(name);
    return 0;
  }

  /** Not through the outbox: what fails now is sent again next time, whole and up to date. @returns how long until then. */
  async #refresh(channel: Channel, signal: AbortSignal): Promise<Duration> {
    const { outbox, clock, send } = this.#tools;
    const { name, refresh } = channel;
    if (refresh === undefined) return LONGEST_NAP;
    const dueIn = (this.#refreshedAt.get(name) ?? Number.NEGATIVE_INFINITY) + refresh.every - clock.monotonic();
    if (dueIn > 0) return dueIn;
    this.#refreshedAt.set(name, clock.monotonic());
    this.#ended = this.#ended.filter(({ until }) => until > clock.monotonic());
    const open = outbox.threadsKnownAt(name).map(({ told }) => JSON.parse(told) as Thread);
    const threads = [...open, ...this.#ended.map(({ thread }) => thread)];
    for (let first = 0; first < threads.length; first += REFRESH_SIZE) {
      const message = refresh.messageFor(threads.slice(first, first + REFRESH_SIZE));
      const delivery = await deliver(channel, message, send, signal);
      if (signal.aborted) break;
      if (delivery.result === 'delivered') this.#works(name);
      else this.#fails(name, delivery.because);
    }
    return refresh.every;
  }

  #expire(name: ChannelName): void {
    const { outbox, clock, count, logger } = this.#tools;
    const incidents = outbox.expire(name, clock.now() - GIVEN_UP_AFTER);
    if (incidents.length === 0) return;
    count(name, 'expired', incidents.length);
    logger.error('notifications given up after 24 hours', {
      channel: name,
      messages: incidents.length,
      incidents: [...new Set(incidents)].slice(0, INCIDENTS_NAMED),
    });
  }

  #fails(name: ChannelName, reason: string): void {
    if (this.#failing.has(name)) return;
    this.#failing.add(name);
    this.#tools.logger.warn('notification not delivered; trying again', { channel: name, reason });
  }

  #works(name: ChannelName): void {
    if (this.#failing.delete(name)) this.#tools.logger.info('notifications are delivered again', { channel: name });
  }
}
