import type { Clock } from '../adapters/clock.ts';
import type { Logger } from '../adapters/logger.ts';
import type { Backup } from '../domain/backup.ts';
import type { ErrorSeen } from '../domain/error-book.ts';
import type { ErrorSpan, ErrorStats } from '../domain/error-stats.ts';
import type { QueueFill } from '../domain/queue-fill.ts';
import type { ReceivedAlert } from '../domain/received-alert.ts';
import type {
  DecisionRecord,
  ErrorQuery,
  ErrorRecord,
  IncidentRecord,
  Page,
  PageQuery,
  RepairRecord,
} from '../domain/records.ts';
import type { RecoverySpan, RecoveryStats } from '../domain/recovery.ts';
import type { Report } from '../domain/report.ts';
import type { ServiceRef } from '../domain/service.ts';
import type { Instant } from '../domain/time.ts';
import type { WatchdogView } from './watchdog-view.ts';

/** What the HTTP API needs of the rest of the house. */
export interface Deps {
  readonly view: WatchdogView;
  readonly records: Records;
  readonly errors: KeptErrors;
  readonly alerts: Alerts;
  readonly backups: { list(): Promise<readonly Backup[]> };
  /** The registry of prom-client fits. */
  readonly metrics: { readonly contentType: string; metrics(): Promise<string> };
  readonly token: string;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly logger: Logger;
  /** Fires before the server closes: ends the event streams, which would keep it open otherwise. */
  readonly closing: AbortSignal;
  /** Where what waits here is shown on the page for Prometheus. */
  readonly queues: (() => QueueFill)[];
}

/** The ledger, as far as it is read here. */
export interface Records {
  incident(id: string): IncidentRecord | undefined;
  incidents(query: PageQuery & { readonly open?: boolean; readonly service?: string }): Page<IncidentRecord>;
  repairs(query: PageQuery & { readonly service?: string }): Page<RepairRecord>;
  recoveries(query: PageQuery & { readonly service?: string }): Page<RepairRecord>;
  recoveryStats(span: RecoverySpan): RecoveryStats;
  decisions(query: PageQuery & { readonly service?: string }): Page<DecisionRecord>;
  /** `unchecked`: services that run without a health check. */
  report(span: { readonly since: Instant; readonly until: Instant }, unchecked: readonly ServiceRef[]): Report;
}

/** What is kept of errors in logs, as far as it is read here. */
export interface KeptErrors {
  errors(query: ErrorQuery): Page<ErrorRecord>;
  errorStats(span: ErrorSpan): ErrorStats;
  errorsSeen(since: Instant): readonly ErrorSeen[];
}

/** Where alerts from outside are handed in. Rejects when they cannot be queued durably. */
export interface Alerts {
  take(alerts: readonly ReceivedAlert[]): Promise<{
    readonly queued: number;
    readonly repeated: number;
    readonly ignored: number;
  }>;
}
