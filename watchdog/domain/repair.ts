import type { Condition } from './condition.ts';
import type { IncidentKind, Patient } from './incident.ts';
import type { Replica, ServiceRef } from './service.ts';
import type { Duration, Instant } from './time.ts';

/** `none` touches nothing, `service` interrupts it, `data` touches files, `host` touches more than the project. */
export type Danger = 'none' | 'service' | 'data' | 'host';

/** One repair, fully spelled. */
export interface Order extends ServiceRef {
  readonly kind: IncidentKind;
  readonly condition: Condition;
  readonly strategy: string;
  readonly with: Readonly<Record<string, string | number | boolean>>;
  readonly targets: readonly Patient[];
  /** 1 for the first attempt in the window. */
  readonly attempt: number;
  /** Why, in one sentence. */
  readonly reason: string;
  /** A person asked for it. */
  readonly asked: boolean;
  readonly stopTimeout: Duration | undefined;
}

/** `stood-back` never reaches a strategy; `wedged`: the engine did not answer in time and a look showed no effect. */
export type Outcome = 'healed' | 'not-healed' | 'failed' | 'interrupted';

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

/** One way to repair. Does one thing to one container; neither waits for health nor decides. */
export interface Strategy {
  readonly name: string;
  readonly danger: Danger;
  /** One line for `watchdog check` and the docs. */
  readonly summary: string;
  /** @returns the id of the container that stands there now, when it is another one than before. */
  apply(work: Work): Promise<string | undefined>;
  /** Finishes or undoes what a crash left half done. Only strategies that journal have it. */
  recover?(steps: readonly JournalStep[], signal: AbortSignal): Promise<string>;
}

export interface JournalStep {
  readonly step: string;
  readonly at: Instant;
  readonly data: Readonly<Record<string, unknown>>;
}
