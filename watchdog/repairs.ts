import type { Clock } from './adapters/clock.ts';
import { type Docker, EngineError } from './adapters/docker/docker.ts';
import type { Finding } from './domain/finding.ts';
import type { Diagnosis } from './domain/incident.ts';
import { mask } from './domain/mask.ts';
import {
  type AnyStrategy,
  type HostStrategy,
  type Move,
  type Order,
  type Proof,
  type ServiceStrategy,
  type Strategy,
  worksOnHost,
  worksOnService,
} from './domain/repair.ts';
import { nameOf, type Replica, type ServiceRef } from './domain/service.ts';
import { type Duration, type Instant, seconds } from './domain/time.ts';
import { lookAt } from './observe/look.ts';
import type { StackKeeper } from './observe/stack-keeper.ts';
import type { Chronicle, Gone } from './record/chronicle.ts';
import { AtWork } from './repair/at-work.ts';
import type { Hands } from './repair/carry-out.ts';
import { inTime } from './repair/in-time.ts';
import type { StrategyRegistry } from './repair/registry.ts';
import { repairHost } from './repair/repair-host.ts';
import { repairByMove } from './repair/repair-service.ts';
import { type Ended, type Record, repairTarget, worstOf } from './repair/repair-target.ts';
import type { AlertEyes } from './verify/prove-quiet.ts';
import { proveHostRepair, proveRepair, type SecondLook } from './verify/prove-repair.ts';
import { proveWell } from './verify/prove-well.ts';

/** What an order passes through from its first step to its proof. */
export interface RepairRooms {
  readonly stack: StackKeeper;
  readonly docker: Pick<Docker, 'inspect'>;
  readonly chronicle: Chronicle;
  readonly strategies: Pick<StrategyRegistry, 'get'>;
  readonly hands: Hands;
  readonly eyes: AlertEyes;
  readonly clock: Clock;
  /** Fires when the watchdog is told to stop: nothing new begins, no proof is waited for. */
  readonly stopping: AbortSignal;
  /** Fires when it cannot wait for the engine any longer. */
  readonly handsOff: AbortSignal;
  /** What a finding means now. */
  readonly diagnose: (finding: Finding) => Diagnosis;
  /** Brings the stack up to date about it. */
  readonly look: (finding: Finding) => Promise<void>;
  readonly settleOf: (ref: ServiceRef) => Duration;
  /** After an order was carried out, what the log said before tells nothing any more. */
  readonly errors: { beginAfresh(ref: ServiceRef, began: Instant): void };
}

/** The part of the road on which something is done: carries out an order on all that it is about, and proves it. */
export class Repairs {
  readonly #rooms: RepairRooms;
  /** Where the engine is carrying out an order of ours right now: its events there are our doing, not a person's. */
  readonly #atWork = new AtWork();
  /** From the first step of a repair to the end of its proof: until then its dependants wait. */
  readonly #underRepair = new AtWork();

  constructor(rooms: RepairRooms) {
    this.#rooms = rooms;
  }

  /** Whether the engine is carrying out an order of ours there: its events are our doing, not a person's. */
  isAtWork(ref: ServiceRef): boolean {
    return this.#atWork.has(ref);
  }

  isUnderRepair(ref: ServiceRef): boolean {
    return this.#underRepair.has(ref);
  }

  /** Whatever is done to the service meanwhile is our doing. */
  async atWork<T>(ref: ServiceRef, work: () => Promise<T>): Promise<T> {
    const done = this.#atWork.begin(ref);
    try {
      return await work();
    } finally {
      done();
    }
  }

