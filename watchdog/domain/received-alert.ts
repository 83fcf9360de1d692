import type { Instant } from './time.ts';

/** One alert as Alertmanager or Prometheus told it, checked and bounded; what it is about is not known yet. */
export interface ReceivedAlert {
  /** Of its labels, as Alertmanager makes it. Identifies the alert. */
  readonly fingerprint: string;
  /** Its own, not that of the group it came in. */
  readonly status: 'firing' | 'resolved';
  /** Read them with `labelOf`: a label that is missing must not be found on the prototype. */
  readonly labels: Readonly<Record<string, string>>;
  /** `summary`, else `description`: one line for people, at most 500 characters. */
  readonly summary: string;
  readonly startsAt: Instant;
  /** When it counts as resolved unless it is told again; undefined where the sender did not say. */
  readonly endsAt: Instant | undefined;
  readonly source: 'alertmanager' | 'prometheus';
}

/** Why an alert that asks for a repair gets none. Each is a decision's code and a result of the metric. */
export const ALERT_REFUSALS = ['unknown-service', 'ambiguous-service', 'unknown-repair'] as const;

export type AlertRefusal = (typeof ALERT_REFUSALS)[number];

/** The label's value; undefined where it is missing or empty, which Prometheus takes for the same. */
export const labelOf = ({ labels }: Pick<ReceivedAlert, 'labels'>, name: string): string | undefined =>
  Object.hasOwn(labels, name) ? labels[name] || undefined : undefined;

/** Only these go on the road; all others are people's. */
export const wantsRepair = (alert: Pick<ReceivedAlert, 'labels'>): boolean => labelOf(alert, 'auto_repair') === 'true';
