import type { Metrics } from './metrics.ts';
import type { Reporter } from './reporter.ts';

/** Counts the news. */
export function metricsReporter(
  metrics: Pick<Metrics, 'decided' | 'approval' | 'incidentOpened' | 'incidentResolved' | 'repairEnded'>,
): Reporter {
  return {
    name: 'metrics',
    tell: news => {
      switch (news.type) {
        case 'decided': {
          const { decision } = news;
          return metrics.decided(
            decision.verdict,
            decision.verdict === 'stand-back' ? decision.objection.code : decision.verdict,
          );
        }
        case 'incident-opened':
          // Another size is no illness.
          return news.incident.kind === 'mis-sized'
            ? undefined
            : metrics.incidentOpened(news.incident, news.detectedAfter);
        case 'approval-asked':
          return metrics.approval(news.approval.strategy, 'asked');
        case 'approval-answered':
          return metrics.approval(news.approval.strategy, news.answer);
        case 'incident-resolved':
          return news.incident.kind === 'mis-sized'
            ? undefined
            : metrics.incidentResolved(news.incident, news.recoveredAfter);
        case 'repair-ended':
          return metrics.repairEnded(news.order, news.outcome, news.at);
        default:
          return undefined;
      }
    },
  };
}
