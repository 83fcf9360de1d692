import type { Sample } from './sample.ts';
import type { Duration, Instant } from './time.ts';

/** A Compose service by name. Containers outside Compose have no such reference and are out of scope. */
export interface ServiceRef {
  readonly project: string;
  readonly service: string;
}

/** The engine's container states (Engine API, `ContainerState.Status`). */
export type State = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** The engine's health states; `none` where the container has no healthcheck. */
export type Health = 'none' | 'starting' | 'healthy' | 'unhealthy';

/** One container of a service: what the engine's list says of it, kept up to date by events and looks. */
export interface Replica extends ServiceRef {
  readonly id: string;
  readonly name: string;
  /** Compose's container number; 1 where the label is missing. */
  readonly number: number;
  readonly image: string;
  readonly state: State;
  readonly health: Health;
  /** Exit code of the last run; undefined while none has ended or nobody has looked. */
  readonly exitCode: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Id (or name) of the container whose network namespace this one shares. */
  readonly networkParent: string | undefined;
  /** Its addresses in its networks, IPv4 and IPv6; none while it does not run. */
  readonly addresses: readonly string[];
  readonly createdAt: Instant;
  /** Made by `docker compose run`, a hook or helper container of Compose, or set aside by us: no part of its service, never repaired. */
  readonly oneOff: boolean;
  /** Publishes or exposes a port on the host: it serves, so it is not meant to finish. */
  readonly publishesPorts: boolean;
  /** What only an inspect tells. Undefined until somebody looked at this container. */
  readonly inspected: Inspected | undefined;
  /** What the events told since the watchdog watches. */
  readonly seen: Seen;
  /** What was measured in this life of the container, oldest first. Bounded; lost with the watchdog. */
  readonly samples: readonly Sample[];
}

/** By the label that our image carries: a watchdog, this one or another. */
export const isWatchdog = ({ labels }: Pick<Replica, 'labels'>): boolean => labels['compose-watchdog.self'] === 'true';

/** What an inspect of the container tells beyond the list. */
export interface Inspected {
  readonly startedAt: Instant | undefined;
  readonly finishedAt: Instant | undefined;
  /** How often the engine's own restart policy has started it again. */
  readonly restartCount: number;
  readonly restartPolicy: RestartPolicy;
  readonly oomKilled: boolean;
  /** The engine's own words on why the last start failed; empty when it did not. */
  readonly error: string;
  readonly healthcheck: Healthcheck | undefined;
  readonly failingStreak: number;
  /** The newest result of the health check. */
  readonly lastProbe: Probe | undefined;
  /** `stop_grace_period` where the user set one; the engine's default is 10 s. */
  readonly stopGrace: Duration | undefined;
  /** Ids or names of containers whose IPC or PID namespace or volumes this one uses. */
  readonly sharesWith: readonly string[];
  /** Whether it may write there, as it was made: at `/`, which is all that is no mount, and at each of its mounts. */
  readonly mayWrite: Readonly<Record<string, boolean>>;
  /** The names by which its networks know it, `container_name` and service included. The list does not tell them. */
  readonly aliases: readonly string[];
}

export interface RestartPolicy {
  readonly name: 'no' | 'always' | 'on-failure' | 'unless-stopped';
  /** Only for `on-failure`; 0 means without limit. */
  readonly maximumRetries: number;
}

/** The container's health check, with the engine's defaults filled in. */
export interface Healthcheck {
  readonly interval: Duration;
  readonly timeout: Duration;
  readonly retries: number;
  readonly startPeriod: Duration;
}

export interface Probe {
  readonly at: Instant;
  readonly exitCode: number;
  /** Trimmed and cut to 4 KiB. */
  readonly output: string;
}

/** What the event stream told of a container. All of it is lost with the watchdog, except what the ledger keeps. */
export interface Seen {
  /** When it died, newest last, at most the last ten. */
  readonly deaths: readonly Instant[];
  /** The engine's `oom` event since its last start. */
  readonly oom: boolean;
  /** The last signal (SIGKILL apart) that somebody else than us sent it in this life. `toEnd`: programs end on it. */
  readonly signalled: { readonly at: Instant; readonly toEnd: boolean } | undefined;
  /** Somebody stopped it through the engine (not us): when. Kept in the ledger. */
  readonly stoppedByHandAt: Instant | undefined;
  /** When it was last seen healthy. */
  readonly healthyAt: Instant | undefined;
  /** How many rounds in a row found the engine restarting it. */
  readonly roundsRestarting: number;
}

/** Nothing seen yet. */
export const NOTHING_SEEN: Seen = {
  deaths: [],
  oom: false,
  signalled: undefined,
  stoppedByHandAt: undefined,
  healthyAt: undefined,
  roundsRestarting: 0,
};

/** What a service needs of another one (Compose's `depends_on`, shared namespaces, `volumes_from`, our label). */
export interface Dependency {
  readonly service: string;
  readonly condition: 'started' | 'healthy' | 'completed';
  /** Compose's `restart: true`: restart the dependant after the dependency was restarted. */
  readonly restart: boolean;
}

export interface Service extends ServiceRef {
  /** Ordered by container number; never one-offs. */
  readonly replicas: readonly Replica[];
  readonly dependencies: readonly Dependency[];
}

/** `shop/web`. */
export const nameOf = (ref: ServiceRef): string => `${ref.project}/${ref.service}`;
