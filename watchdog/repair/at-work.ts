import { nameOf, type ServiceRef } from '../domain/service.ts';

/** Services at which something of ours is under way. */
export class AtWork {
  readonly #orders = new Map<string, number>();

  has(ref: ServiceRef): boolean {
    return this.#orders.has(nameOf(ref));
  }

  /** @returns ends it; may be called twice. */
  begin(ref: ServiceRef): () => void {
    const key = nameOf(ref);
    this.#orders.set(key, (this.#orders.get(key) ?? 0) + 1);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      const left = (this.#orders.get(key) ?? 1) - 1;
      if (left === 0) this.#orders.delete(key);
      else this.#orders.set(key, left);
    };
  }
}
