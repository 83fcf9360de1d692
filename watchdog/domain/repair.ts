import type { Condition } from './condition.ts';
import type { AlertCause, ErrorCause, IncidentKind, Patient } from './incident.ts';
import type { Told } from './playbook.ts';
import type { Replica, Service, ServiceRef } from './service.ts';
import type { Duration, Instant } from './time.ts';

/** `none` touches nothing, `service` interrupts it, `data` touches files, `host` touches more than the project. */
export const DANGERS = ['none', 'service', 'data', 'host'] as const;

export type Danger = (typeof DANGERS)[number];

/** One repair, fully spelled. */
export interface Order extends ServiceRef {
  readonly kind: IncidentKind;
  readonly condition: Condition;
  readonly strategy: string;
  readonly with: Told;
  /** What its playbook says that it may harm, see `Rung`. */
  readonly danger?: Danger;
  /** Empty for a strategy that works on the host, or on a service as a whole. */
  readonly targets: readonly Patient[];
  /** 1 for the first attempt in the window. */
  readonly attempt: number;
  /** Why, in one sentence. */
  readonly reason: string;
  /** A person asked for it. */
  readonly asked: boolean;
  readonly stopTimeout: Duration | undefined;
  /** The alert that asked for it; its end belongs to the proof. */
  readonly alert?: AlertCause;
  /** The error in a log that it is for, with what was read of it: a port, a path, a database. */
  readonly error?: ErrorCause;
}

/** What an order does to the number of replicas. */
export interface SizeChange {
  readonly direction: 'up' | 'down';
  readonly from: number;
  readonly to: number;
  /** What led to it, a closed list: the kind of the signal, `drift`, `alert`, a limit. */
  readonly reason: string;
}

/** Undefined for an order that is about something else. */
export function sizeChangeIn({ with: { replicas, from, reason } }: Pick<Order, 'with'>): SizeChange | undefined {
  if (typeof replicas !== 'number' || typeof from !== 'number') return undefined;
  return { direction: replicas > from ? 'up' : 'down', from, to: replicas, reason: String(reason) };
}

/** `stood-back` never reaches a strategy; `wedged`: the engine did not answer in time and a look showed no effect. */
export type Outcome = 'healed' | 'not-healed' | 'failed' | 'interrupted';

/** What a second look and a while of watching have shown of a repaired container. */
export interface Proof {
  readonly healed: boolean;
  readonly code:
    | 'proven'
    | 'still-unhealthy'
    | 'still-ill'
    | 'ended'
    | 'restarted'
    | 'too-slow'
    | 'gone'
    | 'still-firing';
  readonly because: string;
}

/** A past repair, as the ledger keeps it. */
export interface Attempt {
  readonly at: Instant;
  /** Undefined while it is under way. */
  readonly endedAt: Instant | undefined;
  readonly outcome: Outcome | undefined;
  /** Closed list beside the outcome, see docs/vocabulary.md: `proven`, `wedged`, `engine-error`, ... */
  readonly code: string;
  readonly strategy: string;
  readonly condition: Condition;
  /** Container numbers it touched. */
  readonly replicas: readonly number[];
}

/** What the ledger knows of an incident's key inside the window, oldest first. */
export interface Past {
  readonly attempts: readonly Attempt[];
  /** The open incident was escalated: people were told that we stand back. */
  readonly escalated: boolean;
}

/** Appends one line to the journal of the running repair before the step it names is taken. */
export type Journal = (step: string, data: Readonly<Record<string, unknown>>) => void;

/** What a strategy is given to work with. */
export interface Work {
  readonly order: Order;
  readonly target: Replica;
  readonly signal: AbortSignal;
  readonly journal: Journal;
}

/**
 * One way to repair. Does one thing to one container; neither waits for health nor decides.
 *
 * A strategy that takes several steps journals each before it takes it, and has a way forward and a way back. The pipeline
 * calls `confirm` once the repair is proven, and `undo` when `apply` threw or the repair was not proven; both with the steps
 * journaled so far and a signal of their own. Each can be called again after it failed or was cut short.
 */
