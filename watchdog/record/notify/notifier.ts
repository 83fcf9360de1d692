import type { Clock } from '../../adapters/clock.ts';
import type { Logger } from '../../adapters/logger.ts';
import type { SendHttp } from '../../adapters/send-http.ts';
import { unchecked } from '../../domain/report.ts';
import type { Service, ServiceRef } from '../../domain/service.ts';
import type { Ledger, LedgerDamage } from '../ledger/ledger.ts';
import type { Outbox } from '../ledger/outbox.ts';
import type { Metrics } from '../metrics.ts';
import type { Reporter } from '../reporter.ts';
import type { Channel, ChannelName } from './channel.ts';
import { type Addresses, channelsFrom } from './channels.ts';
import { DailyReport, type Schedule } from './daily-report.ts';
import { Deliverer, RESULTS } from './deliverer.ts';
import { Heartbeat } from './heartbeat.ts';
import { ledgerNews } from './ledger-news.ts';
import { NotifyReporter } from './notify-reporter.ts';
import type { Thread } from './thread.ts';

export interface NotifierTools {
  readonly ledger: Pick<
    Ledger,
    'repairs' | 'incident' | 'incidents' | 'report' | 'bookmark' | 'setBookmark' | 'damage'
  >;
  readonly outbox: Outbox;
  /** Asked afresh each time, so that a reload holds at once. */
  readonly settings: () => { readonly notify: Addresses; readonly dailyReport: Schedule | undefined };
  readonly services: () => Iterable<Service>;
  /** Whether people are paged for this service. */
  readonly critical: (ref: ServiceRef) => boolean;
  readonly send: SendHttp;
  readonly metrics: Pick<Metrics, 'notified'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** All that tells people beside the log: the reporter that posts, the deliverer that sends, the heartbeat. */
export class Notifier {
  readonly reporter: Reporter;
  readonly #steps: { readonly resume: () => void; readonly tellOfDamage: () => void };
  readonly #logger: Logger;
  readonly #deliverer: Deliverer;
  readonly #heartbeat: Heartbeat;
  readonly #daily: DailyReport;

  constructor(tools: NotifierTools) {
    const { settings, send, metrics, clock, logger } = tools;
    const addresses = () => settings().notify;
    const channels = keptFor(addresses);
    const count = (channel: ChannelName, result: string, times = 1) => metrics.notified(channel, result, times);
    const lost = new Map<ChannelName, number>();
    const dropped = (channel: ChannelName, messages: number) => {
      const before = lost.get(channel) ?? 0;
      lost.set(channel, before + messages);
      count(channel, 'dropped', messages);
      // Where one is dropped, hundreds may follow.
      if (before % 100 === 0)
        logger.error('notifications dropped: too many wait', { channel, dropped: before + messages });
    };
    this.#deliverer = new Deliverer({ ...tools, channels, count });
    const posted = () => this.#deliverer.wake();
    const ended = (thread: Thread) => this.#deliverer.ended(thread);
    const reporter = new NotifyReporter({ ...tools, channels, dropped, posted, ended });
    this.#daily = new DailyReport({
      ...tools,
      channels,
      dropped,
      posted,
      schedule: () => settings().dailyReport,
      unchecked: () => unchecked(tools.services()),
    });
    this.#heartbeat = new Heartbeat(() => addresses().heartbeat, send, logger);
    // From 0 on, or Prometheus would see no increase in the first message that is lost.
    for (const { name } of channels()) for (const result of RESULTS) count(name, result, 0);
    const told = { of: undefined as LedgerDamage | undefined };
    this.#steps = {
      resume: () => reporter.resume(clock.now()),
      tellOfDamage: () => {
        const damage = tools.ledger.damage();
        if (damage === told.of || damage === undefined) return;
        told.of = damage;
        if (damage.forgotten !== 'nothing') reporter.tellOnce(ledgerNews(damage, clock.now()));
      },
    };
    this.reporter = reporter;
    this.#logger = logger;
  }

  /** Tells what a crash left untold, then delivers until the signal fires. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    this.#attempt(this.#steps.resume);
    this.#attempt(this.#steps.tellOfDamage);
    await Promise.all([this.#deliverer.run(signal), this.#daily.run(signal)]);
  }

  /** A round has worked. */
  beat(): void {
    this.#attempt(this.#steps.tellOfDamage);
    this.#heartbeat.beat();
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#logger.error('reporter failed', { reporter: this.reporter.name, error: String(error) });
    }
  }
}

/** The channels are made anew only when the settings were. */
function keptFor(addresses: () => Addresses): () => readonly Channel[] {
  let of: Addresses | undefined;
  let channels: readonly Channel[] = [];
  return () => {
    const now = addresses();
    if (now !== of) channels = channelsFrom(now);
    of = now;
    return channels;
  };
}
