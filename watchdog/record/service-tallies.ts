import { HOST } from '../domain/finding.ts';
import type { Order, Outcome } from '../domain/repair.ts';
import { nameOf, type ServiceRef } from '../domain/service.ts';
import type { Instant } from '../domain/time.ts';
import type { Ledger } from './ledger/ledger.ts';

/** What is counted of one service. */
export interface Tally {
  readonly ref: ServiceRef;
  /** Repairs by strategy and whether they healed. */
  readonly repairs: { readonly action: string; readonly success: boolean; count: number }[];
  /** Times it fell ill and attempts that did not help, since it was last healthy. */
  failures: number;
  lastRepairAt: Instant | undefined;
}

/** Counts by service, in plain objects: they become metrics at a scrape, and those of a service that is gone are let go. */
export class ServiceTallies {
  readonly #tallies = new Map<string, Tally>();
  readonly #oomKills = new Map<string, number>();

  /** What the ledger still knows from before the watchdog was started. Counters begin at 0, as Prometheus expects. */
  recall(ledger: Pick<Ledger, 'repairs' | 'incidents'>): void {
    const repairs = ledger.repairs({ limit: 500 }).items;
    for (const { order, startedAt, endedAt } of repairs) {
      const tally = this.#of(order);
      tally.lastRepairAt ??= endedAt ?? startedAt;
    }
    for (const incident of ledger.incidents({ limit: 500, open: true }).items) {
      const inVain = repairs.filter(
        ({ incidentId, outcome }) => incidentId === incident.id && outcome !== undefined && outcome !== 'healed',
      );
      this.#of(incident).failures += 1 + inVain.length;
    }
  }

  oomKilled(ref: ServiceRef): void {
    this.#oomKills.set(nameOf(ref), this.oomKills(ref) + 1);
  }

  oomKills(ref: ServiceRef): number {
    return this.#oomKills.get(nameOf(ref)) ?? 0;
  }

  fellIll(ref: ServiceRef): void {
    this.#of(ref).failures += 1;
  }

  isHealthy(ref: ServiceRef): void {
    this.#of(ref).failures = 0;
  }

  repairEnded(order: Order, outcome: Outcome, at: Instant): void {
    const tally = this.#of(order);
    const success = outcome === 'healed';
    tally.lastRepairAt = at;
    if (!success) tally.failures += 1;
    const same = tally.repairs.find(each => each.action === order.strategy && each.success === success);
    if (same) same.count += 1;
    else tally.repairs.push({ action: order.strategy, success, count: 1 });
  }

  all(): readonly Tally[] {
    return [...this.#tallies.values()];
  }

  /** Lets go of services that are gone. The host's own incidents belong to none. */
  keepOnly(services: Iterable<ServiceRef>): void {
    const present = new Set(Iterator.from(services).map(nameOf));
    for (const [name, { ref }] of this.#tallies) {
      if (ref.project !== HOST && !present.has(name)) this.#tallies.delete(name);
    }
    for (const name of this.#oomKills.keys()) if (!present.has(name)) this.#oomKills.delete(name);
  }

  #of({ project, service }: ServiceRef): Tally {
    const ref = { project, service };
    let tally = this.#tallies.get(nameOf(ref));
    if (!tally) {
      tally = { ref, repairs: [], failures: 0, lastRepairAt: undefined };
      this.#tallies.set(nameOf(ref), tally);
    }
    return tally;
  }
}
