import type { Condition } from '../domain/condition.ts';
import type { Replica, Service } from '../domain/service.ts';
import type { Stack } from '../domain/stack.ts';
import type { Instant } from '../domain/time.ts';

/** What is wrong with one container. */
export interface Ailment {
  readonly condition: Condition;
  readonly because: string;
  readonly evidence: Readonly<Record<string, string | number | boolean>>;
  readonly since: Instant;
  readonly stoppedByHandAt?: Instant | undefined;
}

/** Not well, yet nothing for us to repair. */
export interface Excuse {
  readonly excuse: string;
  /** It has done what it was there for, which is as good as well. */
  readonly completed?: true;
}

export interface Look {
  readonly replica: Replica;
  readonly service: Service;
  readonly stack: Stack;
  /** The time of the look. */
  readonly at: Instant;
}

/** Judges one container for one condition; undefined when it has nothing to say. Asked in the order of `conditions.ts`. */
export type Judge = (look: Look) => Ailment | Excuse | undefined;
