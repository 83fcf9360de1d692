import type { News } from '../../watchdog/domain/news.ts';
import type { Duration } from '../../watchdog/domain/time.ts';

/** So much is told of what led to a broken rule. */
const LINES = 400;

export type Told = 'happened' | 'engine' | 'decided' | 'did' | 'told' | 'log' | 'BROKEN';

/** What was seen, decided and done, for whoever reads why a rule was broken. The last few hundred lines of it. */
export class Story {
  readonly #since: () => Duration;
  readonly #lines: string[] = [];
  readonly #last = new Map<string, string>();

  constructor(since: () => Duration) {
    this.#since = since;
  }

  tell(told: Told, words: string): void {
    this.#lines.push(`${inDays(this.#since())} ${told.padEnd(8)} ${words}`);
    if (this.#lines.length > 2 * LINES) this.#lines.splice(0, LINES);
  }

  hear(news: News): void {
    if (news.type === 'decided') this.#decided(news);
    else if (news.type === 'repair-began')
      this.tell(
        'decided',
        `${news.order.service}: ${news.order.strategy} (${news.order.condition}), attempt ${news.order.attempt}`,
      );
    else if (news.type === 'approval-asked' || news.type === 'approval-answered')
      this.tell('told', `${news.type} ${news.approval.service}: ${news.approval.what}`);
    else if (news.type !== 'repair-ended' && news.type !== 'found')
      this.tell(
        'told',
        `${news.type} ${news.incident.service} ${news.incident.condition}${'because' in news ? `: ${news.because}` : ''}`,
      );
  }

  /** Most decisions say what the one before said. */
  #decided({ finding, decision }: Extract<News, { type: 'decided' }>): void {
    const { service } = finding.target;
    const words =
      decision.verdict === 'stand-back'
        ? `${decision.objection.code}, ${decision.objection.because}`
        : 'because' in decision
          ? `${decision.verdict}, ${decision.because}`
          : decision.verdict;
    if (this.#last.get(service) === words) return;
    this.#last.set(service, words);
    this.tell('decided', `${service} (${finding.kind}, ${finding.source}): ${words}`);
  }

  get text(): string {
    return this.#lines.slice(-LINES).join('\n');
  }
}

/** `day 3 04:05:06.789`. */
export function inDays(elapsed: Duration): string {
  const time = new Date(elapsed).toISOString().slice(11, 23);
  return `day ${Math.floor(elapsed / 86_400_000) + 1} ${time}`;
}
