import type { ServiceRef } from './service.ts';
import type { Instant } from './time.ts';

/**
 * Why somebody should look at a service.
 * - `changed`: the engine said that a container's state or health changed
 * - `stands-wrong`: a round saw it in a state that should not last
 * - `parent-restarted`: the container whose network it shares was restarted or replaced
 * - `dependency-repaired`: something it depends on was repaired
 * - `look-again`: a reason to wait has passed
 * - `asked`: a person asked for a repair
 * - `engine-lost`, `engine-back`: the engine itself
 * - `measured`: a measurement crossed, or came back below, what its condition allows
 * - `alert`: an alert about it began or ended; the alert book says which fire
 * - `error`: its log tells of an error, or an error has been quiet for long enough; the error book says which stand
 * - `load`: its load asks for another number of replicas, or no longer does
 */
export type FindingKind =
  | 'changed'
  | 'stands-wrong'
  | 'parent-restarted'
  | 'dependency-repaired'
  | 'look-again'
  | 'asked'
  | 'engine-lost'
  | 'engine-back'
  | 'measured'
  | 'alert'
  | 'error'
  | 'load';

/** One fact from one sensor. It carries no truth about the container: it only says where to look and why. */
export interface Finding {
  readonly kind: FindingKind;
  readonly target: ServiceRef & { readonly containerId?: string };
  readonly source:
    | 'events'
    | 'rounds'
    | 'api'
    | 'follow-up'
    | 'start'
    | 'samples'
    | 'load'
    | 'logs'
    | 'alertmanager'
    | 'prometheus';
  /** When it happened, by the engine's clock where the engine said so. */
  readonly at: Instant;
  /** When it reached us. */
  readonly seenAt: Instant;
  /** Loose facts for people: event action, exit code, who asked. No secrets. */
  readonly evidence: Readonly<Record<string, string | number | boolean>>;
  /** Only for `asked`. */
  readonly ask?: Ask;
}

/** What a person asks for. */
export interface Ask {
  /** Undefined: as the playbook says. */
  readonly strategy?: string;
  /** What the strategy is told. */
  readonly with?: Readonly<Record<string, string>>;
  readonly reason?: string;
  /** It may touch data or the host: the person says yes to it in the same breath. */
  readonly approved?: boolean;
}

/** The pseudo project under which the host's own incidents (engine, disk) are kept. */
export const HOST = 'host';

/** A reason of our own to look at a service again. */
export const followUp = (kind: FindingKind, { project, service }: ServiceRef, now: Instant): Finding => ({
  kind,
  target: { project, service },
  source: 'follow-up',
  at: now,
  seenAt: now,
  evidence: {},
});
