import type { Clock } from '../../watchdog/adapters/clock.ts';
import type { Blueprint, Docker, EngineEvent, EventOptions, Networks } from '../../watchdog/adapters/docker/docker.ts';
import { EngineError } from '../../watchdog/adapters/docker/docker.ts';
import { type Duration, seconds } from '../../watchdog/domain/time.ts';
import { io } from './fake-clock.ts';
import { A_MAKING, FakeContainer, type Fate, type Making } from './fake-container.ts';

/** Events the engine remembers and replays after `since` (moby daemon/events, eventsLimit). */
const REMEMBERED = 256;
/** The engine's first wait before its restart policy starts a container again; it doubles (moby restartmanager). */
const FIRST_RESTART_WAIT = 100;
const A_LIFE_THAT_COUNTS = seconds(10);

type Word = Exclude<keyof Docker, 'events'>;

/** What goes wrong with the next call of that name: it fails before the deed, after it, or never answers. */
export interface Mishap {
  readonly error: EngineError | 'never answers';
  readonly done: boolean;
}

/**
 * An engine in memory, behaving as the real one where it matters to the watchdog: states, health, restart policies, the order
 * of events, replay after `since`. People act on it by the methods below `Docker`'s; the watchdog only has `docker`.
 */
export class FakeEngine {
  readonly #clock: Clock;
  readonly #containers = new Map<string, FakeContainer>();
  readonly #fates = new Map<string, Fate[]>();
  readonly #mishaps = new Map<Word, Mishap[]>();
  readonly #streams = new Set<{ take(event: EngineEvent): void; end(): void; deaf: boolean }>();
  readonly #remembered: EngineEvent[] = [];
  #made = 0;
  #told = 0;
  #away = false;

