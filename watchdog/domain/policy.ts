import type { Condition } from './condition.ts';
import type { Duration } from './time.ts';

/** What is allowed for one service: defaults < config file < env < labels. */
export interface Policy {
  readonly enabled: boolean;
  readonly mode: 'repair' | 'observe';
  readonly maxAttempts: number;
  readonly cooldown: Duration;
  readonly window: Duration;
  readonly backoff: Backoff;
  readonly onStop: 'repair' | 'respect';
  readonly stopGrace: Duration;
  readonly settle: Duration;
  /** Services this one depends on besides what Compose says. */
  readonly dependsOn: readonly string[];
  /** Whether its logs are read. */
  readonly followLogs: boolean;
  readonly critical: boolean;
  /** Whether it may be made again with another port of the host where its own is taken. */
  readonly alternativePort: boolean;
  /** Whether it may be restarted so that others have memory. What is critical never is. */
  readonly freeMemory: boolean;
  /** Playbook names by condition, where the user chose another than the built-in one. */
  readonly playbooks: Readonly<Partial<Record<Condition, string>>>;
  /** Stop timeout for our stops and restarts, only when the user set one; else the service's own. */
  readonly stopTimeout: Duration | undefined;
  /** A label of this service cannot be read: its repair is held back and `status` shows these sentences. */
  readonly problems: readonly string[];
}

export interface Backoff {
  readonly initial: Duration;
  readonly factor: number;
  readonly max: Duration;
}
