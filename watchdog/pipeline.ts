import type { Clock } from './adapters/clock.ts';
import { type Docker, EngineError } from './adapters/docker/docker.ts';
import type { Logger } from './adapters/logger.ts';
import { type CaseSources, caseOf, policyInForce } from './case-of.ts';
import { decide, explainGates } from './decide/decide.ts';
import { diagnose } from './diagnose/diagnose.ts';
import type { Case, Decision, Explanation } from './domain/decision.ts';
import { type Finding, HOST } from './domain/finding.ts';
import { type Diagnosis, type Incident, keyOf } from './domain/incident.ts';
import type { Policy } from './domain/policy.ts';
import { type Order, type Proof, worksOnHost } from './domain/repair.ts';
import { nameOf, type ServiceRef } from './domain/service.ts';
import { type Instant, seconds } from './domain/time.ts';
import { hasCompleted, isWell } from './domain/wellness.ts';
import { look, lookAt } from './observe/look.ts';
import type { StackKeeper } from './observe/stack-keeper.ts';
import type { Chronicle, Gone, Recorded, Stayed, Verdict } from './record/chronicle.ts';
import type { Ledger } from './record/ledger/ledger.ts';
import { AtWork } from './repair/at-work.ts';
import type { Hands } from './repair/carry-out.ts';
import type { StrategyRegistry } from './repair/registry.ts';
import { repairTarget, worstOf } from './repair/repair-target.ts';
import { type Eyes, proveWell } from './verify/prove-well.ts';

/** Everything the road passes through, built and handed in by `main.ts`. */
export interface Rooms extends CaseSources {
  readonly stack: StackKeeper;
  readonly docker: Pick<Docker, 'inspect'>;
  readonly ledger: Pick<Ledger, 'noteFinding' | 'past' | 'repairsSince' | 'openIncidentOf'>;
  readonly chronicle: Chronicle;
  readonly hands: Hands;
  readonly eyes: Eyes;
  readonly strategies: Pick<StrategyRegistry, 'get' | 'dangers'>;
  readonly clock: Clock;
  /** Finishes or undoes what was left half done at this service; throws while it cannot. */
  readonly takeUp: (ref: ServiceRef) => Promise<void>;
  /** Puts a finding on the road, now or at that time. */
  readonly submit: (finding: Finding) => void;
  readonly submitAt: (at: Instant, finding: (now: Instant) => Finding, key: string) => void;
  readonly logger: Logger;
  /** Fires when the watchdog is told to stop: nothing new begins, no proof is waited for. */
  readonly stopping: AbortSignal;
  /** Fires when it cannot wait for the engine any longer. */
  readonly handsOff: AbortSignal;
}

/** What came of a finding. */
export type Report = Recorded | Exclude<Verdict, Decision>;

/** When attending failed (engine or ledger did not answer): not at once again, and not only at the next round. */
const LOOK_AGAIN_AFTER_ERROR = seconds(5);

/** The one road from a finding to what is recorded of it. */
export class Pipeline {
  readonly #rooms: Rooms;
  /** Where the engine is carrying out an order of ours right now: its events there are our doing, not a person's. */
  readonly #atWork = new AtWork();
  /** From the first step of a repair to the end of its proof: until then its dependants wait. */
  readonly #underRepair = new AtWork();

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  /** Whether the engine is carrying out an order of ours there: its events are our doing, not a person's. */
  isAtWork(ref: ServiceRef): boolean {
    return this.#atWork.has(ref);
  }

