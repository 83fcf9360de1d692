import type { Clock } from './adapters/clock.ts';
import { EngineError } from './adapters/docker/docker.ts';
import type { Logger } from './adapters/logger.ts';
import { type CaseSources, caseOf, policyInForce } from './case-of.ts';
import { decide, explainGates } from './decide/decide.ts';
import { diagnose } from './diagnose/diagnose.ts';
import { LONGEST_ALLOWANCE } from './diagnose/starved.ts';
import { troubleOver } from './diagnose/trouble-over.ts';
import type { AlertBook } from './domain/alert.ts';
import type { Case, Decision, Explanation } from './domain/decision.ts';
import type { ErrorBook } from './domain/error-book.ts';
import { type Finding, followUp, HOST } from './domain/finding.ts';
import { CONTAINER_KINDS, type Diagnosis, type Incident, type IncidentKind, keyOf } from './domain/incident.ts';
import type { Policy } from './domain/policy.ts';
import type { OpenIncident } from './domain/records.ts';
import { type Order, worksOnService } from './domain/repair.ts';
import { nameOf, type ServiceRef } from './domain/service.ts';
import { NOTHING_SCALED } from './domain/size.ts';
import { type Instant, seconds } from './domain/time.ts';
import { isWell } from './domain/wellness.ts';
import { look } from './observe/look.ts';
import type { StackKeeper } from './observe/stack-keeper.ts';
import type { Gone, Recorded, Stayed, Verdict } from './record/chronicle.ts';
import type { Ledger } from './record/ledger/ledger.ts';
import type { StrategyRegistry } from './repair/registry.ts';
import { type RepairRooms, Repairs } from './repairs.ts';
import type { Sizes } from './sizes.ts';

/** Everything the road passes through, built and handed in by `main.ts`. */
export interface Rooms extends CaseSources, Omit<RepairRooms, 'diagnose' | 'look' | 'settleOf'> {
  readonly stack: StackKeeper;
  readonly ledger: Pick<Ledger, 'past' | 'repairsSince' | 'openIncidentOf' | 'openIncidentsOf'>;
  readonly alerts: AlertBook;
  /** `heard`: what ended containers of the service wrote last is in the book when this resolves. Never throws. */
  readonly errors: ErrorBook & RepairRooms['errors'] & { heard(ref: ServiceRef): Promise<void> };
  readonly sizes: Pick<Sizes, 'of' | 'factsOf' | 'begins' | 'isScaled'>;
  readonly strategies: Pick<StrategyRegistry, 'get' | 'dangers' | 'summaries' | 'onHost' | 'onService'>;
  /** Brings what the stack knows of the host's own, its disks, up to date. Must make no finding of it: one leads here. */
  readonly lookAtHost: (ref: ServiceRef) => Promise<void>;
  readonly clock: Clock;
  /** Finishes or undoes what was left half done at this service; throws while it cannot. */
  readonly takeUp: (ref: ServiceRef) => Promise<void>;
  /** Puts a finding on the road, now or at that time. */
  readonly submit: (finding: Finding) => void;
  readonly submitAt: (at: Instant, finding: (now: Instant) => Finding, key: string) => void;
  readonly logger: Logger;
}

/** What came of a finding. */
export type Report = Recorded | Exclude<Verdict, Decision>;

/** When attending failed (engine or ledger did not answer): not at once again, and not only at the next round. */
const LOOK_AGAIN_AFTER_ERROR = seconds(5);

