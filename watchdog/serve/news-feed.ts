import type { News } from '../domain/news.ts';
import { sizeChangeIn } from '../domain/repair.ts';
import type { ServiceRef } from '../domain/service.ts';
import type { Instant } from '../domain/time.ts';
import type { WatchdogEvent } from './watchdog-view.ts';

/** A reporter that hands the news on to whoever watches the event stream. */
export class NewsFeed {
  readonly name = 'event stream';
  readonly #listeners = new Set<(event: WatchdogEvent) => void>();

  tell(news: News): void {
    for (const event of eventsFrom(news)) for (const listener of this.#listeners) listener(event);
  }

  /** @returns ends the subscription. */
  subscribe(listener: (event: WatchdogEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** A change of size is an outcome like that of any repair, and an event of its own for those who follow sizes only. */
function eventsFrom(news: News): readonly WatchdogEvent[] {
  switch (news.type) {
    case 'found': {
      const { kind, source, target } = news.finding;
      return [eventOf('finding', news.at, target, { kind, source })];
    }
    case 'decided':
      return [decisionFrom(news)];
    case 'incident-opened':
    case 'incident-escalated': {
      const { incident, incidentId: id } = news;
      const because = news.type === 'incident-escalated' ? news.because : incident.because;
      const data = { change: changeOf(news.type), id, condition: incident.condition, because };
      return [eventOf('incident', news.at, incident, data)];
    }
    case 'incident-resolved': {
      const { ref, incidentId: id, because } = news;
      return [eventOf('incident', news.at, ref, { change: 'resolved', id, because })];
    }
    case 'approval-asked':
    case 'approval-answered': {
      const { id, incidentId, strategy, what } = news.approval;
      const { answer, reason } = news.type === 'approval-answered' ? news : UNANSWERED;
      const data = { change: changeOf(news.type), id, incidentId, strategy, what, answer, reason };
      return [eventOf('approval', news.at, news.approval, data)];
    }
    case 'repair-began':
    case 'repair-ended': {
      const { at, order } = news;
      const { strategy, attempt, reason } = order;
      const about = { change: changeOf(news.type), id: news.repairId, incidentId: news.incidentId };
      const { outcome, code, because } = news.type === 'repair-ended' ? news : UNDER_WAY;
      const size = sizeChangeIn(order);
      return [
        eventOf('outcome', at, order, { ...about, strategy, attempt, outcome, code, because }),
        ...(size === undefined
          ? []
          : [eventOf('scaling', at, order, { ...about, ...size, outcome, because: because ?? reason })]),
      ];
    }
  }
}

const UNANSWERED = { answer: undefined, reason: undefined };
const UNDER_WAY = { outcome: undefined, code: undefined, because: undefined };

function decisionFrom({ at, finding, decision }: Extract<News, { type: 'decided' }>): WatchdogEvent {
  const { kind, source, target } = finding;
  const because = decision.verdict === 'go' ? decision.order.reason : reasonOf(decision);
  const code = decision.verdict === 'stand-back' ? decision.objection.code : decision.verdict;
  return eventOf('decision', at, target, { kind, source, code, because });
}

const eventOf = (
  type: WatchdogEvent['type'],
  at: Instant,
  { project, service }: ServiceRef,
  data: WatchdogEvent['data'],
): WatchdogEvent => ({ type, at, project, service, data });

/** `opened` for `incident-opened`. */
const changeOf = (type: News['type']): string => type.slice(type.indexOf('-') + 1);

const reasonOf = (decision: Exclude<Extract<News, { type: 'decided' }>['decision'], { verdict: 'go' }>): string =>
  decision.verdict === 'stand-back' ? decision.objection.because : decision.because;
