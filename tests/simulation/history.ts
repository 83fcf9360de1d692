import type { IncidentKind } from '../../watchdog/domain/incident.ts';
import type { Order, Outcome } from '../../watchdog/domain/repair.ts';
import { hours, type Instant } from '../../watchdog/domain/time.ts';

/** Older ones no limit counts. */
const KEPT = hours(48);

/** One repair as it was begun and ended, by the simulation's own notes: what a watchdog remembers is not asked. */
export interface SeenRepair {
  readonly id: string;
  readonly order: Order;
  readonly at: Instant;
  endedAt: Instant | undefined;
  outcome: Outcome | undefined;
}

/** All repairs that were begun, and what people did about them. */
export class History {
  readonly #repairs: SeenRepair[] = [];
  readonly #open = new Map<string, SeenRepair>();
  /** Which repairs a person's `resume` forgave, by service. */
  readonly #forgiven = new WeakSet<SeenRepair>();
  begun = 0;
  healed = 0;

  begins(id: string, order: Order, at: Instant): SeenRepair {
    const repair: SeenRepair = { id, order, at, endedAt: undefined, outcome: undefined };
    this.#repairs.push(repair);
    this.#open.set(id, repair);
    this.begun += 1;
    return repair;
  }

  ends(id: string, outcome: Outcome, at: Instant): SeenRepair | undefined {
    const repair = this.#open.get(id);
    if (repair === undefined) return undefined;
    this.#open.delete(id);
    Object.assign(repair, { outcome, endedAt: at });
    if (outcome === 'healed') this.healed += 1;
    return repair;
  }

  get open(): readonly SeenRepair[] {
    return [...this.#open.values()];
  }

  /** Under way, or left behind by one that died. */
  openAt(service: string): readonly SeenRepair[] {
    return [...this.#open.values()].filter(({ order }) => order.service === service);
  }

  /** Those that count, oldest first. */
  of(service: string, kind?: IncidentKind): readonly SeenRepair[] {
    return this.#repairs.filter(
      repair =>
        repair.order.service === service &&
        (kind === undefined || repair.order.kind === kind) &&
        !this.#forgiven.has(repair),
    );
  }

  since(at: Instant): readonly SeenRepair[] {
    return this.#repairs.filter(repair => repair.at > at);
  }

  forgive(service: string | undefined): void {
    for (const repair of this.#repairs)
      if (service === undefined || repair.order.service === service) this.#forgiven.add(repair);
  }

  prune(now: Instant): void {
    const old = this.#repairs.findIndex(({ at }) => at > now - KEPT);
    this.#repairs.splice(0, old < 0 ? this.#repairs.length : old);
  }
}
