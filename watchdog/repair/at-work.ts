import { nameOf, type ServiceRef } from '../domain/service.ts';
import type { Instant } from '../domain/time.ts';

/** As many events as the engine itself remembers (`eventsLimit` in moby's daemon/events): none older comes late. */
const REMEMBERED = 256;

/** Services at which something of ours is under way, and when it was so before. */
export class AtWork {
  readonly #now: () => Instant;
  readonly #orders = new Map<string, { readonly from: Instant; readonly orders: number }>();
  readonly #past: { readonly key: string; readonly from: Instant; readonly until: Instant }[] = [];

  constructor(now: () => Instant) {
    this.#now = now;
  }

  has(ref: ServiceRef): boolean {
    return this.#orders.has(nameOf(ref));
  }

  /** Whether it is so now, or was so at that moment: the engine's answer to a call may overtake the event of the deed. */
  had(ref: ServiceRef, at: Instant): boolean {
    const key = nameOf(ref);
    return this.has(ref) || this.#past.some(past => past.key === key && past.from <= at && at <= past.until);
  }

  /** @returns ends it; may be called twice. */
  begin(ref: ServiceRef): () => void {
    const key = nameOf(ref);
    const { from, orders } = this.#orders.get(key) ?? { from: this.#now(), orders: 0 };
    this.#orders.set(key, { from, orders: orders + 1 });
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#end(key);
    };
  }

  #end(key: string): void {
    const under = this.#orders.get(key);
    if (under === undefined) return;
    const orders = under.orders - 1;
    if (orders > 0) {
      this.#orders.set(key, { ...under, orders });
      return;
    }
    this.#orders.delete(key);
    this.#past.push({ key, from: under.from, until: this.#now() });
    if (this.#past.length > REMEMBERED) this.#past.shift();
  }
}