/** The one road from a finding to what is recorded of it. */
export class Pipeline {
  readonly #rooms: Rooms;
  readonly #repairs: Repairs;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
    this.#repairs = new Repairs({
      ...rooms,
      diagnose: finding => this.#diagnose(finding),
      look: finding => this.#look(finding),
      settleOf: ref => this.#policyOf(ref).settle,
    });
  }

  /** Whether the engine is carrying out an order of ours there: its events are our doing, not a person's. */
  isAtWork(ref: ServiceRef): boolean {
    return this.#repairs.isAtWork(ref);
  }

  /** From the first step of a repair there to the end of its proof. */
  isUnderRepair(ref: ServiceRef): boolean {
    return this.#repairs.isUnderRepair(ref);
  }

  /** Walks the whole road. Never throws: this is the single catch. `decided` hears of the decision before it is carried out. */
  async attend(finding: Finding, decided: (report: Report) => void = () => undefined): Promise<void> {
    const { logger, clock, chronicle, stopping } = this.#rooms;
    try {
      chronicle.found(finding);
      await this.#takeUp(finding.target);
      await this.#look(finding);
      // A repair that is begun now would only be left to the next start, and count as an attempt.
      stopping.throwIfAborted();
      const diagnosis = this.#diagnose(finding);
      if (diagnosis.verdict !== 'incident') {
        decided(this.#nothingToDecide(finding, diagnosis));
        return;
      }
      const { incident } = diagnosis;
      let decision = this.#decide(finding, incident);
      const asked = askedAbout(decision);
      // That takes a look, so it is decided anew after it.
      if (asked !== undefined) decision = this.#decide(finding, incident, await this.#repairs.foreseen(asked));
      const recorded = chronicle.record(finding, incident, decision);
      decided(recorded);
      this.#closeWhatIsOver(finding, incident.kind);
      if (recorded.verdict === 'go') await this.#repair(finding, incident, recorded);
      else this.#standBack(finding, incident, recorded);
    } catch (error) {
      // What the stop cuts short is taken up by recover() after the next start.
      if (stopping.aborted) return;
      const because = error instanceof Error ? error.message : String(error);
      logger.error('attending a finding failed', {
        service: nameOf(finding.target),
        kind: finding.kind,
        error: because,
      });
      decided(chronicle.failed(finding, because) as Report);
      // The engine's return brings a round, which looks at everything anyway.
      const engineAway = error instanceof EngineError && error.code === 'unreachable';
      if (!engineAway) this.#lookAgainAt(finding.target, clock.now() + LOOK_AGAIN_AFTER_ERROR);
    }
  }

  /** Walks the road as far as the decision and touches nothing; `alerts`: as if these fired. */
  async explain(ref: ServiceRef, alerts?: Pick<AlertBook, 'firing'>): Promise<Explanation> {
    await this.#look(followUp('look-again', ref, this.#rooms.clock.now()));
    return this.judge(ref, alerts);
  }

  /** As `explain`, on what is known already, without a look. */
  judge(ref: ServiceRef, alerts: Pick<AlertBook, 'firing'> = this.#rooms.alerts): Explanation {
    const finding = followUp('look-again', ref, this.#rooms.clock.now());
    const { stack, errors } = this.#rooms;
    const diagnosis = diagnose(finding, stack, alerts, NOTHING_SCALED, errors);
    if (diagnosis.verdict !== 'incident') return { diagnosis, order: undefined, answers: [], decision: undefined };
    const facts = this.#caseOf(finding, diagnosis.incident);
    return { diagnosis, ...explainGates(facts), decision: decide(facts) };
  }

  async #look(finding: Finding): Promise<void> {
    const { stack, docker, lookAtHost, errors } = this.#rooms;
    if (finding.target.project === HOST) await lookAtHost(finding.target);
    else {
      await look(finding, stack, docker);
      await errors.heard(finding.target);
    }
  }

  #diagnose(finding: Finding): Diagnosis {
    const { stack, alerts, sizes, errors } = this.#rooms;
    return diagnose(finding, stack, alerts, sizes, errors);
  }

  /** Before anything new begins. What is unfinished here is not under way: a lane has one finding at a time. */
  async #takeUp(ref: ServiceRef): Promise<void> {
    await this.#repairs.atWork(ref, () => this.#rooms.takeUp(ref));
  }

  /**
   * Recorded at once, and the repair begun, without a pause in between: no two decisions may overlook each other.
   * @param foreseen what exactly would be done, in words
   */
  #decide(finding: Finding, incident: Incident, foreseen?: string): Decision {
    const facts = this.#caseOf(finding, incident);
    return decide(foreseen === undefined ? facts : { ...facts, foreseen });
  }

  #caseOf(finding: Finding, incident: Incident): Case {
    return caseOf(finding, incident, this.#rooms, ref => this.#repairs.isUnderRepair(ref));
  }

  /** Whoever asked for a repair has the objection as the answer; nobody else needs to hear of a wish that was refused. */
  #standBack({ kind }: Finding, incident: Incident, { incidentId, objection }: Stayed): void {
    if (objection.tell && incidentId !== undefined && kind !== 'asked')
      this.#rooms.chronicle.escalate(incident, incidentId, objection);
    // The size is asked for again in the next interval anyway.
    if (objection.until !== undefined && incident.kind !== 'mis-sized') this.#lookAgainAt(incident, objection.until);
  }

  async #repair(finding: Finding, incident: Incident, going: Gone): Promise<void> {
    const { clock, chronicle, strategies, stack } = this.#rooms;
    const { order, incidentId, repairId } = going;
    const began = clock.monotonic();
    const strategy = strategies.get(order.strategy);
    if (strategy === undefined) throw new Error(`there is no strategy ${order.strategy} any more`);
    const resizes = worksOnService(strategy);
    if (resizes) stack.forgetResize(order);
    const changed = resizes ? this.#rooms.sizes.begins(order, clock.now()) : undefined;
    const ended = await this.#repairs.carryOut(finding, strategy, going);
    changed?.(clock.now());
    chronicle.end(order, incidentId, repairId, ended, clock.monotonic() - began);
    const now = clock.now();
    // Another size of a service means nothing to those that use it.
    if (ended.outcome === 'healed' && !resizes) this.#wakeDependants(incident, now, 'dependency-repaired');
    // Healed or not, the next look decides: it closes the incident, or climbs to the next rung once the backoff is over.
    this.#rooms.submit(followUp(incident.kind === 'mis-sized' ? 'load' : 'look-again', incident, now));
  }

  /** Nothing to repair; a service that has been well for its settle time closes its incidents. */
  #nothingToDecide(finding: Finding, diagnosis: Exclude<Diagnosis, { verdict: 'incident' }>): Report {
    const { ledger, chronicle, clock } = this.#rooms;
    const { target } = finding;
    const { verdict, because } = diagnosis;
    if (finding.kind === 'load') return this.#rightSize(finding, diagnosis);
    const kinds = target.project === HOST ? (['host'] as const) : CONTAINER_KINDS;
    const open = ledger.openIncidentsOf(target);
    const worst = kinds.flatMap(kind => open.find(one => one.kind === kind) ?? [])[0];
    chronicle.decided(finding, undefined, worst?.id, { verdict, because });
    if (target.project === HOST && verdict === 'well') chronicle.well(target, 'host', 0, because);
    const recovered = this.#closeWhatIsOver(finding, undefined, open);
    // Also one that only had to start, without an incident of its own, may have kept others waiting.
    if (verdict === 'well' && finding.kind === 'changed' && !recovered)
      this.#wakeDependants(target, clock.now(), 'look-again');
    return { verdict, because };
  }

  #rightSize(finding: Finding, { verdict, because }: Exclude<Diagnosis, { verdict: 'incident' }>): Report {
    const { ledger, chronicle } = this.#rooms;
    const open = ledger.openIncidentOf(keyOf({ ...finding.target, kind: 'mis-sized' }));
    chronicle.decided(finding, undefined, open?.id, { verdict, because });
    if (verdict === 'well') chronicle.well(finding.target, 'mis-sized', 0, because);
    return { verdict, because };
  }

  /**
   * Closes each open incident of the service whose own trouble is over and has been for the settle time, also while it has other
   * trouble. @returns whether it has recovered from an ailment, which others may have waited for.
   */
  #closeWhatIsOver(
    { target }: Finding,
    present: IncidentKind | undefined,
    allOpen: readonly OpenIncident[] = this.#rooms.ledger.openIncidentsOf(target),
  ): boolean {
    const { chronicle, clock, stack, alerts, sizes, errors } = this.#rooms;
    let recovered = false;
    if (target.project === HOST) return recovered;
    for (const kind of CONTAINER_KINDS) {
      const open = kind === present ? undefined : allOpen.find(one => one.kind === kind);
      if (open === undefined) continue;
      const over = troubleOver(kind, target, stack, alerts, clock.now(), errors, open.error !== undefined);
      if (over === undefined) continue;
      // It may be over from a while ahead on, when measuring would have shown it; beyond that the clock was set back since.
      const since = over.since > clock.now() + LONGEST_ALLOWANCE ? 0 : over.since;
      const closed = chronicle.well(target, kind, since + this.#policyOf(target).settle, over.because);
      if (typeof closed === 'number') this.#lookAgainAt(target, closed);
      if (closed === 'resolved' && kind === 'ailing') recovered = true;
    }
    const unscaled = allOpen.some(({ kind }) => kind === 'mis-sized') && !sizes.isScaled(target);
    if (unscaled) chronicle.well(target, 'mis-sized', 0, `${nameOf(target)} is not scaled any more`);
    if (recovered) this.#wakeDependants(target, clock.now(), 'look-again');
    return recovered;
  }

  /** Those that waited for this service get a fresh look; `restart: true` asks for more than a look after a repair of ours. */
  #wakeDependants(ref: ServiceRef, now: Instant, kind: 'look-again' | 'dependency-repaired'): void {
    for (const service of this.#rooms.stack.services(ref.project)) {
      const edge = service.dependencies.find(dependency => dependency.service === ref.service);
      if (edge === undefined) continue;
      const evidence = { dependency: ref.service };
      if (edge.restart && kind === 'dependency-repaired')
        this.#rooms.submit({ ...followUp(kind, service, now), evidence });
      else if (service.replicas.some(replica => !isWell(replica)))
        this.#rooms.submit({ ...followUp('look-again', service, now), evidence });
    }
  }

  #policyOf(ref: ServiceRef): Policy {
    return policyInForce(ref, this.#rooms);
  }

  #lookAgainAt(ref: ServiceRef, at: Instant): void {
    this.#rooms.submitAt(at, now => followUp('look-again', ref, now), nameOf(ref));
  }
}

/** The order that people are about to be asked for a yes to. */
const askedAbout = (decision: Decision): Order | undefined =>
  decision.verdict === 'go' || decision.objection.asks === undefined ? undefined : decision.order;
