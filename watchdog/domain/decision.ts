import type { Consent } from './approval.ts';
import type { Ask } from './finding.ts';
import type { Diagnosis, Incident } from './incident.ts';
import type { Playbook } from './playbook.ts';
import type { Policy } from './policy.ts';
import type { AlertRefusal } from './received-alert.ts';
import type { Attempt, Danger, Order, Past } from './repair.ts';
import type { Service } from './service.ts';
import type { SizeFacts } from './size.ts';
import type { Stack } from './stack.ts';
import type { Duration, Instant } from './time.ts';

/** The gates in their order; each code is a metric label and is shown by `explain`. */
export const GATE_CODES = [
  'ourselves',
  'out-of-scope',
  'evidence',
  'opt-out',
  'observe-only',
  'paused',
  'operator-stop',
  'sizing',
  'no-change',
  'in-flight',
  'dependency',
  'storm',
  'approval',
  'attempt-cap',
  'cooldown',
  'backoff',
] as const;

export type GateCode = (typeof GATE_CODES)[number];

/** A reason to stand back. */
export interface Objection<Code extends string = GateCode> {
  readonly code: Code;
  /** One sentence for people. */
  readonly because: string;
  /** When looking again can help; undefined when only a change can. */
  readonly until: Instant | undefined;
  /** People should hear of it (once per incident and code). */
  readonly tell: boolean;
  /** A question that is put to people by standing back: what would be done. */
  readonly asks?: string;
}

/** All a decision may know. */
export interface Case {
  readonly incident: Incident;
  /** Undefined for the host's own incidents. */
  readonly service: Service | undefined;
  readonly stack: Stack;
  readonly past: Past;
  /** Repairs of the service for other kinds of trouble: a container that one of them healed cools down all the same. */
  readonly otherAttempts: readonly Attempt[];
  readonly policy: Policy;
  readonly playbook: Playbook | undefined;
  /** Of all playbooks there are: an alert may ask for one that there is not. */
  readonly playbookNames: readonly string[];
  /** Danger class by strategy name; a name that is missing is not registered. */
  readonly dangers: Readonly<Record<string, Danger>>;
  /** What each strategy does, in one line for people. */
  readonly summaries: Readonly<Record<string, string>>;
  /** The strategies among them that work on the host, not on a container. */
  readonly onHost: readonly string[];
  /** Those that work on a service as a whole. */
  readonly onService: readonly string[];
  readonly host: HostLoad;
  readonly scope: Scope;
  /** The service, its project or everything is paused by a person or a maintenance window. */
  readonly pause: Pause | undefined;
  /** Dependencies of the service that nobody will heal: waiting for them would be waiting for ever. */
  readonly beyondRepair: readonly string[];
  /** Dependencies that a repair of ours is at right now: one that ends with 0 while it is restarted has not completed. */
  readonly underRepair: readonly string[];
  /** What people have said about what is dangerous. */
  readonly consent: Consent;
  /** What exactly the order would do, where a look has told. */
  readonly foreseen?: string | undefined;
  /** Only for a service that is scaled. */
  readonly size: SizeFacts | undefined;
  /** The service itself is ailing, and it is for us to heal it. */
  readonly ailing: boolean;
  /** The open incident that says that somebody has attacked the service, which no person has resolved. */
  readonly attack: string | undefined;
  readonly asked: Ask | undefined;
  /** When the watchdog started watching: graces begin no earlier. */
  readonly watchingSince: Instant;
  /** In [0, 1), drawn for this decision: spreads retries. */
  readonly jitter: number;
  readonly now: Instant;
}

export interface HostLoad {
  /** Begin of every repair on this host inside the storm window, oldest first. */
  readonly repairsInStormWindow: readonly Instant[];
  readonly stormLimit: number;
  readonly stormWindow: Duration;
}

export interface Scope {
  /** Projects that are watched; `*` for all. */
  readonly projects: readonly string[] | '*';
  /** The watchdog's own container, when it runs in one. */
  readonly selfId: string | undefined;
}

export interface Pause {
  readonly by: 'person' | 'maintenance';
  readonly until: Instant | undefined;
  readonly reason: string;
}

/** Asked in order; the first objection stands. */
export interface Gate {
  readonly code: GateCode;
  /** Also asked when a person ordered the repair: protects data, the opted out and the watchdog itself. */
  readonly evenWhenAsked: boolean;
  readonly objection: (facts: Case, order: Order | undefined) => Objection | undefined;
}

export type Decision =
  | { readonly verdict: 'go'; readonly order: Order }
  | { readonly verdict: 'stand-back'; readonly order: Order | undefined; readonly objection: Objection };

/** An alert did not get as far as the gates: nobody can tell what it is about, or what it wants. */
export interface Refusal {
  readonly verdict: 'stand-back';
  readonly order: undefined;
  readonly objection: Objection<AlertRefusal>;
}

/** The road walked without touching anything: what `explain` and `status` show. */
export interface Explanation {
  readonly diagnosis: Diagnosis;
  readonly order: Order | undefined;
  /** Every gate's answer in order; `objection` undefined where it lets pass. Empty when there is no incident. */
  readonly answers: readonly { readonly code: GateCode; readonly objection: Objection | undefined }[];
  readonly decision: Decision | undefined;
}
