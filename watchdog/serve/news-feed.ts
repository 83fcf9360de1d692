import type { News } from '../domain/news.ts';
import type { WatchdogEvent } from './watchdog-view.ts';

/** A reporter that hands the news on to whoever watches the event stream. */
export class NewsFeed {
  readonly name = 'event stream';
  readonly #listeners = new Set<(event: WatchdogEvent) => void>();

  tell(news: News): void {
    const event = eventFrom(news);
    for (const listener of this.#listeners) listener(event);
  }

  /** @returns ends the subscription. */
  subscribe(listener: (event: WatchdogEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function eventFrom(news: News): WatchdogEvent {
  const { at } = news;
  switch (news.type) {
    case 'decided': {
      const { decision, finding } = news;
      const because = decision.verdict === 'go' ? decision.order.reason : reasonOf(decision);
      const code = decision.verdict === 'stand-back' ? decision.objection.code : decision.verdict;
      const { project, service } = finding.target;
      return {
        type: 'decision',
        at,
        project,
        service,
        data: { kind: finding.kind, source: finding.source, code, because },
      };
    }
    case 'incident-opened':
    case 'incident-escalated': {
      const { project, service, condition } = news.incident;
      const because = news.type === 'incident-escalated' ? news.because : news.incident.because;
      const data = { change: changeOf(news.type), id: news.incidentId, condition, because };
      return { type: 'incident', at, project, service, data };
    }
    case 'incident-resolved':
      return {
        type: 'incident',
        at,
        ...news.ref,
        data: { change: 'resolved', id: news.incidentId, because: news.because },
      };
    case 'approval-asked':
    case 'approval-answered': {
      const { id, incidentId, project, service, strategy, what } = news.approval;
      const answered = news.type === 'approval-answered' ? { answer: news.answer, reason: news.reason } : {};
      const data = { change: changeOf(news.type), id, incidentId, strategy, what, ...answered };
      return { type: 'approval', at, project, service, data };
    }
    case 'repair-began':
    case 'repair-ended': {
      const { project, service, strategy, attempt } = news.order;
      const ended =
        news.type === 'repair-ended' ? { outcome: news.outcome, code: news.code, because: news.because } : {};
      const data = {
        change: changeOf(news.type),
        id: news.repairId,
        incidentId: news.incidentId,
        strategy,
        attempt,
        ...ended,
      };
      return { type: 'outcome', at, project, service, data };
    }
  }
}

/** `opened` for `incident-opened`. */
const changeOf = (type: News['type']): string => type.slice(type.indexOf('-') + 1);

const reasonOf = (decision: Exclude<Extract<News, { type: 'decided' }>['decision'], { verdict: 'go' }>): string =>
  decision.verdict === 'stand-back' ? decision.objection.because : decision.because;
