import type { Clock } from '../adapters/clock.ts';
import type { Logger } from '../adapters/logger.ts';
import { type Answer, type Approval, questionInWords, YES_HOLDS } from '../domain/approval.ts';
import type { Decision, Objection, Refusal } from '../domain/decision.ts';
import type { Finding } from '../domain/finding.ts';
import { type Incident, keyOf } from '../domain/incident.ts';
import type { News } from '../domain/news.ts';
import type { OpenIncident } from '../domain/records.ts';
import type { JournalStep, Order, Outcome } from '../domain/repair.ts';
import type { ServiceRef } from '../domain/service.ts';
import type { Duration, Instant } from '../domain/time.ts';
import type { Ledger } from './ledger/ledger.ts';

/** What came of a finding: a decision, or why there was nothing to decide. */
export type Verdict = Decision | { readonly verdict: 'well' | 'nothing-wrong' | 'error'; readonly because: string };

/** A decision as it was recorded: an order has a repair in the ledger before its first step. */
export type Recorded = Gone | Stayed;
export type Gone = Extract<Decision, { verdict: 'go' }> & { readonly incidentId: string; readonly repairId: string };
export type Stayed = StandBack & { readonly incidentId: string | undefined };
type StandBack = Extract<Decision, { verdict: 'stand-back' }>;

