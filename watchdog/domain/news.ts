import type { Answer, Approval } from './approval.ts';
import type { Decision, Refusal } from './decision.ts';
import type { Finding } from './finding.ts';
import type { Incident } from './incident.ts';
import type { Order, Outcome } from './repair.ts';
import type { ServiceRef } from './service.ts';
import type { Duration, Instant } from './time.ts';

/** What happened on the road, for reporters: ledger apart, the only way anything is told. */
export type News =
  | { readonly type: 'found'; readonly at: Instant; readonly finding: Finding }
  | {
      readonly type: 'decided';
      readonly at: Instant;
      readonly finding: Finding;
      readonly incident: Incident | undefined;
      readonly incidentId: string | undefined;
      readonly decision:
        | Decision
        | Refusal
        | { readonly verdict: 'well' | 'nothing-wrong' | 'error'; readonly because: string };
    }
  | {
      readonly type: 'incident-opened';
      readonly at: Instant;
      readonly incident: Incident;
      readonly incidentId: string;
      /** From the beginning of the trouble, as the engine dated it, to our opening of the incident. */
      readonly detectedAfter: Duration;
    }
  /** People are told once for each incident and code. */
  | {
      readonly type: 'incident-escalated';
      readonly at: Instant;
      readonly incident: Incident;
      readonly incidentId: string;
      readonly code: string;
      readonly because: string;
      /** The question that people are to answer, if it is one. */
      readonly approval?: Approval;
    }
  /** A question is put to people. */
  | { readonly type: 'approval-asked'; readonly at: Instant; readonly approval: Approval }
  | {
      readonly type: 'approval-answered';
      readonly at: Instant;
      readonly approval: Approval;
      readonly answer: Answer;
      /** What the person said besides; empty where nothing. */
      readonly reason: string;
    }
  | {
      readonly type: 'incident-resolved';
      readonly at: Instant;
      readonly ref: ServiceRef;
      readonly incident: Incident;
      readonly incidentId: string;
      readonly because: string;
      readonly openFor: Duration;
      /** From the beginning of the trouble. */
      readonly recoveredAfter: Duration;
    }
  | {
      readonly type: 'repair-began';
      readonly at: Instant;
      readonly order: Order;
      readonly repairId: string;
      readonly incidentId: string;
    }
  | {
      readonly type: 'repair-ended';
      readonly at: Instant;
      readonly order: Order;
      readonly repairId: string;
      readonly incidentId: string;
      readonly outcome: Outcome;
      readonly code: string;
      readonly because: string;
      readonly took: Duration;
    };
