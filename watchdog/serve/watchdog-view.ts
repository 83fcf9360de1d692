import type { Alert } from '../domain/alert.ts';
import type { AnswerGiven, AnswerTaken } from '../domain/approval.ts';
import type { Explanation, Pause } from '../domain/decision.ts';
import type { Ask } from '../domain/finding.ts';
import type { IncidentState } from '../domain/incident.ts';
import type { LiveEvent, LogViewing } from '../domain/live-log.ts';
import type { AlertRefusal, ReceivedAlert } from '../domain/received-alert.ts';
import type { ErrorRecord } from '../domain/records.ts';
import type { Health, Probe, ServiceRef, State } from '../domain/service.ts';
import type { SizeNow } from '../domain/size.ts';
import type { Instant } from '../domain/time.ts';

/** What HTTP and the command line may ask of the watchdog, running or opened for one look (`cli/offline.ts`). */
export interface WatchdogView {
  /** All services in scope, by project and name. */
  services(): readonly ServiceView[];
  /** Walks the road without touching anything. Throws `EngineError` when the look needs an engine that is not there. */
  explain(ref: ServiceRef): Promise<Explanation>;
  /** What each of these alerts would lead to if it came now. Touches nothing. Throws `EngineError`. */
  explainAlerts(alerts: readonly ReceivedAlert[]): Promise<readonly AlertExplanation[]>;
  /** Settles once it is decided, not once it is repaired. `strategy` undefined: as the playbook says. */
  ask(ref: ServiceRef, wish: Ask): Promise<WishAnswer>;
  /** `until` undefined: until somebody says `resume`. */
  pause(target: PauseOf, until: Instant | undefined, reason: string): void;
  /** Ends the pause and grants an escalated service one new attempt. @returns whether there was anything to end. */
  resume(target: PauseOf): boolean;
  /**
   * A person answers what was asked about this incident. `order`: the question's id, which may be left out while there was only one.
   * @returns whether the answer counts; else why not
   */
  answer(incidentId: string, said: AnswerGiven): AnswerTaken;
  /** A person says that this incident is over. The id is one that the ledger knows, not resolved yet. */
  resolve(incidentId: string, because: string): void;
  /** A person says that this error in a log is over. @returns it as it is now; undefined where there is none of this id */
  resolveError(id: string): ErrorRecord | undefined;
  /** What the container of this name writes from now on. The listener must neither throw nor wait. */
  watchLog(container: string, listener: (event: LiveEvent) => void): LogViewing;
  /** Rounds finish on time and the engine answers. `checks`: one sentence or `ok` each. */
  healthy(): { readonly ok: boolean; readonly because: string; readonly checks: Readonly<Record<string, string>> };
  /** The first look at everything is done. */
  ready(): { readonly ok: boolean; readonly because: string };
  /** Called as things happen; must not throw and must not block. @returns a function that ends the subscription. */
  subscribe(listener: (event: WatchdogEvent) => void): () => void;
}

/** An alert from outside, and what it leads to. */
export interface AlertExplanation {
  readonly alert: ReceivedAlert;
  readonly name: string;
  readonly outcome:
    | { readonly verdict: 'ignored'; readonly because: string }
    | { readonly verdict: 'refused'; readonly code: AlertRefusal; readonly because: string }
    | { readonly verdict: 'found'; readonly about: Alert; readonly explanation: Explanation };
}

/** `service` undefined: the whole project; `project` `*`: everything. */
export interface PauseOf {
  readonly project: string;
  readonly service: string | undefined;
}

export interface WishAnswer {
  readonly verdict: 'accepted' | 'refused';
  readonly because: string;
  /** Undefined when no incident was opened for it. */
  readonly incidentId: string | undefined;
}

/** Something that happened on the road, for those who watch (`GET /api/events`). */
export interface WatchdogEvent extends ServiceRef {
  readonly type: 'finding' | 'decision' | 'approval' | 'incident' | 'outcome' | 'scaling';
  readonly at: Instant;
  /** Plain JSON. No secrets. */
  readonly data: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** One service as people see it. */
export interface ServiceView extends ServiceRef {
  /** The worst of its replicas; undefined when it has none. */
  readonly state: State | undefined;
  /** The worst of its replicas. */
  readonly health: Health;
  readonly replicas: readonly ReplicaView[];
  /** The policy in force by its INTERFACE name (`max_attempts`), with where each value came from (`default`, `env X`, `label Y`). */
  readonly policy: Readonly<Record<string, PolicyValue>>;
  /** Why its settings cannot be read: its repair is held back meanwhile. */
  readonly problems: readonly string[];
  readonly openIncident: OpenIncidentView | undefined;
  readonly pause: Pause | undefined;
  readonly nextAction: NextAction | undefined;
  /** Undefined where nobody asks for it. */
  readonly scaling: ScalingView | undefined;
}

/** The size of a service that is to be scaled. */
export interface ScalingView {
  /** Undefined while its load was not read yet. */
  readonly now: SizeNow | undefined;
  /** Why its settings cannot be read: its size is left alone meanwhile. */
  readonly problems: readonly string[];
}

export interface ReplicaView {
  readonly name: string;
  readonly number: number;
  /** The first twelve digits. */
  readonly id: string;
  readonly state: State;
  readonly health: Health;
  readonly exitCode: number | undefined;
  /** By the engine's own restart policy. */
  readonly restarts: number | undefined;
  readonly startedAt: Instant | undefined;
  readonly lastProbe: Probe | undefined;
}

export interface PolicyValue {
  /** Durations in words (`5m`). */
  readonly value: string | number | boolean;
  readonly origin: string;
}

export interface OpenIncidentView {
  readonly id: string;
  readonly condition: string;
  readonly state: IncidentState;
  readonly because: string;
  readonly openedAt: Instant;
}

/** What would happen now. */
export interface NextAction {
  readonly verdict: 'go' | 'stand-back';
  /** The gate that objects. */
  readonly code: string | undefined;
  readonly because: string;
  readonly strategy: string | undefined;
  readonly until: Instant | undefined;
}
