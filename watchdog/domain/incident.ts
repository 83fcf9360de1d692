import type { AlertRepair } from './alert.ts';
import type { Condition } from './condition.ts';
import type { RecognisedError } from './log-error.ts';
import type { ServiceRef } from './service.ts';
import type { Instant } from './time.ts';

/** The kinds of trouble, worst first; attempts and caps count per project, service and kind. */
export const INCIDENT_KINDS = ['attacked', 'ailing', 'starved', 'erring', 'mis-sized', 'drifted', 'host'] as const;

export type IncidentKind = (typeof INCIDENT_KINDS)[number];

/** Kinds that are about the containers of a service as they run: what is repaired for one of them touches the others. */
export const CONTAINER_KINDS = ['ailing', 'starved', 'erring'] as const satisfies readonly IncidentKind[];

export type IncidentState = 'opened' | 'repairing' | 'verifying' | 'escalated' | 'resolved';

/** A container the incident is about. */
export interface Patient {
  readonly id: string;
  readonly name: string;
  readonly number: number;
}

/** A service in trouble of one kind, as diagnosed now. */
export interface Incident extends ServiceRef {
  readonly kind: IncidentKind;
  readonly condition: Condition;
  /** One sentence for people. */
  readonly because: string;
  /** The sick containers, all with this condition. Empty for the host's own incidents. */
  readonly patients: readonly Patient[];
  readonly evidence: Readonly<Record<string, string | number | boolean>>;
  /** When the trouble began, as far as the engine told. */
  readonly since: Instant;
  /** A person stopped the patients through the engine: when the last one went down. */
  readonly stoppedByHandAt: Instant | undefined;
  /** The alert that told of it, where our own eyes have not. */
  readonly alert?: AlertCause;
  /** What a log told of, where that is the trouble. */
  readonly error?: ErrorCause;
}

/** The alert behind an incident: its rule says what is wanted, and its end belongs to the proof. */
export interface AlertCause {
  readonly fingerprint: string;
  readonly name: string;
  readonly wants: AlertRepair;
}

/** The error in a log behind an incident. Secrets in it are masked. */
export interface ErrorCause extends RecognisedError {
  /** A record that told of it, cut. */
  readonly sample: string;
  /** The container is well by all other signs: only a playbook that says so repairs it for the word of its log. */
  readonly elseWell: boolean;
}

/** `shop/web/ailing`: what attempts, cooldowns and open incidents are counted by. */
export const keyOf = (incident: ServiceRef & { readonly kind: IncidentKind }): string =>
  `${incident.project}/${incident.service}/${incident.kind}`;

/** What a look at a service means. */
export type Diagnosis =
  | { readonly verdict: 'incident'; readonly incident: Incident }
  /** Everything is as it should be; an open incident may close once that has lasted (`wellSince`). */
  | { readonly verdict: 'well'; readonly because: string; readonly wellSince: Instant }
  /** Not well, yet nothing for us: starting, paused, completed, the engine is at it. */
  | { readonly verdict: 'nothing-wrong'; readonly because: string };
