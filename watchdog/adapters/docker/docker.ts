import type { Replica } from '../../domain/service.ts';
import type { Duration, Instant } from '../../domain/time.ts';

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
  /**
   * Engine events from `since` on (replayed by the engine as far as it remembers), until the stream ends or the signal fires.
   * `onOpen` is called once the engine has accepted the subscription: from then on nothing is missed.
   */
  events(options: EventOptions): AsyncIterable<EngineEvent>;

  start(id: string, signal?: AbortSignal): Promise<void>;
  /** Without a timeout the engine uses the service's own stop grace; pass one only where the user set it. */
  stop(id: string, timeout: Duration | undefined, signal?: AbortSignal): Promise<void>;
  restart(id: string, timeout: Duration | undefined, signal?: AbortSignal): Promise<void>;
  rename(id: string, name: string, signal?: AbortSignal): Promise<void>;
  /** Running or not. Never removes named volumes; anonymous ones are kept as well. A container that is gone already is fine. */
  remove(id: string, signal?: AbortSignal): Promise<void>;
  /**
   * Everything needed to make this container again, as plain JSON that can be journaled. `networkParent` is the container
   * whose network namespace to share instead, where the one it names was replaced.
   */
  blueprint(id: string, signal?: AbortSignal, change?: { readonly networkParent?: string }): Promise<Blueprint>;
  /** Creates, attaches every network of the blueprint, does not start. @returns the new container's id. */
  create(blueprint: Blueprint, name: string, signal?: AbortSignal): Promise<string>;
  /** How the container is attached to its networks, as plain JSON that can be journaled. Empty where it shares or has none. */
  networksOf(id: string, signal?: AbortSignal): Promise<Networks>;
  /** Detaches the container from each of these networks and attaches it again with the same aliases and addresses. */
  reconnectNetworks(id: string, networks: Networks, signal?: AbortSignal): Promise<void>;
  /** Attaches the container to those of these networks that it is not attached to: finishes a reconnect that was cut short. */
  attachNetworks(id: string, networks: Networks, signal?: AbortSignal): Promise<void>;
}

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

/** Whether trying the same again can help, or the answer is final. */ /** Why a call failed. `mayPassByItself`: whether trying the same again can help, or the answer is final. */
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
