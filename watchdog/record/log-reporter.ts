import type { Logger } from '../adapters/logger.ts';
import { keyOf } from '../domain/incident.ts';
import type { News } from '../domain/news.ts';
import { nameOf } from '../domain/service.ts';
import { inWords } from '../domain/time.ts';
import type { Reporter } from './reporter.ts';

type NewsOf<Type extends News['type']> = Extract<News, { type: Type }>;

/**
 * One line for each piece of news, always with the same words for the same fact. A decision that only repeats the one
 * before goes to the debug level: a service that waits out its cooldown is decided upon in every round.
 */
export function logReporter(logger: Logger): Reporter {
  const lastAnswers = new Map<string, string>();
  return {
    name: 'log',
    tell: news => {
      switch (news.type) {
        case 'decided':
          return logger[isRepeated(lastAnswers, news) ? 'debug' : 'info']('decided', decidedValues(news));
        case 'incident-opened':
          return logger.warn('incident opened', {
            ...incidentValues(news),
            patients: news.incident.patients.map(({ name }) => name),
            duration: inWords(news.detectedAfter),
            reason: news.incident.because,
          });
        case 'incident-escalated':
          return logger.error('incident escalated', {
            ...incidentValues(news),
            result: news.code,
            reason: news.because,
          });
        case 'approval-asked':
          return logger.warn('approval asked', { ...approvalValues(news), reason: news.approval.what });
        case 'approval-answered':
          return logger.info('approval answered', {
            ...approvalValues(news),
            result: news.answer,
            reason: news.reason || news.approval.what,
          });
        case 'incident-resolved':
          lastAnswers.delete(keyOf(news.incident));
          return logger.info('incident resolved', {
            ...incidentValues(news),
            duration: inWords(news.recoveredAfter),
            reason: news.because,
          });
        case 'repair-began':
          return logger.info('repair began', { ...repairValues(news), reason: news.order.reason });
        case 'repair-ended':
          return logger[news.outcome === 'healed' ? 'info' : 'warn']('repair ended', {
            ...repairValues(news),
            result: news.outcome,
            code: news.code,
            duration: inWords(news.took),
            reason: news.because,
          });
      }
    },
  };
}

const incidentValues = ({
  incident,
  incidentId,
}: {
  incident: NewsOf<'incident-opened'>['incident'];
  incidentId: string;
}) => ({
  service: nameOf(incident),
  condition: incident.condition,
  incident: incidentId,
});

const approvalValues = ({ approval }: NewsOf<'approval-asked'> | NewsOf<'approval-answered'>) => ({
  service: nameOf(approval),
  action: approval.strategy,
  order: approval.id,
  incident: approval.incidentId,
});

const repairValues = ({ order, repairId, incidentId }: NewsOf<'repair-began'> | NewsOf<'repair-ended'>) => ({
  service: nameOf(order),
  condition: order.condition,
  action: order.strategy,
  attempt: order.attempt,
  repair: repairId,
  incident: incidentId,
});

function decidedValues({ finding, incident, incidentId, decision }: NewsOf<'decided'>) {
  const about = { service: nameOf(finding.target), condition: incident?.condition, incident: incidentId };
  switch (decision.verdict) {
    case 'go':
      return {
        ...about,
        action: decision.order.strategy,
        attempt: decision.order.attempt,
        result: 'go',
        reason: decision.order.reason,
      };
    case 'stand-back':
      return {
        ...about,
        action: decision.order?.strategy,
        attempt: decision.order?.attempt,
        result: decision.objection.code,
        reason: decision.objection.because,
      };
    default:
      return { ...about, result: decision.verdict, reason: decision.because };
  }
}

/** Where there is no incident there is nothing to act on: for the curious only. */
function isRepeated(lastAnswers: Map<string, string>, { incident, decision }: NewsOf<'decided'>): boolean {
  if (incident === undefined) return decision.verdict !== 'error';
  const code = decision.verdict === 'stand-back' ? decision.objection.code : decision.verdict;
  const answer = `${incident.condition} ${code}`;
  const repeated = answer === lastAnswers.get(keyOf(incident)) && code !== 'go';
  lastAnswers.set(keyOf(incident), answer);
  return repeated;
}