/** Writes down each station of the road: first in the ledger, then as news to all who want to hear. */
export class Chronicle {
  readonly #ledger: Ledger;
  readonly #report: (news: News) => void;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(ledger: Ledger, report: (news: News) => void, clock: Clock, logger: Logger) {
    this.#ledger = ledger;
    this.#report = report;
    this.#clock = clock;
    this.#logger = logger;
  }

  found(finding: Finding): void {
    this.#ledger.noteFinding(finding);
    this.#report({ type: 'found', at: this.#clock.now(), finding });
  }

  /** The decision, the incident it is about, and the beginning of a repair. */
  record(finding: Finding, incident: Incident, decision: Decision): Recorded {
    if (decision.verdict === 'go') {
      const incidentId = this.#open(incident);
      this.decided(finding, incident, incidentId, decision);
      return { ...decision, incidentId, repairId: this.#begin(decision.order, incidentId) };
    }
    // What a person wanted, or is about, is no incident, nor is a wish that is refused or a size that is held back; one that
    // was open before stays open.
    const { code, tell } = decision.objection;
    const heldBack = code === 'sizing' && !tell;
    const byIntent = code === 'operator-stop' || code === 'in-flight' || heldBack || incident.condition === 'asked';
    const incidentId = byIntent ? this.#ledger.openIncidentOf(keyOf(incident))?.id : this.#open(incident);
    const asking = incidentId === undefined ? decision : this.#asked(decision, incidentId);
    this.decided(finding, incident, incidentId, asking);
    return { ...asking, incidentId };
  }

  /** Where standing back puts a question to people, the objection says how to answer it. */
  #asked(decision: StandBack, incidentId: string): StandBack {
    const { order, objection } = decision;
    const at = this.#clock.now();
    if (objection.asks === undefined || order === undefined) return decision;
    const approval = this.#ledger.askApproval(order, incidentId, objection.asks, objection.until ?? at, at);
    this.#report({ type: 'approval-asked', at, approval });
    return { ...decision, objection: { ...objection, because: questionInWords(approval) } };
  }

  /** A person answers a question. @returns whether it still waited for an answer. */
  answer(approval: Approval, answer: Answer, reason: string): boolean {
    const at = this.#clock.now();
    const expiresAt = answer === 'granted' ? at + YES_HOLDS : approval.expiresAt;
    const counts = this.#ledger.answerApproval(approval.id, answer, reason, expiresAt, at);
    if (counts) this.#report({ type: 'approval-answered', at, approval, answer, reason });
    return counts;
  }

  /** @returns the id of the open incident of this key, opened now if there was none. */
  #open(incident: Incident): string {
    const at = this.#clock.now();
    const { id: incidentId, isNew } = this.#ledger.openIncident(incident, at);
    if (isNew)
      this.#report({
        type: 'incident-opened',
        at,
        incident,
        incidentId,
        detectedAfter: Math.max(0, at - incident.since),
      });
    return incidentId;
  }

  decided(
    finding: Finding,
    incident: Incident | undefined,
    incidentId: string | undefined,
    decision: Verdict | Refusal,
  ): void {
    const at = this.#clock.now();
    this.#ledger.noteDecision({ finding, incidentId, incident, decision, at });
    this.#report({ type: 'decided', at, finding, incident, incidentId, decision });
  }

  /** Attending went wrong. The ledger itself may be what is broken, so this must not throw. */
  failed(finding: Finding, because: string): Verdict {
    const decision = { verdict: 'error', because } as const;
    try {
      this.decided(finding, undefined, undefined, decision);
    } catch (error) {
      this.#logger.error('the ledger cannot be written', { error: String(error) });
    }
    return decision;
  }

  /**
   * People hear of an incident once for each reason, and of each question once; only a used-up or useless repair, and one that
   * nobody said yes to, and an attack, make the incident theirs.
   */
  escalate(incident: Incident, incidentId: string, objection: Objection): void {
    const { code, because } = objection;
    const record = this.#ledger.incident(incidentId);
    if (record === undefined) return;
    const at = this.#clock.now();
    const told = record.life.some(entry =>
      code === 'approval' ? entry.because === `${code}: ${because}` : entry.because.startsWith(`${code}: `),
    );
    const state = isForPeople(objection) || incident.kind === 'attacked' ? 'escalated' : record.state;
    if (!told || record.state !== state) this.#ledger.moveIncident(incidentId, state, `${code}: ${because}`, at);
    const approval = record.approvals.find(each => questionInWords(each) === because);
    const question = approval && { approval };
    if (!told) this.#report({ type: 'incident-escalated', at, incident, incidentId, code, because, ...question });
  }

  /** @returns the repair's id. */
  #begin(order: Order, incidentId: string): string {
    const at = this.#clock.now();
    const repairId = this.#ledger.beginRepair(order, incidentId, at);
    this.#ledger.moveIncident(incidentId, 'repairing', `${order.strategy}, attempt ${order.attempt}`, at);
    this.#report({ type: 'repair-began', at, order, repairId, incidentId });
    return repairId;
  }

  /** The journal of one repair on one container. */
  journal(order: Order, incidentId: string, repairId: string, containerId: string) {
    const ledger = this.#ledger;
    const clock = this.#clock;
    return {
      note: (step: string, data: JournalStep['data']) =>
        ledger.noteStep(repairId, step, { ...data, container: containerId }, clock.now()),
      steps: () => (ledger.repair(repairId)?.steps ?? []).filter(({ data }) => data.container === containerId),
      acted: () => {
        ledger.noteActed(repairId, clock.now());
        ledger.moveIncident(
          incidentId,
          'verifying',
          `${order.strategy} is done; watching whether it lasts`,
          clock.now(),
        );
      },
    };
  }

  end(
    order: Order,
    incidentId: string,
    repairId: string,
    ended: { readonly outcome: Outcome; readonly code: string; readonly because: string },
    took: Duration,
  ): void {
    const at = this.#clock.now();
    const { outcome, code, because } = ended;
    this.#ledger.endRepair(repairId, outcome, code, because, at);
    this.#report({ type: 'repair-ended', at, order, repairId, incidentId, outcome, code, because, took });
  }

  /** Closes the open incident of this service once it has been well for long enough. @returns when that will be, if not yet. */
  well(ref: ServiceRef, kind: Incident['kind'], settledAt: Instant, because: string): Instant | 'resolved' | undefined {
    const open = this.#ledger.openIncidentOf(keyOf({ ...ref, kind }));
    if (open === undefined) return undefined;
    if (this.#clock.now() < settledAt) return settledAt;
    this.resolve(open, because);
    return 'resolved';
  }

  /** The incident is over: its service has been well for long enough, or a person says so. */
  resolve(open: OpenIncident, because: string): void {
    const at = this.#clock.now();
    this.#ledger.moveIncident(open.id, 'resolved', because, at);
    this.#report({
      type: 'incident-resolved',
      at,
      ref: { project: open.project, service: open.service },
      incident: open,
      incidentId: open.id,
      because,
      openFor: at - open.openedAt,
      recoveredAfter: Math.max(0, at - open.since),
    });
  }
}

/** A question without an end was answered with no, or with silence. */
const isForPeople = ({ code, until }: Objection): boolean =>
  code === 'attempt-cap' || code === 'no-change' || (code === 'approval' && until === undefined);
