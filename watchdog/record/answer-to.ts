import { type AnswerGiven, type AnswerTaken, answeredOf } from '../domain/approval.ts';
import type { Instant } from '../domain/time.ts';
import type { Chronicle } from './chronicle.ts';
import type { Ledger } from './ledger/ledger.ts';

export interface AnswerTools {
  readonly ledger: Pick<Ledger, 'incident'>;
  readonly chronicle: Pick<Chronicle, 'answer'>;
  readonly clock: { now(): Instant };
}

/** Takes a person's answer down. It counts for a question that waits, of an incident that is not over, and for that one alone. */
export function answerTo(
  incidentId: string,
  given: AnswerGiven,
  { ledger, chronicle, clock }: AnswerTools,
): AnswerTaken {
  const incident = ledger.incident(incidentId);
  if (incident === undefined) return { verdict: 'refused', because: `there is no incident ${incidentId}` };
  if (incident.state === 'resolved') return { verdict: 'refused', because: `incident ${incidentId} is over` };
  const approval = answeredOf(incident.approvals, given.order, clock.now());
  if (typeof approval === 'string') return { verdict: 'refused', because: approval };
  if (chronicle.answer(approval, given.answer, given.reason)) return { verdict: 'accepted', approval };
  return { verdict: 'refused', because: `order ${approval.id} was answered or has expired meanwhile` };
}
