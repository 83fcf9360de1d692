import type { Clock } from '../../watchdog/adapters/clock.ts';
import type {
  Blueprint,
  Docker,
  EngineEvent,
  EventOptions,
  Executed,
  Helped,
  Helper,
  Networks,
  Prunable,
} from '../../watchdog/adapters/docker/docker.ts';
import { EngineError } from '../../watchdog/adapters/docker/docker.ts';
import { fixedPorts, type PortMove } from '../../watchdog/domain/alternative-port.ts';
import type { HowMade } from '../../watchdog/domain/making.ts';
import { MADE_LABEL } from '../../watchdog/domain/scaling.ts';
import { clash, type Publisher, type Somebody } from '../../watchdog/domain/somebody.ts';
import { io } from './fake-clock.ts';
import type { FakeContainer, Making } from './fake-container.ts';
import { FakeDaemon } from './fake-daemon.ts';
import { HOST_CORES } from './fake-load.ts';

type Word = Exclude<keyof Docker, 'events'>;

const NEVER = new AbortController().signal;

/** What goes wrong with the next call of that name: it fails before the deed, after it, or never answers. */
export interface Mishap {
  readonly error: EngineError | 'never answers';
  readonly done: boolean;
}

/**
 * An engine in memory, behaving as the real one where it matters to the watchdog: states, health, restart policies, the order
 * of events, replay after `since`. People act on it by the methods of the daemon; the watchdog only has `docker`.
 */
export class FakeEngine extends FakeDaemon {
  readonly #time: Clock;
  readonly #mishaps = new Map<Word, Mishap[]>();
  #away = false;

  constructor(clock: Clock) {
    super(clock);
    this.#time = clock;
  }

  /** Whose anonymous volumes went with them. */
  readonly volumesRemoved: string[] = [];
  /** What a command in a container does. */
  program: (container: string, argv: readonly string[], signal: AbortSignal) => Promise<Executed> = async () => ({
    exitCode: 0,
    said: '',
  });
  /** Bytes that a prune would give back. */
  readonly prunable = new Map<Prunable, number>();
  cgroups: 1 | 2 = 2;
  /** What an archive of a path holds, by `name path`; what was unpacked stands there afterwards. */
  readonly files = new Map<string, string>();
  /** Containers that are not Compose's. */
  readonly strangers: Publisher[] = [];
  /** Ports of the host on which programs listen that are in no container. */
  readonly programs = new Set<number>();
  /** Containers of which the engine has kept something back when it ended, by id. */
  readonly leftBehind = new Set<string>();
  /** Paths that the host does not have. */
  readonly missing = new Set<string>();
  /** What a helper does. */
  helper: (helper: Helper) => Promise<Helped> = async () => ({ exitCode: 0, said: '' });

  /** Every call of the watchdog, in order: `restart shop-web-1`. */
  readonly calls: string[] = [];
  /** Called before each call is carried out. */
  onCall: (call: string) => void = () => undefined;

  /** The daemon goes away; its containers go on (live restore) unless the test ends them. */
  lose(): void {
    this.#away = true;
    this.events.cut();
  }

  get isAway(): boolean {
    return this.#away;
  }

  back(): void {
    this.#away = false;
  }

  /** The daemon goes away and takes its containers down with it; `reboot` brings both back. */
  halt(): void {
    this.shutDown();
    this.lose();
  }

  reboot(): void {
    this.back();
    this.boot();
  }

  /** The daemon that was lost has been killed; the next one ends what has outlived it, and then answers. */
  succeed(): void {
    this.endOutlived();
    this.reboot();
  }

  /** What goes wrong with the next calls of that name, one after the other. */
  mishap(word: Word, ...mishaps: Mishap[]): void {
    this.#mishaps.set(word, [...(this.#mishaps.get(word) ?? []), ...mishaps]);
  }

  /** How often the watchdog made this call (of this container, if named). */
  count(word: Word, name = ''): number {
    return this.calls.filter(call => call.startsWith(`${word} ${name}`.trimEnd())).length;
  }

