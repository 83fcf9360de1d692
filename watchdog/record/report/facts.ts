import type { Condition } from '../../domain/condition.ts';
import type { Outcome } from '../../domain/repair.ts';
import type { ServiceRef } from '../../domain/service.ts';
import { type Duration, hours, type Instant } from '../../domain/time.ts';

/** From `since` on, and before `until`. */
export interface Span {
  readonly since: Instant;
  readonly until: Instant;
}

/** What the ledger tells of a span, already added up: a month of a flapping service is a few rows and not thousands. */
export interface ReportFacts {
  readonly incidents: readonly IncidentSum[];
  readonly relapses: readonly RelapseSum[];
  readonly repairs: readonly RepairSum[];
  readonly refusals: readonly RefusalSum[];
}

/** A service's incidents of one condition. */
export interface IncidentSum extends ServiceRef {
  readonly condition: Condition;
  /** Opened in the span. */
  readonly opened: number;
  /** Not resolved, whenever they were opened. */
  readonly open: number;
  readonly escalated: number;
  /** Of those opened in the span, all together: from the beginning of the trouble to the incident. */
  readonly detection: Duration;
  readonly resolved: number;
  /** Of those resolved in the span, all together: from the beginning of the trouble to its end. */
  readonly recovery: Duration;
  /** Those opened in the span in which the kernel killed it for its memory. */
  readonly outOfMemory: number;
  /** Of the newest: what the health check said, how it ended, which container. */
  readonly lastOutput: string | null;
  readonly lastExitCode: number | null;
  readonly container: string | null;
}

/** It fell ill again less than `RELAPSE` after it had been well. */
export interface RelapseSum extends ServiceRef {
  readonly relapses: number;
}

/** Repairs and changes of size begun in the span. */
export interface RepairSum extends ServiceRef {
  readonly condition: Condition;
  readonly strategy: string;
  /** Null while it is under way. */
  readonly outcome: Outcome | null;
  /** Of a change of size; null for a repair. */
  readonly direction: 'up' | 'down' | null;
  readonly count: number;
}

/** Decisions to stand back; the same answer again and again is one. */
export interface RefusalSum extends ServiceRef {
  readonly code: string;
  readonly count: number;
}

/** One service's rows. */
export interface ServiceFacts extends ServiceRef {
  readonly incidents: IncidentSum[];
  readonly relapses: RelapseSum[];
  readonly repairs: RepairSum[];
  readonly refusals: RefusalSum[];
}

/** Who falls ill again so soon was not healed by what was done. */
export const RELAPSE: Duration = hours(1);

/** Nothing was broken: somebody wanted a restart, or the load another number of replicas. */
export const WISHES: readonly Condition[] = ['asked', 'dependency-restarted', 'mis-sized'];

/** How many, or how much, all together. */
export const sum = <T>(rows: readonly T[], amount: (row: T) => number): number =>
  rows.reduce((total, row) => total + amount(row), 0);
