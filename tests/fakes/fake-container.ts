import type { Resources } from '../../watchdog/adapters/docker/docker.ts';
import type { HowMade } from '../../watchdog/domain/making.ts';
import type { Health, Healthcheck, Probe, Replica, RestartPolicy, State } from '../../watchdog/domain/service.ts';
import { NOTHING_SEEN } from '../../watchdog/domain/service.ts';
import { isSetAside } from '../../watchdog/domain/set-aside.ts';
import { type Duration, type Instant, seconds } from '../../watchdog/domain/time.ts';
import { FakeLoad } from './fake-load.ts';

/** What becomes of a container after a start: well (and healthy, with a health check), unhealthy, or it falls over at once. */
export type Fate = 'well' | 'ill' | 'falls';

/** How a container is made: what Compose would say of it, and how it behaves. */
export interface Making {
  readonly project: string;
  readonly service: string;
  readonly number: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly healthcheck: Healthcheck | undefined;
  readonly restartPolicy: RestartPolicy;
  readonly networkParent: string | undefined;
  readonly addresses: readonly string[];
  readonly aliases: readonly string[];
  readonly publishesPorts: boolean;
  readonly oneOff: boolean;
  readonly stopGrace: Duration | undefined;
  /** What `docker stop` sends. */
  readonly stopSignal: string;
  /** How long it takes to end once it was told to. */
  readonly endsAfter: Duration;
}

export const A_MAKING: Making = {
  project: 'shop',
  service: 'web',
  number: 1,
  labels: {},
  healthcheck: undefined,
  restartPolicy: { name: 'no', maximumRetries: 0 },
  networkParent: undefined,
  addresses: [],
  aliases: [],
  publishesPorts: true,
  oneOff: false,
  stopGrace: undefined,
  stopSignal: '15',
  endsAfter: 0,
};

/** As Compose makes a container that sets no limits. */
export const NO_LIMITS: Resources = {
  cpuShares: 0,
  nanoCpus: 0,
  cpuQuota: 0,
  cpuPeriod: 0,
  cpusetCpus: '',
  memory: 0,
  memoryReservation: 0,
};

export const CHECKED: Healthcheck = { interval: seconds(2), timeout: seconds(1), retries: 3, startPeriod: 0 };

/** One container in the fake engine: plain state, changed by the engine only. */
export class FakeContainer {
  readonly id: string;
  readonly making: Making;
  readonly createdAt: Instant;
  name: string;
  state: State = 'created';
  health: Health = 'none';
  failingStreak = 0;
  exitCode: number | undefined;
  startedAt: Instant | undefined;
  finishedAt: Instant | undefined;
  restartCount = 0;
  oomKilled = false;
  error = '';
  lastProbe: Probe | undefined;
  /** The engine leaves it alone until the next start (moby: HasBeenManuallyStopped). */
  manuallyStopped = false;
  readonly load = new FakeLoad();
  resources = NO_LIMITS;
  restartPolicy: RestartPolicy;
  /** What an inspect says of how it was made, besides what is usual. */
  howMade: Partial<HowMade> = {};
  /** Its variables. */
  environment: Readonly<Record<string, string>> = {};
  /** What lists still show of it. */
  stillListed: Replica | undefined;
  /** Counts its lives: a timer set in one does nothing in the next. */
  life = 0;

  constructor(id: string, name: string, making: Making, createdAt: Instant) {
    this.id = id;
    this.name = name;
    this.making = making;
    this.restartPolicy = making.restartPolicy;
    this.createdAt = createdAt;
  }

  get runs(): boolean {
    return this.state === 'running';
  }

  /** Others can be started in its network: also while it is paused (seen so on 20.10). */
  get hasNamespaces(): boolean {
    return this.runs || this.state === 'paused';
  }

  /** Whoever does not run is not probed, and the engine then calls it unhealthy without an event (moby daemon/health.go). */
  unwatched(): void {
    if (this.making.healthcheck === undefined) return;
    this.health = 'unhealthy';
    this.failingStreak = 0;
  }

  /** As the engine's list shows it: whole seconds, no ports of what is stopped, nothing that needs an inspect. */
  listed(): Replica {
    if (this.stillListed !== undefined) return { ...this.stillListed, name: this.name };
    return {
      ...this.inspected(),
      createdAt: Math.floor(this.createdAt / 1_000) * 1_000,
      publishesPorts: this.runs && this.making.publishesPorts,
      inspected: undefined,
    };
  }

  inspected(): Replica {
    const { project, service, number, labels, networkParent, addresses, publishesPorts, oneOff, ...making } =
      this.making;
    return {
      project,
      service,
      number,
      labels,
      networkParent,
      addresses: this.runs ? addresses : [],
      publishesPorts,
      oneOff: oneOff || isSetAside(this),
      id: this.id,
      name: this.name,
      image: `${service}:latest`,
      state: this.state,
      // What does not run has no health: so the adapter reads both list and inspect.
      health: this.runs ? this.health : 'none',
      exitCode: this.state === 'running' || this.state === 'created' ? undefined : this.exitCode,
      createdAt: this.createdAt,
      seen: NOTHING_SEEN,
      samples: [],
      inspected: {
        startedAt: this.startedAt,
        finishedAt: this.finishedAt,
        restartCount: this.restartCount,
        restartPolicy: this.restartPolicy,
        oomKilled: this.oomKilled,
        error: this.error,
        healthcheck: making.healthcheck,
        failingStreak: this.failingStreak,
        lastProbe: this.lastProbe,
        stopGrace: making.stopGrace,
        sharesWith: [],
        mayWrite: { '/': true },
        aliases: making.aliases,
      },
    };
  }
}