  /** The engine as the watchdog knows it. */
  readonly docker: Docker = {
    ping: () => this.#call('ping', '', undefined, async () => ({ version: '28.0.0', apiVersion: '1.48' })),
    list: (project, signal) =>
      this.#call('list', '', signal, async () =>
        this.all
          .filter(({ making }) => project === undefined || making.project === project)
          .map(container => container.listed()),
      ),
    inspect: (id, signal) => this.#call('inspect', id, signal, async () => this.container(id)?.inspected()),
    howMade: (id, signal) =>
      this.#call('howMade', id, signal, async () => {
        const container = this.container(id);
        return container && { ...A_PLAIN_ONE, image: container.listed().image, ...container.howMade };
      }),
    environment: (id, signal) =>
      this.#call('environment', id, signal, async () => new Map(Object.entries(this.get(id).environment))),
    events: options => this.#subscribe(options),
    recall: signal =>
      this.#call('recall', '', signal, async () => ({
        ...this.events.memory,
        restoresLive: false,
        at: this.#time.now(),
      })),
    start: (id, signal) => this.#call('start', id, signal, async () => this.start(this.get(id))),
    stop: (id, timeout, signal) =>
      this.#call('stop', id, signal, async () => {
        const container = this.container(id);
        if (container !== undefined) await this.stop(container, timeout);
      }),
    restart: (id, timeout, signal) =>
      this.#call('restart', id, signal, async () => {
        const container = this.get(id);
        await this.stop(container, timeout);
        this.start(container);
        this.events.tell('restart', container);
      }),
    rename: (id, name, signal) =>
      this.#call('rename', id, signal, async () => {
        if (this.container(name) !== undefined) throw new EngineError('conflict', `the name ${name} is in use`, 409);
        this.get(id).name = name;
        this.events.tell('rename', this.get(id));
      }),
    remove: (id, signal, how) =>
      this.#call('remove', id, signal, async () => {
        const container = this.container(id);
        if (container === undefined) return;
        this.remove(container);
        if (how?.withVolumes) this.volumesRemoved.push(container.name);
      }),
    blueprint: (id, signal, change) =>
      this.#call('blueprint', id, signal, async () => {
        const { name, making, howMade, environment: own } = this.get(id);
        const { ports = [], variable, ...rest } = change ?? {};
        const environment = variable === undefined ? own : { ...own, [variable.name]: variable.value };
        return { name, body: { ...making, ...rest, environment, howMade: elsewhere(howMade, ports) }, networks: {} };
      }),
    pull: (image, signal) => this.#call('pull', image, signal, async () => undefined),
    replicaBlueprint: (id, { name, number, made }, signal) =>
      this.#call('replicaBlueprint', id, signal, async () => {
        const { making } = this.get(id);
        return { name, body: { ...making, number, labels: { ...making.labels, [MADE_LABEL]: made } }, networks: {} };
      }),
    create: (blueprint: Blueprint, name, signal) =>
      this.#call('create', name, signal, async () => {
        if (this.container(name) !== undefined) throw new EngineError('conflict', `the name ${name} is in use`, 409);
        const {
          howMade = {},
          environment = {},
          ...making
        } = blueprint.body as Partial<Making> & Pick<FakeContainer, 'howMade' | 'environment'>;
        const id = this.make(making, name);
        Object.assign(this.get(id), { howMade, environment });
        return id;
      }),
    networksOf: (id, signal) => this.#call('networksOf', id, signal, async () => ({ default: {} }) as Networks),
    reconnectNetworks: (id, _networks, signal) => this.#call('reconnectNetworks', id, signal, async () => undefined),
    attachNetworks: (id, _networks, signal) => this.#call('attachNetworks', id, signal, async () => undefined),
    exec: (id, argv, signal) =>
      this.#call('exec', id, signal, () => this.program(this.get(id).name, argv, signal ?? NEVER)),
    archive: (id, path, take, signal) =>
      this.#call('archive', id, signal, async () => {
        const found = this.files.get(`${this.get(id).name} ${path}`);
        if (found === undefined) throw new EngineError('not-found', `there is no ${path}`, 404);
        return take(piecesOf(found));
      }),
    unpack: (id, path, tar, signal) =>
      this.#call('unpack', id, signal, async () => {
        let text = '';
        for await (const chunk of tar) text += Buffer.from(chunk).toString();
        this.files.set(`${this.get(id).name} ${path}`, text);
      }),
    usersOf: (volume, signal) =>
      this.#call('usersOf', volume, signal, async () =>
        this.all
          .filter(({ howMade }) => howMade?.mounts?.some(({ source }) => source === volume))
          .map(({ id, name, runs }) => ({ id, name, running: runs })),
      ),
    publishers: signal =>
      this.#call('publishers', '', signal, async () => [
        ...this.all.filter(({ runs }) => runs).flatMap(publisherFrom),
        ...this.strangers,
      ]),
    who: (idOrName, signal) =>
      this.#call('who', idOrName, signal, async () => {
        const found = this.container(idOrName);
        const stranger = this.strangers.find(({ id, name }) => id === idOrName || name === idOrName);
        return found === undefined ? stranger : somebody(found);
      }),
    help: (helper, signal) => this.#call('help', helper.argv.join(' '), signal, () => this.helper(helper)),
    isOnHost: (path, _helper, signal) => this.#call('isOnHost', path, signal, async () => !this.missing.has(path)),
    kill: (id, name, signal) => this.#call('kill', id, signal, async () => this.signal(id, name)),
    untilEnded: (id, signal) =>
      this.#call('untilEnded', id, signal, async () => {
        while (this.container(id)?.runs) await this.#time.sleep(100, signal);
      }),
    stats: (id, signal) =>
      this.#call('stats', id, signal, async () => {
        const found = this.container(id);
        return found?.runs ? found.load.stats(this.#time.now(), found.resources.memory) : undefined;
      }),
    resources: (id, signal) => this.#call('resources', id, signal, async () => this.container(id)?.resources),
    // What is 0 stays as it is, as in moby.
    update: (id, change, signal) =>
      this.#call('update', id, signal, async () => {
        const set = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== 0 && value !== ''));
        this.get(id).resources = { ...this.get(id).resources, ...set };
        this.events.tell('update', this.get(id));
      }),
    setRestartPolicy: (id, policy, signal) =>
      this.#call('setRestartPolicy', id, signal, async () => {
        this.get(id).restartPolicy = policy;
        this.events.tell('update', this.get(id));
      }),
    host: signal =>
      this.#call('host', '', signal, async () => ({
        rootFolder: '/var/lib/docker',
        cgroups: this.cgroups,
        cores: HOST_CORES,
      })),
    diskUsage: signal =>
      this.#call('diskUsage', '', signal, async () => ({ images: 3, containers: 2, volumes: 1, 'build-cache': 0 })),
    prune: (what, signal) =>
      this.#call('prune', what, signal, async () => {
        const bytes = this.prunable.get(what) ?? 0;
        this.prunable.delete(what);
        return bytes;
      }),
  };

  protected override start(container: FakeContainer): void {
    const taken = container.runs ? undefined : (this.#leftOf(container) ?? this.#takenFrom(container));
    if (taken === undefined) {
      super.start(container);
      return;
    }
    container.error = taken;
    throw new EngineError('engine-error', taken, 500);
  }

  /** In containerd's words (services/tasks/local.go). */
  #leftOf({ id }: FakeContainer): string | undefined {
    return this.leftBehind.has(id) ? `task ${id}: already exists` : undefined;
  }

  /** The engine's words for the first port of the host that somebody else has (moby, libnetwork/portallocator and cmd/docker-proxy). */
  #takenFrom(container: FakeContainer): string | undefined {
    const others = this.all.filter(({ id, runs }) => runs && id !== container.id).flatMap(publisherFrom);
    const held = [...others, ...this.strangers].flatMap(({ ports }) => ports);
    for (const wanted of fixedPorts(container.howMade.published ?? [])) {
      const at = `${wanted.address || '0.0.0.0'}:${wanted.port}`;
      if (held.some(other => clash(other, wanted))) return `Bind for ${at} failed: port is already allocated`;
      if (this.programs.has(wanted.port))
        return `Error starting userland proxy: listen tcp4 ${at}: bind: address already in use`;
    }
    return undefined;
  }

  async *#subscribe(options: EventOptions): AsyncGenerator<EngineEvent> {
    await io();
    this.#answer();
    yield* this.events.subscribe(options);
  }

  #answer(): void {
    if (this.#away) throw new EngineError('unreachable', 'connect ECONNREFUSED /var/run/docker.sock');
  }

  async #call<T>(word: Word, id: string, signal: AbortSignal | undefined, deed: () => Promise<T>): Promise<T> {
    const call = `${word} ${this.container(id)?.name ?? id}`.trimEnd();
    this.calls.push(call);
    this.onCall(call);
    await io();
    this.#answer();
    const mishap = this.#mishaps.get(word)?.shift();
    if (mishap === undefined) {
      const answer = await deed();
      // It may have gone away meanwhile.
      this.#answer();
      return answer;
    }
    if (mishap.done) await deed();
    if (mishap.error !== 'never answers') throw mishap.error;
    return await new Promise((_, reject) => {
      const giveUp = () => reject(new EngineError('timeout', `${call}: the engine has not answered in time`));
      if (signal?.aborted) giveUp();
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }
}

