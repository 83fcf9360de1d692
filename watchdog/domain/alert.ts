import type { ServiceRef } from './service.ts';
import type { Instant } from './time.ts';

/** One Prometheus alert about one service, as it was last told. The alert book in the ledger keeps it until it is resolved. */
export interface Alert {
  /** Alertmanager's fingerprint of the labels; for pulled alerts the same hash made by us. Identifies the alert. */
  readonly fingerprint: string;
  /** `alertname`. */
  readonly name: string;
  readonly status: 'firing' | 'resolved';
  readonly startsAt: Instant;
  /**
   * The service it was found to be about; `host/disk:/data` and the like for the host's own. `number`: where a name or Compose's own
   * number said which container, which is also the one that takes its place.
   */
  readonly target: ServiceRef & { readonly containerId?: string; readonly number?: number };
  /** What its rule wants done: a strategy, a playbook, or nothing of ours. */
  readonly wants: AlertRepair;
  /** The condition of INTERFACE's table that the rule's label `condition` names: joins the alert with what our own eyes see. */
  readonly condition: string | undefined;
  /** `summary` or `description`, one line for people, cut to 500 characters. */
  readonly summary: string;
  readonly severity: string | undefined;
  /** How it found its service, for people: `labels project and service`, `container label`, `address 172.18.0.3`. */
  readonly foundBy: string;
}

/** The label `repair` of an alert with `auto_repair="true"`. */
export type AlertRepair =
  | { readonly kind: 'strategy'; readonly name: string }
  | { readonly kind: 'playbook'; readonly name: string }
  /** People only. */
  | { readonly kind: 'none' };

/** Which alerts fire now, by service, and word of their end. */
export interface AlertBook {
  firing(ref: ServiceRef): readonly Alert[];
  /** Resolves once this alert about the service no longer fires, at once where it does not, and when the signal fires. */
  quiet(ref: ServiceRef, fingerprint: string, signal: AbortSignal): Promise<void>;
}

/** Where nobody receives alerts. */
export const NO_ALERTS: AlertBook = { firing: () => [], quiet: () => Promise.resolve() };
