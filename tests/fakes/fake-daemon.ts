import type { Clock } from '../../watchdog/adapters/clock.ts';
import { EngineError } from '../../watchdog/adapters/docker/docker.ts';
import type { State } from '../../watchdog/domain/service.ts';
import { type Duration, seconds } from '../../watchdog/domain/time.ts';
import { A_MAKING, FakeContainer, type Fate, type Making } from './fake-container.ts';
import { FakeEvents } from './fake-events.ts';

/** The engine's first wait before its restart policy starts a container again; it doubles (moby restartmanager). */
const FIRST_RESTART_WAIT = 100;
const A_LIFE_THAT_COUNTS = seconds(10);
const ENDS_WITH_THE_DAEMON = new Set<State>(['running', 'restarting', 'paused']);

/** Containers and their lives, and what people, Compose and bad luck do with them. */
export class FakeDaemon {
  readonly events: FakeEvents;
  readonly #clock: Clock;
  readonly #containers = new Map<string, FakeContainer>();
  readonly #fates = new Map<string, Fate[]>();
  #made = 0;
  #goingDown = false;
  /** For so long after it has told of a death lists show what was before (moby 20.10, daemon/monitor.go). */
  listsLag: Duration = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.events = new FakeEvents(() => clock.now());
  }

  /** `docker compose create`. */
  make(making: Partial<Making> = {}, name?: string): string {
    const whole = { ...A_MAKING, ...making };
    const id = `${(++this.#made).toString(16).padStart(4, '0')}${'0'.repeat(60)}`;
    const container = new FakeContainer(
      id,
      name ?? `${whole.project}-${whole.service}-${whole.number}`,
      whole,
      this.#clock.now(),
    );
    this.#containers.set(id, container);
    this.events.tell('create', container);
    return id;
  }

  /** `docker compose up`: created, started, and well at once. */
  up(making: Partial<Making> = {}): string {
    const id = this.make(making);
    const container = this.get(id);
    this.#run(container);
    if (container.making.healthcheck !== undefined) this.probe(id, 'healthy');
    return id;
  }

  /** What becomes of the container's (or its replacement's) next starts; the last goes for all that follow. */
  fate(name: string, ...fates: Fate[]): void {
    this.#fates.set(name, fates);
  }

  /** The engine's health check comes to another result. */
  probe(idOrName: string, health: 'healthy' | 'unhealthy', output = 'connection refused', exitCode = 1): void {
    const container = this.get(idOrName);
    container.lastProbe = { at: this.#clock.now(), exitCode: health === 'healthy' ? 0 : exitCode, output };
    container.failingStreak = health === 'healthy' ? 0 : (container.making.healthcheck?.retries ?? 0);
    if (container.health === health) return;
    container.health = health;
    this.events.tell('health', container, { health });
  }

  crash(idOrName: string, exitCode = 1): void {
    this.#die(this.get(idOrName), exitCode);
  }

  outOfMemory(idOrName: string): void {
    const container = this.get(idOrName);
    container.oomKilled = true;
    this.events.tell('oom', container);
    this.#die(container, 137);
  }

  /** `docker stop`. */
  stopByHand(idOrName: string): void {
    const container = this.get(idOrName);
    container.manuallyStopped = true;
    this.events.tell('kill', container, { signal: container.making.stopSignal });
    this.#end(container);
  }

  /** `docker kill --signal`: the program does what it likes with it. */
  signal(idOrName: string, signal: string): void {
    this.events.tell('kill', this.get(idOrName), { signal });
  }

  startByHand(idOrName: string): void {
    this.#begin(this.get(idOrName));
  }

  restartByHand(idOrName: string): void {
    const container = this.get(idOrName);
    this.stopByHand(container.id);
    this.#begin(container);
    this.events.tell('restart', container);
  }

  pause(idOrName: string): void {
    const container = this.get(idOrName);
    container.state = 'paused';
    container.unwatched();
    this.events.tell('pause', container);
  }

  /** Its health check comes to a result one interval (or `retries` of them) later. */
  unpause(idOrName: string, turnsOut: 'healthy' | 'unhealthy' = 'healthy'): void {
    const container = this.get(idOrName);
    container.state = 'running';
    this.events.tell('unpause', container);
    const check = container.making.healthcheck;
    if (check === undefined) return;
    const probes = turnsOut === 'healthy' ? 1 : check.retries;
    this.within(container, check.interval * probes, () => this.probe(container.id, turnsOut));
  }

  /** `docker rm --force`. */
  removeByHand(idOrName: string): void {
    this.remove(this.get(idOrName));
  }

  /** `docker rename`. */
  renameByHand(idOrName: string, name: string): void {
    this.get(idOrName).name = name;
    this.events.tell('rename', this.get(idOrName));
  }

  /** The daemon ends all that runs, as on a reboot without live restore, and forgets what it has told. */
  protected shutDown(): void {
    this.#goingDown = true;
    for (const container of this.all.filter(({ state }) => ENDS_WITH_THE_DAEMON.has(state))) {
      this.events.tell('kill', container, { signal: container.making.stopSignal });
      this.#end(container);
    }
    this.#goingDown = false;
    this.events.forget();
  }

  /**
   * A daemon that has just come up ends what still runs, and takes that for stopped by hand itself (moby daemon/daemon.go, restore;
   * seen so on 20.10). What the one before has told is gone.
   */
  protected endOutlived(): void {
    this.events.forget();
    for (const { id } of this.all.filter(({ state }) => ENDS_WITH_THE_DAEMON.has(state))) this.stopByHand(id);
  }

  /**
   * What the daemon starts when it comes up (moby daemon/daemon.go, restore): `always` in any case, `unless-stopped` unless it
   * was stopped by hand, `on-failure` after a failure.
   */
  protected boot(): void {
    const parentsFirst = this.all.toSorted(
      (a, b) => Number(a.making.networkParent !== undefined) - Number(b.making.networkParent !== undefined),
    );
    for (const container of parentsFirst) {
      const { name } = container.restartPolicy;
      const wanted =
        name === 'always' ||
        (name === 'unless-stopped' && !container.manuallyStopped) ||
        (name === 'on-failure' && container.exitCode !== 0 && !container.manuallyStopped);
      const { networkParent } = container.making;
      const joins = networkParent === undefined || this.container(networkParent)?.hasNamespaces === true;
      if (container.state === 'exited' && wanted && joins) this.#begin(container);
    }
  }

  container(idOrName: string): FakeContainer | undefined {
    return this.#containers.get(idOrName) ?? [...this.#containers.values()].find(({ name }) => name === idOrName);
  }

  /** All that belong to the service, oldest first. */
  containersOf(service: string): FakeContainer[] {
    return [...this.#containers.values()].filter(({ making }) => making.service === service);
  }

  protected get all(): readonly FakeContainer[] {
    return [...this.#containers.values()];
  }

  protected get(idOrName: string): FakeContainer {
    const found = this.container(idOrName);
    if (found === undefined) throw new EngineError('not-found', `no such container: ${idOrName}`, 404);
    return found;
  }

  protected start(container: FakeContainer): void {
    this.#stillThere(container);
    if (container.runs) return;
    if (container.state === 'paused')
      throw new EngineError('conflict', `cannot start a paused container, try unpause instead`, 409);
    const { networkParent } = container.making;
    if (networkParent !== undefined && this.container(networkParent)?.hasNamespaces !== true)
      throw new EngineError('conflict', `cannot join the network of ${networkParent}: it does not run`, 409);
    this.#begin(container);
  }

  #run(container: FakeContainer): void {
    const now = this.#clock.now();
    container.life += 1;
    container.failingStreak = 0;
    container.stillListed = undefined;
    Object.assign(container, { state: 'running', startedAt: now, oomKilled: false, error: '', manuallyStopped: false });
    container.health = container.making.healthcheck === undefined ? 'none' : 'starting';
    this.events.tell('start', container);
  }

  /** It runs, and what fate has in store for it takes its course. */
  #begin(container: FakeContainer): void {
    this.#run(container);
    this.live(container);
  }

  /** What becomes of a container that has just been started. */
  protected live(container: FakeContainer): void {
    const check = container.making.healthcheck;
    const [fate = 'well', ...rest] = this.#fates.get(originalName(container)) ?? [];
    if (rest.length > 0) this.#fates.set(originalName(container), rest);
    if (fate === 'falls') this.within(container, 1_000, () => this.#die(container, 1));
    else if (check !== undefined && fate === 'well')
      this.within(container, check.interval, () => this.probe(container.id, 'healthy'));
    else if (check !== undefined)
      this.within(container, check.interval * check.retries, () => this.probe(container.id, 'unhealthy'));
  }

  /** Somebody may have removed it while something else was waited for. */
  #stillThere(container: FakeContainer): void {
    if (this.#containers.get(container.id) !== container)
      throw new EngineError('not-found', `no such container: ${container.name}`, 404);
  }

  protected async stop(container: FakeContainer, timeout: Duration | undefined): Promise<void> {
    container.manuallyStopped = true;
    if (container.state === 'exited' || container.state === 'created') return;
    this.events.tell('kill', container, { signal: container.making.stopSignal });
    const grace = timeout ?? container.making.stopGrace ?? seconds(10);
    const { endsAfter } = container.making;
    if (endsAfter > 0) await this.#clock.sleep(Math.min(endsAfter, grace));
    this.#stillThere(container);
    if (endsAfter > grace) this.events.tell('kill', container, { signal: '9' });
    this.#end(container);
  }

  /** Ends because it was told to: the engine tells `die`, then `stop`. */
  #end(container: FakeContainer): void {
    if (container.state !== 'exited') this.#die(container, 0);
    this.events.tell('stop', container);
  }

  #die(container: FakeContainer, exitCode: number): void {
    const now = this.#clock.now();
    const lived = now - (container.startedAt ?? now);
    container.life += 1;
    if (this.listsLag > 0) {
      container.stillListed = container.listed();
      this.within(container, this.listsLag, () => {
        container.stillListed = undefined;
      });
    }
    Object.assign(container, { state: 'exited', exitCode, finishedAt: now });
    container.unwatched();
    const { name, maximumRetries } = container.restartPolicy;
    const again =
      !this.#goingDown &&
      !container.manuallyStopped &&
      (name === 'always' ||
        name === 'unless-stopped' ||
        (name === 'on-failure' && exitCode !== 0 && (maximumRetries === 0 || container.restartCount < maximumRetries)));
    if (again) container.state = 'restarting';
    this.events.tell('die', container, { exitCode });
    if (!again) return;
    if (lived >= A_LIFE_THAT_COUNTS) container.restartCount = 0;
    const wait = Math.min(FIRST_RESTART_WAIT * 2 ** container.restartCount, seconds(60));
    this.within(container, wait, () => {
      container.restartCount += 1;
      this.#begin(container);
    });
  }

  /** What still runs is killed first. */
  protected remove(container: FakeContainer): void {
    if (container.state === 'running') {
      container.manuallyStopped = true;
      this.events.tell('kill', container, { signal: '9' });
      this.#die(container, 137);
    }
    container.life += 1;
    this.#containers.delete(container.id);
    this.events.tell('destroy', container);
  }

  /** Unless the container has begun another life by then. */
  protected within(container: FakeContainer, wait: Duration, then: () => void): void {
    const { life } = container;
    this.#clock.after(wait, () => {
      if (container.life === life) then();
    });
  }
}

/** A replacement is made under a name of its own at first, and is the same container to whoever asks for its fate. */
const originalName = ({ making }: FakeContainer): string => `${making.project}-${making.service}-${making.number}`;
