import type { Alert, AlertBook } from '../../watchdog/domain/alert.ts';
import { nameOf, type ServiceRef } from '../../watchdog/domain/service.ts';
import { ago } from './a-service.ts';

/** `HighErrorRate` of `shop/web`, firing for five minutes at NOON, which asks for a restart. */
export const aFiringAlert = (differing: Partial<Alert> = {}): Alert => ({
  fingerprint: differing.name ?? 'HighErrorRate',
  name: 'HighErrorRate',
  status: 'firing',
  startsAt: ago('5m'),
  target: { project: 'shop', service: 'web' },
  wants: { kind: 'strategy', name: 'restart' },
  condition: undefined,
  summary: '12 % of its answers are errors',
  severity: 'warning',
  foundBy: 'labels project and service',
  ...differing,
});

/** An alert book in memory, written by the test: which alerts fire, and word of their end to those who wait. */
export class FakeAlerts implements AlertBook {
  readonly #firing = new Map<string, Alert>();
  readonly #waiting = new Set<() => void>();

  fires(alert: Alert): void {
    this.#firing.set(alert.fingerprint, alert);
  }

  ends({ fingerprint }: Alert): void {
    this.#firing.delete(fingerprint);
    for (const wake of [...this.#waiting]) wake();
  }

  firing(ref: ServiceRef): readonly Alert[] {
    return [...this.#firing.values()].filter(({ target }) => nameOf(target) === nameOf(ref));
  }

  quiet(_ref: ServiceRef, fingerprint: string, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const look = () => {
        if (this.#firing.has(fingerprint) && !signal.aborted) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      signal.addEventListener('abort', look, { once: true });
      look();
    });
  }
}
