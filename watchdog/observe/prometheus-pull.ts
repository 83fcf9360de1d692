import type { Logger } from '../adapters/logger.ts';
import type { Prometheus } from '../adapters/prometheus.ts';
import type { Alert } from '../domain/alert.ts';
import { type ReceivedAlert, wantsRepair } from '../domain/received-alert.ts';

export interface PullTools {
  /** Undefined: nothing is pulled. Asked afresh each round, so that a reload holds at once. */
  readonly prometheus: () => Pick<Prometheus, 'firingAlerts'> | undefined;
  /** What fires by an earlier answer. */
  readonly known: () => readonly Alert[];
  readonly take: (alerts: readonly ReceivedAlert[]) => unknown;
  readonly logger: Logger;
}

/**
 * Asks Prometheus for its alerts, for those without Alertmanager. Those that ask for a repair are handed in as if they had
 * been delivered; one that is missing in a whole answer has ended. No answer says nothing about any of them.
 */
export class PrometheusPull {
  readonly #tools: PullTools;
  #asking = false;
  #failing = false;

  constructor(tools: PullTools) {
    this.#tools = tools;
  }

  /** To be called after each round; while an answer is awaited it does nothing. Never rejects. */
  async round(): Promise<void> {
    const prometheus = this.#tools.prometheus();
    if (prometheus === undefined || this.#asking) return;
    this.#asking = true;
    try {
      const firing = (await prometheus.firingAlerts()).filter(wantsRepair);
      this.#tools.take([...firing, ...this.#ended(firing)]);
      if (this.#failing) this.#tools.logger.info('Prometheus tells its alerts again', {});
      this.#failing = false;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#failing) this.#tools.logger.warn('alerts could not be pulled from Prometheus', { reason });
      this.#failing = true;
    } finally {
      this.#asking = false;
    }
  }

  #ended(firing: readonly ReceivedAlert[]): readonly ReceivedAlert[] {
    const present = new Set(firing.map(({ fingerprint }) => fingerprint));
    return this.#tools
      .known()
      .filter(({ fingerprint }) => !present.has(fingerprint))
      .map(({ fingerprint, name, summary, startsAt }) => ({
        fingerprint,
        status: 'resolved',
        labels: { alertname: name, auto_repair: 'true' },
        summary,
        startsAt,
        endsAt: undefined,
        source: 'prometheus',
      }));
  }
}
