import type { HowMade } from '../../domain/making.ts';
import type { Replica, RestartPolicy } from '../../domain/service.ts';
import type { Publisher, Somebody } from '../../domain/somebody.ts';
import type { Duration, Instant } from '../../domain/time.ts';
import type { BlueprintChange } from './blueprint-change.ts';
import type { EngineMemory } from './engine-memory.ts';

/**
 * All that the watchdog asks of a Docker Engine. Rooms take the few methods they need: `Pick<Docker, 'restart'>`.
 * Every method throws `EngineError`; none of them retries a change.
 */
export interface Docker {
  /** Negotiates the API version; cheap. */
  ping(signal?: AbortSignal): Promise<EngineInfo>;
  /** All containers that carry Compose's project label (of this project, if given), in one request. `inspected` and `seen` are empty. */
  list(project: string | undefined, signal?: AbortSignal): Promise<readonly Replica[]>;
  /** Undefined when it is gone or was never Compose's. `seen` is empty. */
  inspect(idOrName: string, signal?: AbortSignal): Promise<Replica | undefined>;
  /** How a container of Compose was made. Undefined when it is gone or was never Compose's. */
  howMade(id: string, signal?: AbortSignal): Promise<HowMade | undefined>;
  /** The variables of a container, those of its image included. Secrets are among them. */
  environment(id: string, signal?: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /**
   * Engine events from `since` on (replayed by the engine as far as it remembers), until the stream ends or the signal fires.
   * `onOpen` is called once the engine has accepted the subscription: from then on nothing is missed.
   */
  events(options: EventOptions): AsyncIterable<EngineEvent>;
  /** What the engine that answers now remembers of what it has told. */
  recall(signal?: AbortSignal): Promise<EngineMemory>;

  start(id: string, signal?: AbortSignal): Promise<void>;
  /**
   * Without a timeout the engine uses the service's own stop grace; pass one only where the user set it. A container that is gone
   * is fine: somebody may remove it at any moment.
   */
  stop(id: string, timeout: Duration | undefined, signal?: AbortSignal): Promise<void>;
  restart(id: string, timeout: Duration | undefined, signal?: AbortSignal): Promise<void>;
  rename(id: string, name: string, signal?: AbortSignal): Promise<void>;
  /**
   * Running or not. Never removes named volumes; anonymous ones are kept as well, unless asked for. A container that is gone
   * already is fine, and so is one that somebody else is removing.
   */
  remove(id: string, signal?: AbortSignal, how?: { readonly withVolumes: boolean }): Promise<void>;
  /** Everything needed to make this container again, as plain JSON, with what is to be different. */
  blueprint(id: string, signal?: AbortSignal, change?: BlueprintChange): Promise<Blueprint>;
  /** Fetches an image of that name from its registry, without a login. Lasts as long as that takes. */
  pull(image: string, signal?: AbortSignal): Promise<void>;
  /** Everything needed to make another replica of the same service: under a name of its own, with nothing that only one can have. */
  replicaBlueprint(id: string, mark: ReplicaMark, signal?: AbortSignal): Promise<Blueprint>;
  /** Creates, attaches every network of the blueprint, does not start. @returns the new container's id. */
  create(blueprint: Blueprint, name: string, signal?: AbortSignal): Promise<string>;
  /** How the container is attached to its networks, as plain JSON that can be journaled. Empty where it shares or has none. */
  networksOf(id: string, signal?: AbortSignal): Promise<Networks>;
  /** Detaches the container from each of these networks and attaches it again with the same aliases and addresses. */
  reconnectNetworks(id: string, networks: Networks, signal?: AbortSignal): Promise<void>;
  /** Attaches the container to those of these networks that it is not attached to: finishes a reconnect that was cut short. */
  attachNetworks(id: string, networks: Networks, signal?: AbortSignal): Promise<void>;

  /** Runs a command in the container and waits for its end. No shell has a hand in it. */
  exec(id: string, argv: readonly string[], signal?: AbortSignal): Promise<Executed>;
  /** Sends its first process a signal, `SIGUSR1`. */
  kill(id: string, name: string, signal?: AbortSignal): Promise<void>;
  /** Resolves once the container does not run, or is gone; at once if so now. */
  untilEnded(id: string, signal?: AbortSignal): Promise<void>;

  /**
   * Reads everything under a path of the container, which need not run, as a tar with owners, modes and times. `take` is done
   * when it has read what it wants.
   */
  archive<T>(
    id: string,
    path: string,
    take: (tar: AsyncIterable<Uint8Array>) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
  /** Unpacks a tar under a path of the container, which need not run; what is there of the same name is replaced. */
  unpack(id: string, path: string, tar: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void>;
  /** All containers that have the volume mounted, also such as are not Compose's. */
  usersOf(volume: string, signal?: AbortSignal): Promise<readonly VolumeUser[]>;
  /** All containers that hold ports of the host, also such as are not Compose's. What runs in the host's own network is not told. */
  publishers(signal?: AbortSignal): Promise<readonly Publisher[]>;
  /** The container of that id or name, also one that is not Compose's. Undefined when there is none. */
  who(idOrName: string, signal?: AbortSignal): Promise<Somebody | undefined>;
  /** Runs a command on one mount of a container, in a container of its own that is removed afterwards, whatever happens. */
  help(helper: Helper, signal?: AbortSignal): Promise<Helped>;
  /** Whether the host has something at this path: the engine makes no container to mount what is not there. Nothing is started. */
  isOnHost(path: string, helper: Pick<Helper, 'name' | 'patient'>, signal?: AbortSignal): Promise<boolean>;

  /** What the container has used up to now, in one shot. Undefined when it is gone or does not run. */
  stats(id: string, signal?: AbortSignal): Promise<Stats | undefined>;
  /** What the container may use. Undefined when it is gone. */
  resources(id: string, signal?: AbortSignal): Promise<Resources | undefined>;
  /** Changes what a container may use while it runs. What is left out stays, and so does what is 0: see `Resources`. */
  update(id: string, change: Partial<Resources>, signal?: AbortSignal): Promise<void>;
  /** Whether, and how often, the engine starts it again by itself. */
  setRestartPolicy(id: string, policy: RestartPolicy, signal?: AbortSignal): Promise<void>;
  /** Facts about the machine that the engine runs on. */
  host(signal?: AbortSignal): Promise<EngineHost>;
  /** What Docker itself keeps on the disk. Costs the engine a walk through volumes and containers: ask seldom. */
  diskUsage(signal?: AbortSignal): Promise<DiskUsage>;
  /** Removes what nothing needs. @returns the bytes that the engine says it got back */
  prune(what: Prunable, signal?: AbortSignal): Promise<number>;
}

/**
 * What the engine's stats say of a running container, each counted from its start. Two of them make a `Sample`
 * (`observe/sample-from.ts`).
 */
export interface Stats {
  /** When the engine read it, by its clock. */
  readonly at: Instant;
  /** Nanoseconds of one core. */
  readonly cpuTime: number;
  /** Nanoseconds of all cores of the host together, idle ones included; undefined where the engine does not tell. */
  readonly hostCpuTime: number | undefined;
  readonly hostCores: number | undefined;
  /** Bytes without page cache, as `docker stats` shows it. */
  readonly memoryBytes: number;
  /** Bytes; the host's memory where the container has no limit. 0 where the engine does not tell. */
  readonly memoryLimit: number;
  /** Errors and drops, received and sent, of all interfaces; undefined where it has no network of its own. */
  readonly networkErrors: number | undefined;
}

/**
 * What a container may use, in the Engine API's units (`Resources` of ContainerUpdate). 0, or an empty set, means: not set.
 * An update cannot bring a value back to 0 (moby, `UpdateContainer` in `container/container_unix.go`); -1 lifts a CPU quota
 * and a memory reservation.
 */
export interface Resources {
  /** Weight beside others while the CPU is scarce; 1024 is the kernel's default on cgroup v1. */
  readonly cpuShares: number;
  /** Compose's `cpus`, in billionths of a core. Excludes the quota. */
  readonly nanoCpus: number;
  /** Microseconds of CPU time in each period. */
  readonly cpuQuota: number;
  /** Microseconds; 0 stands for the kernel's 100,000. */
  readonly cpuPeriod: number;
  /** `0-2,5` */
  readonly cpusetCpus: string;
  /** Hard limit in bytes. */
  readonly memory: number;
  /** Soft limit in bytes on cgroup v1; a protected minimum on cgroup v2. */
  readonly memoryReservation: number;
}

export interface EngineHost {
  /** Where the engine keeps images, containers and volumes. */
  readonly rootFolder: string;
  readonly cgroups: 1 | 2;
  readonly cores: number;
}

export const DISK_USERS = ['images', 'containers', 'volumes', 'build-cache'] as const;

/** Bytes. */
export type DiskUsage = Readonly<Record<(typeof DISK_USERS)[number], number>>;

/**
 * What may be removed without harm to anything that runs: cache of builds; images without a name that no container uses;
 * stopped containers and unused networks, both only where they belong to no Compose project.
 */
export const PRUNABLE = ['build-cache', 'dangling-images', 'stopped-containers', 'unused-networks'] as const;

export type Prunable = (typeof PRUNABLE)[number];

export interface EngineInfo {
  readonly version: string;
  readonly apiVersion: string;
}

/** A container's making: `body` for the create call, `networks` to attach afterwards. Opaque outside the adapter. */
export interface Blueprint {
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly networks: Networks;
}

/** Who another replica is. */
export interface ReplicaMark {
  readonly name: string;
  /** Compose's container number. */
  readonly number: number;
  /** The value of `MADE_LABEL`. */
  readonly made: 'replica' | 'seed';
}

/**
 * A container for one command: with the image of a container that it helps and one of its mounts, as root with the few
 * capabilities that owning other people's files takes, without network, on a read-only root.
 */
export interface Helper {
  /** Journal it before: whoever takes up after a crash removes the container of that name. */
  readonly name: string;
  /** The container whose image and mount it has. */
  readonly patient: string;
  /** Where the patient has the mount, and the helper as well. Undefined: it has none, and sees what the image has. */
  readonly target: string | undefined;
  /** A folder of the host to have mounted there instead. The engine makes one that is not there, and what is above it: of root, 755. */
  readonly source?: string;
  readonly writable: boolean;
  readonly argv: readonly string[];
  /** As the user whom the patient's first process is started as, with its groups, in the place of root. */
  readonly asPatient?: true;
  /** A user that the image knows, or ids, in the place of root: `postgres`, `999:999`. */
  readonly user?: string | undefined;
}

/** A container that has a volume mounted. */
export interface VolumeUser {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
}

/** What a helper did. */
export interface Helped {
  readonly exitCode: number;
  /** What it wrote, both streams, at most four MiB. */
  readonly said: string;
}

/** How a command in a container has ended. */
export interface Executed {
  /** Undefined where the engine does not know, because the container ended first. */
  readonly exitCode: number | undefined;
  /**
   * The end of what it wrote, both streams, at most 4,096 characters. The engine lets go of what could not be handed over within
   * two seconds of its end (moby daemon/monitor.go).
   */
  readonly said: string;
}

/** By name: how a container is attached. Opaque outside the adapter. */
export type Networks = Readonly<Record<string, unknown>>;

export interface EventOptions {
  readonly project: string | undefined;
  readonly since: Instant | undefined;
  readonly onOpen: () => void;
  readonly signal: AbortSignal;
}

/** A container event as the engine sent it, foreign shape removed. */
export interface EngineEvent {
  readonly action:
    | 'create'
    | 'start'
    | 'restart'
    | 'die'
    | 'stop'
    | 'kill'
    | 'oom'
    | 'pause'
    | 'unpause'
    | 'rename'
    | 'update'
    | 'destroy'
    | 'health';
  readonly containerId: string;
  readonly name: string;
  readonly project: string;
  readonly service: string;
  readonly number: number;
  readonly oneOff: boolean;
  readonly at: Instant;
  /** Distinguishes events for dropping duplicates: nanosecond time, id and action. */
  readonly identity: string;
  /** `die` */
  readonly exitCode: number | undefined;
  /** `kill` */
  readonly signal: string | undefined;
  /** `health` */
  readonly health: 'starting' | 'healthy' | 'unhealthy' | undefined;
}

/** Why a call failed. `mayPassByItself`: whether trying the same again can help, or the answer is final. */
export class EngineError extends Error {
  readonly code: 'unreachable' | 'timeout' | 'not-found' | 'conflict' | 'refused' | 'engine-error' | 'aborted';
  readonly status: number | undefined;

  constructor(code: EngineError['code'], message: string, status?: number, cause?: unknown) {
    super(message, { cause });
    this.name = 'EngineError';
    this.code = code;
    this.status = status;
  }

  get mayPassByItself(): boolean {
    return this.code === 'unreachable' || this.code === 'timeout' || this.code === 'engine-error';
  }
}