  /** Every call of the watchdog, in order: `restart shop-web-1`. */
  readonly calls: string[] = [];
  /** Called before each call is carried out: a test may let the watchdog die there. */
  onCall: (call: string) => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  // What people, Compose and bad luck do.

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
    this.#tell('create', container);
    return id;
  }

  /** `docker compose up`: created, started, and well at once. */
  up(making: Partial<Making> = {}): string {
    const id = this.make(making);
    const container = this.#get(id);
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
    const container = this.#get(idOrName);
    container.lastProbe = { at: this.#clock.now(), exitCode: health === 'healthy' ? 0 : exitCode, output };
    container.failingStreak = health === 'healthy' ? 0 : (container.making.healthcheck?.retries ?? 0);
    if (container.health === health) return;
    container.health = health;
    this.#tell('health', container, { health });
  }

  crash(idOrName: string, exitCode = 1): void {
    this.#die(this.#get(idOrName), exitCode);
  }

  outOfMemory(idOrName: string): void {
    const container = this.#get(idOrName);
    container.oomKilled = true;
    this.#tell('oom', container);
    this.#die(container, 137);
  }

  /** `docker stop`. */
  stopByHand(idOrName: string): void {
    const container = this.#get(idOrName);
    container.manuallyStopped = true;
    this.#tell('kill', container, { signal: container.making.stopSignal });
    this.#end(container);
  }

  /** `docker kill --signal`: the program does what it likes with it. */
  signal(idOrName: string, signal: string): void {
    this.#tell('kill', this.#get(idOrName), { signal });
  }

  startByHand(idOrName: string): void {
    this.#begin(this.#get(idOrName));
  }

  restartByHand(idOrName: string): void {
    const container = this.#get(idOrName);
    this.stopByHand(container.id);
    this.#begin(container);
    this.#tell('restart', container);
  }

  pause(idOrName: string): void {
    const container = this.#get(idOrName);
    container.state = 'paused';
    container.unwatched();
    this.#tell('pause', container);
  }

  /** Its health check comes to a result one interval (or `retries` of them) later. */
  unpause(idOrName: string, turnsOut: 'healthy' | 'unhealthy' = 'healthy'): void {
    const container = this.#get(idOrName);
    container.state = 'running';
    this.#tell('unpause', container);
    const check = container.making.healthcheck;
    if (check === undefined) return;
    const probes = turnsOut === 'healthy' ? 1 : check.retries;
    this.#within(container, check.interval * probes, () => this.probe(container.id, turnsOut));
  }

  /** `docker rm --force`. */
  removeByHand(idOrName: string): void {
    this.#remove(this.#get(idOrName));
  }

  /** The daemon goes away; its containers go on (live restore) unless the test ends them. */
  lose(): void {
    this.#away = true;
    for (const stream of [...this.#streams]) stream.end();
  }

  back(): void {
    this.#away = false;
  }

  /** The event connection stays open and says nothing any more. */
  deafen(): void {
    for (const stream of this.#streams) stream.deaf = true;
  }

  /** What is replayed after `since` is lost, as after a restart of the daemon. */
  forgetEvents(): void {
    this.#remembered.length = 0;
  }

  /** The event connection alone breaks. */
  cutStream(): void {
    for (const stream of [...this.#streams]) stream.end();
  }

  /** What goes wrong with the next calls of that name, one after the other. */
  mishap(word: Word, ...mishaps: Mishap[]): void {
    this.#mishaps.set(word, [...(this.#mishaps.get(word) ?? []), ...mishaps]);
  }

  container(idOrName: string): FakeContainer | undefined {
    return this.#containers.get(idOrName) ?? [...this.#containers.values()].find(({ name }) => name === idOrName);
  }

  /** All that belong to the service, oldest first. */
  containersOf(service: string): FakeContainer[] {
    return [...this.#containers.values()].filter(({ making }) => making.service === service);
  }

  /** How often the watchdog made this call (of this container, if named). */
  count(word: Word, name = ''): number {
    return this.calls.filter(call => call.startsWith(`${word} ${name}`.trimEnd())).length;
  }

  // The engine as the watchdog knows it.

  readonly docker: Docker = {
    ping: () => this.#call('ping', '', undefined, async () => ({ version: '28.0.0', apiVersion: '1.48' })),
    list: (project, signal) =>
      this.#call('list', '', signal, async () =>
        [...this.#containers.values()]
          .filter(({ making }) => project === undefined || making.project === project)
          .map(container => container.listed()),
      ),
    inspect: (id, signal) => this.#call('inspect', id, signal, async () => this.container(id)?.inspected()),
    events: options => this.#events(options),
    start: (id, signal) => this.#call('start', id, signal, async () => this.#start(this.#get(id))),
    stop: (id, timeout, signal) => this.#call('stop', id, signal, () => this.#stop(this.#get(id), timeout)),
    restart: (id, timeout, signal) =>
      this.#call('restart', id, signal, async () => {
        const container = this.#get(id);
        await this.#stop(container, timeout);
        this.#start(container);
        this.#tell('restart', container);
      }),
    rename: (id, name, signal) =>
      this.#call('rename', id, signal, async () => {
        if (this.container(name) !== undefined) throw new EngineError('conflict', `the name ${name} is in use`, 409);
        this.#get(id).name = name;
        this.#tell('rename', this.#get(id));
      }),
    remove: (id, signal) =>
      this.#call('remove', id, signal, async () => {
        const container = this.container(id);
        if (container !== undefined) this.#remove(container);
      }),
    blueprint: (id, signal, change) =>
      this.#call('blueprint', id, signal, async () => {
        const { name, making } = this.#get(id);
        return { name, body: { ...making, ...change }, networks: {} };
      }),
    create: (blueprint: Blueprint, name, signal) =>
      this.#call('create', name, signal, async () => this.make(blueprint.body as Partial<Making>, name)),
    networksOf: (id, signal) => this.#call('networksOf', id, signal, async () => ({ default: {} }) as Networks),
    reconnectNetworks: (id, _networks, signal) => this.#call('reconnectNetworks', id, signal, async () => undefined),
    attachNetworks: (id, _networks, signal) => this.#call('attachNetworks', id, signal, async () => undefined),
  };

  #get(idOrName: string): FakeContainer {
    const found = this.container(idOrName);
    if (found === undefined) throw new EngineError('not-found', `no such container: ${idOrName}`, 404);
    return found;
  }

  async #call<T>(word: Word, id: string, signal: AbortSignal | undefined, deed: () => Promise<T>): Promise<T> {
    const call = `${word} ${this.container(id)?.name ?? id}`.trimEnd();
    this.calls.push(call);
    this.onCall(call);
    await io();
    if (this.#away) throw new EngineError('unreachable', 'connect ECONNREFUSED /var/run/docker.sock');
    const mishap = this.#mishaps.get(word)?.shift();
    if (mishap === undefined) return await deed();
    if (mishap.done) await deed();
    if (mishap.error !== 'never answers') throw mishap.error;
    return await new Promise((_, reject) => {
      const giveUp = () => reject(new EngineError('timeout', `${call}: the engine has not answered in time`));
      if (signal?.aborted) giveUp();
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  async *#events({ project, since, onOpen, signal }: EventOptions): AsyncGenerator<EngineEvent> {
    await io();
    if (this.#away) throw new EngineError('unreachable', 'connect ECONNREFUSED /var/run/docker.sock');
    const waiting = since === undefined ? [] : this.#remembered.filter(event => event.at >= since);
    let open = true;
    let wake = () => undefined as unknown;
    const stream = {
      deaf: false,
      take: (event: EngineEvent) => {
        if (project !== undefined && event.project !== project) return;
        waiting.push(event);
        wake();
      },
      end: () => {
        open = false;
        wake();
      },
    };
    this.#streams.add(stream);
    signal.addEventListener('abort', stream.end, { once: true });
    onOpen();
    try {
      while (open || waiting.length > 0) {
        const event = waiting.shift();
        if (event !== undefined) yield event;
        else
          await new Promise(resolve => {
            wake = () => resolve(undefined);
          });
      }
    } finally {
      this.#streams.delete(stream);
    }
  }

  #tell(
    action: EngineEvent['action'],
    { id, name, making }: FakeContainer,
    more: Partial<Pick<EngineEvent, 'exitCode' | 'signal' | 'health'>> = {},
  ): void {
    const at = this.#clock.now();
    const event: EngineEvent = {
      action,
      containerId: id,
      name,
      project: making.project,
      service: making.service,
      number: making.number,
      oneOff: making.oneOff,
      at,
      identity: `${at} ${++this.#told} ${id} ${action}`,
      exitCode: undefined,
      signal: undefined,
      health: undefined,
      ...more,
    };
    this.#remembered.push(event);
    if (this.#remembered.length > REMEMBERED) this.#remembered.shift();
    for (const stream of this.#streams) if (!stream.deaf) stream.take(event);
  }

  #start(container: FakeContainer): void {
    if (container.runs) return;
    const { networkParent } = container.making;
    if (networkParent !== undefined && this.container(networkParent)?.runs !== true)
      throw new EngineError('conflict', `cannot join the network of ${networkParent}: it does not run`, 409);
    this.#begin(container);
  }

  #run(container: FakeContainer): void {
    const now = this.#clock.now();
    container.life += 1;
    container.failingStreak = 0;
    Object.assign(container, { state: 'running', startedAt: now, oomKilled: false, error: '', manuallyStopped: false });
    container.health = container.making.healthcheck === undefined ? 'none' : 'starting';
    this.#tell('start', container);
  }

  /** It runs, and what fate has in store for it takes its course. */
  #begin(container: FakeContainer): void {
    this.#run(container);
    const check = container.making.healthcheck;
    const [fate = 'well', ...rest] = this.#fates.get(originalName(container)) ?? [];
    if (rest.length > 0) this.#fates.set(originalName(container), rest);
    if (fate === 'falls') this.#within(container, 1_000, () => this.#die(container, 1));
    else if (check !== undefined && fate === 'well')
      this.#within(container, check.interval, () => this.probe(container.id, 'healthy'));
    else if (check !== undefined)
      this.#within(container, check.interval * check.retries, () => this.probe(container.id, 'unhealthy'));
  }

  async #stop(container: FakeContainer, timeout: Duration | undefined): Promise<void> {
    container.manuallyStopped = true;
    if (container.state === 'exited' || container.state === 'created') return;
    this.#tell('kill', container, { signal: container.making.stopSignal });
    const grace = timeout ?? container.making.stopGrace ?? seconds(10);
    const { endsAfter } = container.making;
    if (endsAfter > 0) await this.#clock.sleep(Math.min(endsAfter, grace));
    if (endsAfter > grace) this.#tell('kill', container, { signal: '9' });
    this.#end(container);
  }

  /** Ends because it was told to: the engine tells `die`, then `stop`. */
  #end(container: FakeContainer): void {
    if (container.state !== 'exited') this.#die(container, 0);
    this.#tell('stop', container);
  }

  #die(container: FakeContainer, exitCode: number): void {
    const now = this.#clock.now();
    const lived = now - (container.startedAt ?? now);
    container.life += 1;
    Object.assign(container, { state: 'exited', exitCode, finishedAt: now });
    container.unwatched();
    const { name, maximumRetries } = container.making.restartPolicy;
    const again =
      !container.manuallyStopped &&
      (name === 'always' ||
        name === 'unless-stopped' ||
        (name === 'on-failure' && exitCode !== 0 && (maximumRetries === 0 || container.restartCount < maximumRetries)));
    if (again) container.state = 'restarting';
    this.#tell('die', container, { exitCode });
    if (!again) return;
    if (lived >= A_LIFE_THAT_COUNTS) container.restartCount = 0;
    const wait = Math.min(FIRST_RESTART_WAIT * 2 ** container.restartCount, seconds(60));
    this.#within(container, wait, () => {
      container.restartCount += 1;
      this.#begin(container);
    });
  }

  #remove(container: FakeContainer): void {
    container.life += 1;
    this.#containers.delete(container.id);
    this.#tell('destroy', container);
  }

  /** Unless the container has begun another life by then. */
  #within(container: FakeContainer, wait: Duration, then: () => void): void {
    const { life } = container;
    this.#clock.after(wait, () => {
      if (container.life === life) then();
    });
  }
}

/** A replacement is made under a name of its own at first, and is the same container to whoever asks for its fate. */
const originalName = ({ making }: FakeContainer): string => `${making.project}-${making.service}-${making.number}`;

/** The engine's own word, for `mishap`. */
export const engineSays = (code: EngineError['code'], message = 'something went wrong'): EngineError =>
  new EngineError(code, message, code === 'engine-error' ? 500 : undefined);
