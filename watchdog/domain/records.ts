import type { Approval } from './approval.ts';
import type { ErrorFold } from './error-book.ts';
import type { Incident, IncidentState } from './incident.ts';
import type { ErrorType, Severity, Tier } from './log-error.ts';
import type { JournalStep, Order, Outcome } from './repair.ts';
import type { ServiceRef } from './service.ts';
import type { Instant } from './time.ts';

/** Newest first. `cursor` is what the page before returned as `next`. `limit` 1 to 500. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly since?: Instant;
  readonly project?: string;
}

/** The cursor was not given out by this list: cut short, made up, or of another list. */
export class BadCursor extends Error {
  override readonly name = 'BadCursor';
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** `open`: only those that nobody has resolved. `since`: what was written since then again. */
export interface ErrorQuery extends PageQuery {
  readonly service?: string;
  readonly type?: ErrorType;
  readonly severity?: Severity;
  readonly open?: boolean;
}

/** As much of an incident as a decision needs. */
export interface OpenIncident extends Incident {
  readonly id: string;
  readonly key: string;
  readonly state: IncidentState;
  readonly openedAt: Instant;
  readonly updatedAt: Instant;
  readonly escalatedAt: Instant | undefined;
  readonly resolvedAt: Instant | undefined;
  /** What people were asked about it, oldest first. */
  readonly approvals: readonly Approval[];
}

export interface IncidentRecord extends OpenIncident {
  /** Each change of state with its sentence, oldest first. */
  readonly life: readonly { readonly state: IncidentState; readonly at: Instant; readonly because: string }[];
}

export interface DecisionRecord extends ServiceRef {
  readonly id: string;
  readonly kind: string;
  readonly condition: string | undefined;
  readonly verdict: 'go' | 'stand-back' | 'well' | 'nothing-wrong' | 'error';
  /** The gate's code; `go`, `well`, ... where no gate objected. */
  readonly code: string;
  readonly because: string;
  readonly strategy: string | undefined;
  readonly incidentId: string | undefined;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
  readonly count: number;
  readonly until: Instant | undefined;
}

export interface RepairRecord extends ServiceRef {
  readonly id: string;
  readonly incidentId: string;
  readonly order: Order;
  readonly startedAt: Instant;
  readonly actedAt: Instant | undefined;
  readonly endedAt: Instant | undefined;
  readonly outcome: Outcome | undefined;
  readonly code: string;
  readonly because: string;
  readonly steps: readonly JournalStep[];
}

/** An error of a service's log, from its first record until it is resolved; what comes after that is another one. */
export interface ErrorRecord extends Omit<ErrorFold, 'error'> {
  readonly id: string;
  readonly type: ErrorType;
  readonly severity: Severity;
  readonly tier: Tier;
  /** The log pattern that recognised it. */
  readonly pattern: string;
  /** A person said so. */
  readonly resolvedAt: Instant | undefined;
}