async function* piecesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const somebody = ({ id, name, making: { project, service } }: FakeContainer): Somebody => ({
  id,
  name,
  owner: { project, service },
});

const elsewhere = (howMade: Partial<HowMade>, moves: readonly PortMove[]): Partial<HowMade> => ({
  ...howMade,
  ...(howMade.published && {
    published: howMade.published.map(one => {
      const move = moves.find(({ container, from }) => container === one.container && String(from) === one.host);
      return move === undefined ? one : { ...one, host: String(move.to) };
    }),
  }),
});

function publisherFrom(container: FakeContainer): Publisher[] {
  const ports = (container.howMade.published ?? []).map(({ container: own, host, address = '0.0.0.0' }) => ({
    address,
    port: Number(host),
    protocol: own.split('/')[1] ?? 'tcp',
  }));
  return ports.length === 0 ? [] : [{ ...somebody(container), ports }];
}

/** Nothing stands against a second one. */
const A_PLAIN_ONE: HowMade = {
  image: 'web:latest',
  ownName: undefined,
  published: [],
  staticAddresses: [],
  sharedNetwork: undefined,
  sharedProcesses: undefined,
  exposes: [],
  mounts: [],
  autoRemove: false,
};

/** The engine's own word, for `mishap`. */
export const engineSays = (code: EngineError['code'], message = 'something went wrong'): EngineError =>
  new EngineError(code, message, code === 'engine-error' ? 500 : undefined);
