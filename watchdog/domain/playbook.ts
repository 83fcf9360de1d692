import type { Condition } from './condition.ts';
import { mask, maskWords } from './mask.ts';
import type { Danger } from './repair.ts';
import type { Duration } from './time.ts';

/** What a strategy is told. A list is the words of a command. */
export type Told = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** One step of a ladder: a strategy and what it is told. */
export interface Rung {
  readonly strategy: string;
  readonly with: Told;
  /** What it may harm, by the word of who wrote the playbook. It can only make it more than the strategy is known for. */
  readonly danger?: Danger;
}

/** `path=/data, argv=["redis-cli","SAVE"]`; empty where it is told nothing. Secrets are masked: people read it. */
export const toldInWords = (told: Told): string =>
  Object.entries(told)
    .map(([name, value]) =>
      typeof value === 'object' ? `${name}=${JSON.stringify(maskWords(value))}` : mask(`${name}=${value}`),
    )
    .join(', ');

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
  /**
   * So long from the beginning of its trouble what still runs is left alone, because what its log tells of mends itself. Undefined:
   * not at all.
   */
  readonly patience: Duration | undefined;
  /** Overrides the service's policy where given. */
  readonly cooldown: Duration | undefined;
  readonly attempts: number | undefined;
  /** Where it was read, `rules/playbooks/unhealthy.yml`. */
  readonly source: string;
}
