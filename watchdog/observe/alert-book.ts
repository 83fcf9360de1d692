import type { Alert, AlertBook } from '../domain/alert.ts';
import type { ServiceRef } from '../domain/service.ts';

/** The alert book of the ledger, and word of what ends in it. */
export class KeptAlertBook implements AlertBook {
  readonly #kept: Pick<AlertBook, 'firing'>;
  readonly #waiters = new Set<() => void>();

  constructor(kept: Pick<AlertBook, 'firing'>) {
    this.#kept = kept;
  }

  firing(ref: ServiceRef): readonly Alert[] {
    return this.#kept.firing(ref);
  }

  quiet(ref: ServiceRef, fingerprint: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const fires = () => !signal.aborted && this.firing(ref).some(alert => alert.fingerprint === fingerprint);
    const ask = () => {
      if (fires()) return;
      this.#waiters.delete(ask);
      signal.removeEventListener('abort', ask);
      resolve();
    };
    if (!fires()) return Promise.resolve();
    this.#waiters.add(ask);
    signal.addEventListener('abort', ask);
    return promise;
  }

  /** Something was written into it. */
  changed(): void {
    for (const ask of [...this.#waiters]) ask();
  }
}