  /** Waits for every container, also when one of them goes wrong in a way that nobody planned; only then throws that. */
  async carryOut(finding: Finding, strategy: AnyStrategy, going: Gone): Promise<Ended> {
    const repairs = await Promise.allSettled(await this.#begun(finding, strategy, going));
    const unplanned = repairs.find(repair => repair.status === 'rejected');
    // The journal keeps the repair as unfinished.
    if (unplanned !== undefined) throw unplanned.reason;
    const endings = repairs.flatMap(repair => (repair.status === 'fulfilled' ? repair.value : []));
    return endings.length === 0 && worksOnService(strategy) ? ALREADY_SO : worstOf(endings);
  }

  /** What the order would do to each of its containers, in words, by a look of its strategy; undefined where that cannot look. */
  async foreseen(order: Order): Promise<string | undefined> {
    const { strategies, stack, clock, handsOff } = this.#rooms;
    const strategy = strategies.get(order.strategy);
    if (strategy === undefined || worksOnHost(strategy) || worksOnService(strategy)) return undefined;
    const { foresee, name } = strategy;
    if (foresee === undefined) return undefined;
    const targets = order.targets.flatMap(({ id }) => stack.replica(id) ?? []);
    const each = targets.map(async target => {
      const look = (signal: AbortSignal) => foresee({ order, target, signal });
      // Whoever cannot foresee it may be asked all the same: the strategy looks again before it touches anything.
      return await inTime({ name: `foreseeing ${name}`, limit: FORESEEN_WITHIN, do: look }, clock, handsOff).catch(
        messageOf,
      );
    });
    const words = mask((await Promise.all(each)).join('; '));
    return words === '' ? undefined : words.slice(0, LONGEST_FORESIGHT);
  }

  async #begun(finding: Finding, strategy: AnyStrategy, going: Gone): Promise<readonly Promise<Ended>[]> {
    if (worksOnHost(strategy)) return [this.#repairHost(finding, strategy, going)];
    if (worksOnService(strategy)) return await this.#makeMoves(strategy, going);
    const targets = going.order.targets.flatMap(patient => this.#rooms.stack.replica(patient.id) ?? []);
    return targets.map(target => this.#repairOne(finding, strategy, going, target));
  }

  async #makeMoves(strategy: ServiceStrategy, going: Gone): Promise<readonly Promise<Ended>[]> {
    const { stack, handsOff } = this.#rooms;
    const { order } = going;
    const service = stack.service(order) ?? { ...order, replicas: [], dependencies: [] };
    try {
      const moves = await strategy.moves(order, service, handsOff);
      return moves.map(move => this.#makeMove(strategy, move, going));
    } catch (error) {
      if (handsOff.aborted) throw error;
      const because = error instanceof Error ? error.message : String(error);
      const code = error instanceof EngineError ? error.code : 'refused';
      return [Promise.resolve({ outcome: 'failed', code, because })];
    }
  }

  async #repairHost(finding: Finding, strategy: HostStrategy, { order, incidentId, repairId }: Gone): Promise<Ended> {
    const { chronicle, hands, handsOff, eyes, stopping, clock, look, diagnose } = this.#rooms;
    const journal = chronicle.journal(order, incidentId, repairId, nameOf(order));
    const again = async () => {
      const now = { ...finding, seenAt: clock.now() };
      await look(now);
      return diagnose(now);
    };
    const prove = () => proveHostRepair(order, { eyes, diagnose: again }, stopping);
    return await repairHost(strategy, order, journal, hands, prove, handsOff);
  }

  async #makeMove(strategy: ServiceStrategy, move: Move, { order, incidentId, repairId }: Gone): Promise<Ended> {
    const { chronicle, hands, handsOff, eyes, stopping, stack, docker, settleOf } = this.#rooms;
    const journal = chronicle.journal(order, incidentId, repairId, move.container);
    const settle = settleOf(order);
    return await this.#watched(order, journal, async (record, proven) => {
      const prove = async (id: string) => proven(await proveWell(id, undefined, settle, eyes, stopping));
      const ended = await repairByMove(strategy, move, order, record, hands, prove, handsOff);
      // What the next decision counts must not depend on which events have come by then.
      await lookAt(stack.replica(move.container)?.id ?? move.container, stack, docker);
      return ended;
    });
  }

  async #repairOne(finding: Finding, strategy: Strategy, going: Gone, target: Replica): Promise<Ended> {
    const { chronicle, hands, handsOff, stopping, settleOf } = this.#rooms;
    const { order, incidentId, repairId } = going;
    const journal = chronicle.journal(order, incidentId, repairId, target.id);
    const settle = settleOf(order);
    return await this.#watched(order, journal, (record, proven, over) => {
      const prove = async (id: string, startedBefore: Instant | undefined) =>
        proven(await proveRepair(order, id, startedBefore, settle, this.#secondLook(finding, over), stopping));
      const unwanted = () => this.#unwanted(order);
      return repairTarget(strategy, order, target, record, { ...hands, unwanted }, prove, handsOff);
    });
  }

  /** What an alert asked for is not begun when all of them have ended while it waited for its slot. */
  #unwanted({ kind, project, service, asked, error }: Order): string | undefined {
    const byAlert = kind === 'erring' && !asked && error === undefined;
    const over = byAlert && this.#rooms.eyes.alerts.firing({ project, service }).length === 0;
    return over ? 'no alert about it fires any more; it had not begun' : undefined;
  }

  /** What is done until the engine has answered, and what is confirmed or undone after the proof, is our doing. */
  async #watched(
    ref: ServiceRef,
    journal: Record,
    repair: (record: Record, proven: (proof: Proof) => Proof, over: () => void) => Promise<Ended>,
  ): Promise<Ended> {
    let done = this.#atWork.begin(ref);
    const over = this.#underRepair.begin(ref);
    const began = this.#rooms.clock.now();
    const acted = () => {
      done();
      this.#rooms.errors.beginAfresh(ref, began);
      journal.acted();
    };
    const proven = (proof: Proof) => {
      done = this.#atWork.begin(ref);
      return proof;
    };
    try {
      return await repair({ ...journal, acted }, proven, over);
    } finally {
      done();
      over();
    }
  }

  #secondLook(finding: Finding, provenWell: () => void): SecondLook {
    const { eyes, stack, docker, clock, diagnose } = this.#rooms;
    return {
      eyes,
      provenWell,
      at: async id => {
        await lookAt(id, stack, docker);
        return stack.replica(id);
      },
      diagnose: containerId =>
        diagnose({ ...finding, target: { ...finding.target, containerId }, seenAt: clock.now() }),
    };
  }
}

/** Characters: people read it at night, and on small screens. */
const LONGEST_FORESIGHT = 1_000;
/** A lane waits for it. */
const FORESEEN_WITHIN = seconds(60);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const ALREADY_SO: Ended = { outcome: 'healed', code: 'proven', because: 'it is as ordered already' };
