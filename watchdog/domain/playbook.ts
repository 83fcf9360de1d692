import type { Condition } from './condition.ts';
import type { Duration } from './time.ts';

/** One step of a ladder: a strategy and what it is told. */
export interface Rung {
  readonly strategy: string;
  readonly with: Readonly<Record<string, string | number | boolean>>;
}

/** What is tried for a condition, gentlest first: one rung per failed attempt, the last one again. */
export interface Playbook {
  readonly name: string;
  readonly condition: Condition;
  /** Of the errors that logs tell of only those that these patterns recognised: `postgres-ownership`. Empty: all of its condition. */
  readonly patterns: readonly string[];
  /** Empty means: people only. */
  readonly ladder: readonly Rung[];
  /** Whether the word of a log is reason enough to climb it while the container is well by all other signs. */
  readonly evenIfWell: boolean;
  /** Overrides the service's policy where given. */
  readonly cooldown: Duration | undefined;
  readonly attempts: number | undefined;
  /** Where it was read, `rules/playbooks/unhealthy.yml`. */
  readonly source: string;
}
