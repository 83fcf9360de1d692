import type { Answer, Approval } from '../../domain/approval.ts';
import type { Decision, Refusal } from '../../domain/decision.ts';
import type { Finding } from '../../domain/finding.ts';
import type { Incident, IncidentState } from '../../domain/incident.ts';
import type {
  DecisionRecord,
  IncidentRecord,
  OpenIncident,
  Page,
  PageQuery,
  RepairRecord,
} from '../../domain/records.ts';
import type { RecoverySpan, RecoveryStats } from '../../domain/recovery.ts';
import type { Order, Outcome, Past } from '../../domain/repair.ts';
import type { Report } from '../../domain/report.ts';
import type { ServiceRef } from '../../domain/service.ts';
import type { SizeMemory } from '../../domain/size.ts';
import type { ThrottleMemory } from '../../domain/throttled.ts';
import type { Duration, Instant } from '../../domain/time.ts';
import type { Span } from '../report/facts.ts';

// The records themselves live in the domain, because `serve` shows them.
export type { DecisionRecord, IncidentRecord, OpenIncident, Page, PageQuery, RepairRecord };

/** The watchdog's memory. Every method is synchronous and durable when it returns (SQLite, WAL); it throws `LedgerError`. */
export interface Ledger extends SizeMemory, ThrottleMemory {
  /** In summary: counted per service, kind and source, first and last time. */
  noteFinding(finding: Finding): void;

  /** The open incident of this key, opened now if there is none. `isNew` tells; a changed condition is kept up to date. */
  openIncident(incident: Incident, now: Instant): { readonly id: string; readonly isNew: boolean };
  openIncidentOf(key: string): OpenIncident | undefined;
  /** All that are open of the service, by one question: most services have none. */
  openIncidentsOf(ref: ServiceRef): readonly OpenIncident[];
  /** Whose incidents are open, the newest first; a service as often as it has some. */
  servicesInTrouble(): readonly ServiceRef[];
  /** What is resolved stays resolved. */
  moveIncident(id: string, state: IncidentState, because: string, now: Instant): void;
  incident(id: string): IncidentRecord | undefined;
  incidents(query: PageQuery & { readonly open?: boolean; readonly service?: string }): Page<IncidentRecord>;

  /** Puts a question to people: may this order be carried out? `what`: the order in words. */
  askApproval(order: Order, incidentId: string, what: string, expiresAt: Instant, now: Instant): Approval;
  /** A person's answer. @returns whether it still waited for one; only then it counts. */
  answerApproval(id: string, answer: Answer, reason: string, expiresAt: Instant, now: Instant): boolean;

  /** Consecutive equal decisions (same key, verdict, code) are folded: the count and the last time grow. */
  noteDecision(entry: DecisionEntry): void;
  decisions(query: PageQuery & { readonly service?: string }): Page<DecisionRecord>;

  /** Before the first step. A yes to this order is used up by it. @returns the repair's id. */
  beginRepair(order: Order, incidentId: string, now: Instant): string;
  noteStep(repairId: string, step: string, data: Readonly<Record<string, unknown>>, now: Instant): void;
  /** `actedAt`: the engine call has returned; what follows is verification. */
  noteActed(repairId: string, now: Instant): void;
  /** Of its steps the short facts stay; what only its undoing needed (whole containers with their secrets) is dropped. */
  endRepair(repairId: string, outcome: Outcome, code: string, because: string, now: Instant): void;
  /** Begun and never ended: what a crash interrupted, oldest first. */
  unfinishedRepairs(): readonly RepairRecord[];
  repairs(query: PageQuery & { readonly service?: string }): Page<RepairRecord>;
  /** As `repairs`, without changes of size. */
  recoveries(query: PageQuery & { readonly service?: string }): Page<RepairRecord>;
  recoveryStats(span: RecoverySpan): RecoveryStats;
  repair(id: string): RepairRecord | undefined;
  /** Attempts of this key since then, not counting those before the last `resume`, oldest first. */
  past(key: string, since: Instant): Past;
  /** When repairs began on this host since then, oldest first; those of sizes, which follow the load, are no sign of trouble. */
  repairsSince(since: Instant): readonly Instant[];

  /** `service` undefined: the whole project; `project` `*`: everything. */
  pause(target: PauseTarget, until: Instant | undefined, reason: string, now: Instant): void;
  /**
   * Ends the pause, grants an escalated service one new attempt, and lets be asked anew what was refused or not answered in time.
   * @returns whether there was anything to end.
   */
  resume(target: PauseTarget, now: Instant): boolean;
  /** Not yet over. */
  pauses(now: Instant): readonly PauseRecord[];

  /** A person stopped this container through the engine; remembered until it starts again or is gone. */
  rememberStop(containerId: string, ref: ServiceRef, at: Instant): void;
  forgetStop(containerId: string): void;
  stops(): readonly { readonly containerId: string; readonly at: Instant }[];

  /** Small values that must survive: the time of the last event seen. */
  bookmark(name: string): Instant | undefined;
  setBookmark(name: string, at: Instant): void;

  /**
   * What happened in the span. `unchecked`: services that run without a health check, as far as anybody has looked; the ledger
   * does not know them.
   */
  report(span: Span, unchecked: readonly ServiceRef[]): Report;

  /**
   * Deletes what is older than `keep`, then the oldest until the file is below `maxBytes`. Never open incidents, alerts
   * that wait or fire, nor repairs of the last seven days, which the limits count. @returns rows deleted.
   */
  forget(keep: Duration, maxBytes: number, now: Instant): number;
  /** Undefined while the last write worked; else a sentence. */
  trouble(): string | undefined;
  /** The last damage of its file that was found since it was opened, or in opening it. */
  damage(): LedgerDamage | undefined;
  close(): void;
}

/** What the disk did to the ledger's file. */
export interface LedgerDamage {
  /** `all`: a new ledger was begun. `newest`: what had been written since some moment. */
  readonly forgotten: 'all' | 'newest' | 'nothing';
  /** Where the damaged file is kept for people to look at; undefined where it is gone. */
  readonly kept: string | undefined;
}

export interface PauseTarget {
  readonly project: string;
  readonly service: string | undefined;
}

export interface PauseRecord extends PauseTarget {
  readonly since: Instant;
  readonly until: Instant | undefined;
  readonly reason: string;
}

export interface DecisionEntry {
  readonly finding: Finding;
  readonly incidentId: string | undefined;
  readonly incident: Incident | undefined;
  /** Or why there was nothing to decide. */
  readonly decision:
    | Decision
    | Refusal
    | { readonly verdict: 'well' | 'nothing-wrong' | 'error'; readonly because: string };
  readonly at: Instant;
}

export class LedgerError extends Error {
  override readonly name = 'LedgerError';
}