export interface Strategy {
  readonly name: string;
  readonly danger: Danger;
  /** One line for `watchdog check` and the docs. */
  readonly summary: string;
  /** How long its work may take by itself, besides the stop grace and what the engine may; nothing where it is left out. */
  readonly takes?: Duration;
  /**
   * Looks what exactly `apply` would do, while it is not done yet, and changes nothing. Only asked of what needs a yes, once for each
   * question, so that people know to what they say it.
   * @returns in words; where it would be refused, why
   */
  foresee?(work: Omit<Work, 'journal'>): Promise<string>;
  /** @returns the id of the container that stands there now, when it is another one than before. */
  apply(work: Work): Promise<string | undefined>;
  /** What people have to know of what stands there once it is proven, such as a new address, in words; undefined where nothing. */
  tells?(steps: readonly JournalStep[]): string | undefined;
  /** Takes away what was kept for the way back. */
  confirm?(steps: readonly JournalStep[], signal: AbortSignal): Promise<void>;
  /**
   * Puts back what stood there before, as far as the steps went.
   * @returns what stands there now, in one sentence; undefined when there was nothing to undo
   */
  undo?(steps: readonly JournalStep[], signal: AbortSignal): Promise<string | undefined>;
  /**
   * After a crash of the watchdog: looks at the engine, then finishes or undoes what was left half done.
   * @param journal for what must not be done again by the next watchdog, when this one dies over it as well
   * @returns what it found and did, in one sentence
   */
  recover?(steps: readonly JournalStep[], signal: AbortSignal, journal: Journal): Promise<string>;
}

/** What a strategy on the host is given to work with. */
export type HostWork = Omit<Work, 'target'>;

/**
 * One way to repair the host itself, where no container is the patient. Proven by a fresh look at what was found wrong. Each of
 * its steps must be complete in itself, so that one that was cut short leaves nothing to finish or undo.
 */
export interface HostStrategy extends Pick<Strategy, 'name' | 'danger' | 'summary'> {
  /** @returns what it did, in one sentence. */
  applyToHost(work: HostWork): Promise<string>;
}

/**
 * One way to repair a service as a whole, where no container is the patient: it adds containers and takes others away. Its order
 * has no targets. Each move is carried out, journaled, proven and undone by itself, side by side with the others; `undo` and
 * `recover` are called with the steps of one of them.
 */
export interface ServiceStrategy extends Pick<Strategy, 'name' | 'danger' | 'summary'> {
  /** What has to be done, by what is known of the service now; nothing when it is as ordered. Rejects with why it cannot be done. */
  moves(order: Order, service: Service, signal: AbortSignal): Promise<readonly Move[]>;
  /** Takes back a move that failed, or was not proven. @returns what stands now, in one sentence */
  undo(steps: readonly JournalStep[], signal: AbortSignal): Promise<string | undefined>;
  recover(steps: readonly JournalStep[], signal: AbortSignal, journal: Journal): Promise<string>;
}

/** One container that is added, or one that is taken away. */
export interface Move {
  /** The container's id; its name while it has none. Its steps are journaled under it. */
  readonly container: string;
  /** How long it may take by the service's own settings, besides what the engine may: draining, and the stop grace. */
  readonly takes: Duration;
  apply(work: MoveWork): Promise<Moved>;
}

export interface MoveWork extends HostWork {
  /** For what only waits for the container and asks nothing of the engine: gives the slot to others meanwhile. */
  readonly aside: <T>(wait: () => Promise<T>) => Promise<T>;
}

/** `toProve`: the id of the new container, which counts once it is well. `done`: what was done, in one sentence. */
export type Moved = { readonly toProve: string } | { readonly done: string };

/** Anything that an order may name. */
export type AnyStrategy = Strategy | ServiceStrategy | HostStrategy;

export const worksOnHost = (strategy: AnyStrategy): strategy is HostStrategy => 'applyToHost' in strategy;

export const worksOnService = (strategy: AnyStrategy): strategy is ServiceStrategy => 'moves' in strategy;

export interface JournalStep {
  readonly step: string;
  readonly at: Instant;
  readonly data: Readonly<Record<string, unknown>>;
}
