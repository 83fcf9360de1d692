import { randomUUID } from 'node:crypto';
import type { Clock } from '../../adapters/clock.ts';
import type { Logger } from '../../adapters/logger.ts';
import type { ServiceRef } from '../../domain/service.ts';
import { type Duration, type Instant, seconds } from '../../domain/time.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Outbox } from '../ledger/outbox.ts';
import type { Channel, ChannelName } from './channel.ts';

/** When the report is sent, every day. */
export interface Schedule {
  /** Minutes after midnight in the zone. */
  readonly at: number;
  /** IANA name, `Europe/Berlin`. */
  readonly zone: string;
}

export interface DailyReportTools {
  readonly ledger: Pick<Ledger, 'report' | 'bookmark' | 'setBookmark'>;
  readonly outbox: Pick<Outbox, 'postOnce'>;
  readonly channels: () => readonly Channel[];
  /** Undefined: nobody asked for it. */
  readonly schedule: () => Schedule | undefined;
  /** Services that run without a health check. */
  readonly unchecked: () => readonly ServiceRef[];
  /** Something was posted. */
  readonly posted: () => void;
  readonly dropped: (channel: ChannelName, messages: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Up to when the report was told. */
const BOOKMARK = 'report';
/** Wakes by itself now and then: the settings may have changed, and the wall clock may have been set. */
const LONGEST_NAP: Duration = seconds(60);

/**
 * Posts the report of the day to the outbox, which delivers it. How far it has told is written in the same transaction as the
 * message, so that neither a crash nor a restart tells a day twice. A day whose moment passed while the watchdog was
 * away is told at its next start; of several only the last.
 */
export class DailyReport {
  readonly #tools: DailyReportTools;

  constructor(tools: DailyReportTools) {
    this.#tools = tools;
  }

  /** Until the signal fires. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = this.#step();
      await this.#tools.clock.sleep(Math.min(wait, LONGEST_NAP), signal).catch(() => undefined);
    }
  }

  /** @returns how long there is nothing to do. */
  #step(): Duration {
    const { schedule, ledger, clock, logger } = this.#tools;
    const wanted = schedule();
    if (wanted === undefined) return LONGEST_NAP;
    try {
      const now = clock.now();
      const { last, next } = momentsAround(wanted, now);
      const told = ledger.bookmark(BOOKMARK);
      // What was before somebody asked for it is not told.
      if (told === undefined) ledger.setBookmark(BOOKMARK, now);
      else if (told < last) this.#post(wanted, last, now);
      return next - now;
    } catch (error) {
      logger.error('the daily report waits', { error: String(error) });
      return LONGEST_NAP;
    }
  }

  #post(wanted: Schedule, until: Instant, now: Instant): void {
    const { ledger, outbox, channels, unchecked, posted, dropped, logger } = this.#tools;
    const since = momentsAround(wanted, until - 1).last;
    const report = ledger.report({ since, until }, unchecked());
    // Several watchdogs may tell one receiver, each at the same time of day.
    const news = { id: `compose-watchdog/report/${report.until}/${randomUUID()}`, at: until, report, test: false };
    const messages = channels().flatMap(({ name, reportFor }) =>
      reportFor === undefined ? [] : [{ channel: name, body: JSON.stringify(reportFor(news)) }],
    );
    if (messages.length === 0)
      logger.warn('nobody is sent the daily report', {
        remedy: 'set SLACK_WEBHOOK_URL or WATCHDOG_NOTIFY_WEBHOOK_URL, or take notify.report out of watchdog.yml',
      });
    const lost = outbox.postOnce({ bookmark: BOOKMARK, upTo: until, incident: 'report', messages, now });
    for (const [channel, count] of lost) dropped(channel as ChannelName, count);
    posted();
  }
}

/**
 * The newest moment of the schedule that has come, and the next one. They are moments of the wall clock of the zone: one that a
 * change of the clock leaves out comes as much later as the clock jumps; of one that comes twice the first counts.
 */
export function momentsAround(
  { at, zone }: Schedule,
  now: Instant,
): { readonly last: Instant; readonly next: Instant } {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate();
  const on = (days: number): Instant =>
    today.add({ days }).toPlainDateTime().add({ minutes: at }).toZonedDateTime(zone, { disambiguation: 'compatible' })
      .epochMilliseconds;
  const last = [on(0), on(-1)].find(moment => moment <= now) ?? on(-2);
  const next = [on(-1), on(0)].find(moment => moment > now) ?? on(1);
  return { last, next };
}