  /** Walks the whole road. Never throws: this is the single catch. `decided` hears of the decision before it is carried out. */
  async attend(finding: Finding, decided: (report: Report) => void = () => undefined): Promise<void> {
    const { ledger, logger, clock, chronicle, stack, docker, stopping } = this.#rooms;
    try {
      ledger.noteFinding(finding);
      await this.#takeUp(finding.target);
      await look(finding, stack, docker);
      const diagnosis = diagnose(finding, stack);
      if (diagnosis.verdict !== 'incident') {
        decided(this.#nothingToDecide(finding, diagnosis));
        return;
      }
      const decision = this.#decide(finding, diagnosis.incident);
      decided(decision);
      if (decision.verdict === 'go') await this.#repair(finding, diagnosis.incident, decision);
      else this.#standBack(diagnosis.incident, decision);
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

  /** Walks the road as far as the decision and touches nothing. */
  async explain(ref: ServiceRef): Promise<Explanation> {
    const { stack, docker, clock } = this.#rooms;
    await look(followUp('look-again', ref, clock.now()), stack, docker);
    return this.judge(ref);
  }

  /** As `explain`, on what is known already, without a look. */
  judge(ref: ServiceRef): Explanation {
    const finding = followUp('look-again', ref, this.#rooms.clock.now());
    const diagnosis = diagnose(finding, this.#rooms.stack);
    if (diagnosis.verdict !== 'incident') return { diagnosis, order: undefined, answers: [], decision: undefined };
    const facts = this.#caseOf(finding, diagnosis.incident);
    return { diagnosis, ...explainGates(facts), decision: decide(facts) };
  }

  /** Before anything new begins. What is unfinished here is not under way: a lane has one finding at a time. */
  async #takeUp(ref: ServiceRef): Promise<void> {
    const done = this.#atWork.begin(ref);
    try {
      await this.#rooms.takeUp(ref);
    } finally {
      done();
    }
  }

  /** From the past to the journal's first entry without a pause in between, so that no two decisions overlook each other. */
  #decide(finding: Finding, incident: Incident): Recorded {
    return this.#rooms.chronicle.record(finding, incident, decide(this.#caseOf(finding, incident)));
  }

  #caseOf(finding: Finding, incident: Incident): Case {
    return caseOf(finding, incident, this.#rooms, ref => this.#underRepair.has(ref));
  }

  #standBack(incident: Incident, { incidentId, objection }: Stayed): void {
    if (objection.tell && incidentId !== undefined) this.#rooms.chronicle.escalate(incident, incidentId, objection);
    if (objection.until !== undefined) this.#lookAgainAt(incident, objection.until);
  }

  async #repair(finding: Finding, incident: Incident, { order, incidentId, repairId }: Gone): Promise<void> {
    const { clock, stack, chronicle } = this.#rooms;
    const began = clock.monotonic();
    const containers = order.targets.flatMap(patient => stack.replica(patient.id)?.id ?? []);
    const over = this.#underRepair.begin(order);
    // Every container is waited for, also when one of them goes wrong in a way that nobody planned.
    const repairs = await Promise.allSettled(
      containers.map(id => this.#repairOne(finding, order, incidentId, repairId, id)),
    ).finally(over);
    const unplanned = repairs.find(repair => repair.status === 'rejected');
    // The journal keeps the repair as unfinished.
    if (unplanned !== undefined) throw unplanned.reason;
    const ended = worstOf(repairs.flatMap(repair => (repair.status === 'fulfilled' ? repair.value : [])));
    chronicle.end(order, incidentId, repairId, ended, clock.monotonic() - began);
    const now = clock.now();
    if (ended.outcome === 'healed') this.#wakeDependants(incident, now, 'dependency-repaired');
    // Healed or not, the next look decides: it closes the incident, or climbs to the next rung once the backoff is over.
    this.#rooms.submit(followUp('look-again', incident, now));
  }

  async #repairOne(finding: Finding, order: Order, incidentId: string, repairId: string, containerId: string) {
    const { stack, chronicle, hands, strategies, handsOff } = this.#rooms;
    const strategy = strategies.get(order.strategy);
    const target = stack.replica(containerId);
    if (strategy === undefined || worksOnHost(strategy) || target === undefined)
      throw new Error(`${order.strategy} or ${containerId} is gone`);
    const journal = chronicle.journal(order, incidentId, repairId, containerId);
    let done = this.#atWork.begin(order);
    const record = {
      ...journal,
      acted: () => {
        done();
        journal.acted();
      },
    };
    const prove = async (id: string, startedBefore: Instant | undefined) => {
      const proof = await this.#prove(finding, order, id, startedBefore);
      // What is confirmed or undone now is our doing again.
      done = this.#atWork.begin(order);
      return proof;
    };
    try {
      return await repairTarget(strategy, order, target, record, hands, prove, handsOff);
    } finally {
      done();
    }
  }

  /** The proof of the container itself, and then a look with the eyes that saw the trouble. */
  async #prove(
    finding: Finding,
    order: Order,
    containerId: string,
    startedBefore: Instant | undefined,
  ): Promise<Proof> {
    const { eyes, stack, docker, stopping, clock } = this.#rooms;
    const proof = await proveWell(containerId, startedBefore, this.#policyOf(order).settle, eyes, stopping);
    await lookAt(containerId, stack, docker);
    if (order.asked) return proof;
    const again = diagnose({ ...finding, target: { ...finding.target, containerId }, seenAt: clock.now() }, stack);
    // A one-shot that was started again and has now completed did not stay, and need not. One that the engine has already
    // started once more has only ended.
    const replica = stack.replica(containerId);
    const completed = replica !== undefined && hasCompleted(replica);
    if (proof.code === 'ended' && completed && again.verdict === 'well')
      return { healed: true, code: 'proven', because: again.because };
    if (!proof.healed) return proof;
    const stillIll =
      again.verdict === 'incident' && again.incident.patients.some(patient => patient.id === containerId);
    return stillIll ? { healed: false, code: 'still-ill', because: again.incident.because } : proof;
  }

  /** Nothing to repair; a service that has been well for its settle time closes its incident. */
  #nothingToDecide(finding: Finding, diagnosis: Exclude<Diagnosis, { verdict: 'incident' }>): Report {
    const { ledger, chronicle, clock } = this.#rooms;
    const { target } = finding;
    const kind = target.project === HOST ? 'host' : 'ailing';
    const { verdict, because } = diagnosis;
    chronicle.decided(finding, undefined, ledger.openIncidentOf(keyOf({ ...target, kind }))?.id, { verdict, because });
    if (diagnosis.verdict === 'well') {
      const settle = kind === 'host' ? 0 : this.#policyOf(target).settle;
      const closed = chronicle.well(target, kind, diagnosis.wellSince + settle, because);
      // Also one that only had to start, without an incident of its own, may have kept others waiting.
      if (closed === 'resolved' || finding.kind === 'changed') this.#wakeDependants(target, clock.now(), 'look-again');
      if (typeof closed === 'number') this.#lookAgainAt(target, closed);
    }
    return { verdict, because };
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

const followUp = (kind: Finding['kind'], { project, service }: ServiceRef, now: Instant): Finding => ({
  kind,
  target: { project, service },
  source: 'follow-up',
  at: now,
  seenAt: now,
  evidence: {},
});
