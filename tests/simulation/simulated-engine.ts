import type { Clock } from '../../watchdog/adapters/clock.ts';
import type { EngineEvent } from '../../watchdog/adapters/docker/docker.ts';
import { MADE_LABEL } from '../../watchdog/domain/scaling.ts';
import type { Healthcheck, RestartPolicy } from '../../watchdog/domain/service.ts';
import { type Duration, seconds } from '../../watchdog/domain/time.ts';
import type { FakeContainer, Making } from '../fakes/fake-container.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import type { Cure, Plan, Scaled, ServicePlan } from './plan.ts';
import { ITEMS, Work } from './work.ts';

const CHECK: Healthcheck = { interval: seconds(10), timeout: seconds(3), retries: 3, startPeriod: seconds(30) };
/** A container with a memory limit; what leaks has used nearly all of it. */
const MEMORY = 512 * 2 ** 20;
/** As seen on moby 20.10, of six containers that were stopped at once. */
const LISTS_LAG: Duration = 600;
const FALLS_AFTER: Duration = 1_000;
/** Of the processors, by a replica that has as much to do as it can; nearly all that the host has. */
const CORES = 3.6;
const IDLE_CORES = 0.01;

/** What ails a program, whatever container it runs in: a bad configuration, a full volume, a deadlock. */
export interface Trouble {
  /** `errs`: it runs, and its health check notices nothing. */
  readonly how: 'ill' | 'falls' | 'errs';
  startsLeft: number;
}

export const PROJECT = 'shop';

/** The fake engine with programs in its containers: they take time to start, need each other, fall ill and get well. */
export class SimulatedEngine extends FakeEngine {
  readonly #services: ReadonlyMap<string, ServicePlan>;
  readonly #troubles = new Map<string, Trouble>();
  readonly #works: ReadonlyMap<string, Work>;
  /** Which start of all it was: a child that began before its parent did has no network any more. */
  readonly #starts = new WeakMap<FakeContainer, number>();
  readonly #awaited = new WeakMap<FakeContainer, { readonly life: number; readonly wanted: string }>();
  /** Those whose health check fails for want of others, and of nothing else. */
  readonly #suffering = new WeakSet<FakeContainer>();
  readonly #time: Clock;
  #started = 0;
  /** Hears what happened before anybody else does. */
  onTold: (event: EngineEvent) => void = () => undefined;

  constructor(clock: Clock, plan: Plan) {
    super(clock);
    this.#time = clock;
    this.listsLag = LISTS_LAG;
    this.#services = new Map(plan.services.map(service => [service.service, service]));
    const scaled = plan.services.filter(service => service.scaled !== undefined);
    this.#works = new Map(scaled.map(({ service }) => [service, this.#workOf(service)]));
    this.program = async (name, _, signal) => {
      await clock.sleep(this.planOf(this.get(name)).scaled?.drain ?? 0, signal);
      return { exitCode: 0, said: '' };
    };
    // Kept by tests that count them; months of them would fill the memory.
    this.onCall = () => {
      this.calls.length = 0;
    };
    this.events.onTold = event => {
      this.onTold(event);
      for (const container of this.all) this.#reconsider(container);
      this.#share(event.service);
    };
  }

  get containers(): readonly FakeContainer[] {
    return this.all;
  }

  planOf(container: FakeContainer): ServicePlan {
    const { service } = container.making;
    const plan = this.#services.get(service);
    if (plan === undefined) throw new Error(`the plan has no service ${service}`);
    return plan;
  }

  /** What does not answer under its own name is not there: a replacement takes the name over. */
  named(service: string, number: number): FakeContainer | undefined {
    return this.all.find(({ making }) => making.service === service && making.number === number);
  }

  /** `docker compose up` of one container of the service. */
  bringUp(plan: ServicePlan, number: number): string {
    const id = this.create(plan, number);
    this.startByHand(id);
    return id;
  }

  create(plan: ServicePlan, number: number, name?: string): string {
    const id = this.make(this.#makingOf(plan, number), name);
    const container = this.get(id);
    container.resources = { ...container.resources, memory: MEMORY };
    return id;
  }

  afflict(container: FakeContainer, how: Trouble['how'], cure: Cure): Trouble {
    const trouble = { how, startsLeft: cure === 'never' ? Number.POSITIVE_INFINITY : cure };
    this.#troubles.set(programOf(container), trouble);
    this.#reconsider(container);
    return trouble;
  }

  /** People have put it right; what has fallen has still to be started. */
  mend(container: Pick<FakeContainer, 'making'>, trouble: Trouble): void {
    if (this.#troubles.get(programOf(container)) === trouble) this.#troubles.delete(programOf(container));
    for (const one of this.all) this.#reconsider(one);
  }

  /** From now on so much work comes in for it, until `relieve`. */
  burden(service: string, level: number): void {
    this.#works.get(service)?.comes(level);
    this.#share(service);
  }

  /** Unless something else came meanwhile. */
  relieve(service: string, level: number): void {
    if (this.#works.get(service)?.level === level) this.burden(service, 0);
  }

  /** How many items wait. */
  queueOf(service: string): number {
    return this.#works.get(service)?.items ?? 0;
  }

  leak(container: FakeContainer): void {
    container.load.change({ memoryBytes: 0.97 * MEMORY }, this.#time.now());
  }

  troubleOf(container: FakeContainer): Trouble | undefined {
    return this.#troubles.get(programOf(container));
  }

  /** What it needs, cannot be without, and has not. */
  lacks(container: FakeContainer): string | undefined {
    const { needs, without } = this.planOf(container);
    return without === 'fine' ? undefined : needs.find(name => !this.isUp(name));
  }

  /** One of its containers serves. */
  isUp(service: string): boolean {
    return this.all.some(container => container.making.service === service && this.looksWell(container));
  }

  looksWell({ runs, health }: FakeContainer): boolean {
    return runs && (health === 'none' || health === 'healthy');
  }

  /** Its health check fails for want of what it needs only: it gets well when that does. */
  suffers(container: FakeContainer): boolean {
    return this.#suffering.has(container) && this.troubleOf(container) === undefined;
  }

  /** Kept by the watchdog, made and never started, where it has scaled a service to nothing. */
  isSeed({ state, making }: FakeContainer): boolean {
    return state === 'created' && making.labels[MADE_LABEL] === 'seed';
  }

  /** It is its own, or who holds it has not ended. */
  hasNetwork({ making: { networkParent } }: FakeContainer): boolean {
    return networkParent === undefined || this.container(networkParent)?.hasNamespaces === true;
  }

  isStranded(container: FakeContainer): boolean {
    const { networkParent } = container.making;
    if (networkParent === undefined || !container.runs) return false;
    const parent = this.container(networkParent);
    return parent === undefined || (parent.runs && this.#startOf(parent) > this.#startOf(container));
  }

  protected override live(container: FakeContainer): void {
    const trouble = this.troubleOf(container);
    if (trouble !== undefined) trouble.startsLeft -= 1;
    if (trouble !== undefined && trouble.startsLeft <= 0) this.#troubles.delete(programOf(container));
    this.#started += 1;
    this.#suffering.delete(container);
    this.#starts.set(container, this.#started);
    container.load.change({ memoryBytes: 0.1 * MEMORY }, this.#time.now());
    const lost = this.planOf(container).without === 'falls' && this.lacks(container) !== undefined;
    if (this.troubleOf(container)?.how === 'falls' || lost)
      this.within(container, FALLS_AFTER, () => this.crash(container.id));
    for (const one of this.all) this.#reconsider(one);
  }

  #workOf(service: string): Work {
    return new Work(
      () => this.#time.monotonic(),
      () => this.containersOf(service).filter(container => this.looksWell(container)).length,
    );
  }

  /** Who runs has its part of what is to be done. */
  #share(service: string): void {
    const work = this.#works.get(service);
    if (work === undefined) return;
    work.addUp();
    const running = this.containersOf(service).filter(({ runs }) => runs);
    const cores = Math.min(CORES, Math.max(IDLE_CORES, (CORES * work.level) / running.length));
    for (const { load } of running) load.change({ cores }, this.#time.now());
  }

  #startOf(container: FakeContainer): number {
    return this.#starts.get(container) ?? 0;
  }

  #wanted(container: FakeContainer): 'healthy' | 'unhealthy' {
    const suffers = this.planOf(container).without === 'ill' && this.lacks(container) !== undefined;
    return suffers || this.troubleOf(container)?.how === 'ill' ? 'unhealthy' : 'healthy';
  }

  /** Its health check comes to another result after as many probes as that takes, if it is still so by then. */
  #reconsider(container: FakeContainer): void {
    const check = container.making.healthcheck;
    if (check === undefined || !container.runs) return;
    const wanted = this.#wanted(container);
    if (container.health === wanted) return;
    const awaited = this.#awaited.get(container);
    if (awaited?.life === container.life && awaited.wanted === wanted) return;
    this.#awaited.set(container, { life: container.life, wanted });
    const startUp = container.health === 'starting' ? this.planOf(container).startUp : 0;
    const wait = wanted === 'healthy' ? check.interval : check.interval * check.retries;
    this.within(container, Math.max(wait, startUp), () => {
      const awaiting = this.#awaited.get(container);
      if (awaiting?.wanted !== wanted) return;
      this.#awaited.delete(container);
      if (!container.runs || this.#wanted(container) !== wanted) return this.#reconsider(container);
      if (wanted === 'healthy' || this.troubleOf(container) !== undefined) this.#suffering.delete(container);
      else this.#suffering.add(container);
      this.probe(container.id, wanted);
    });
  }

  #makingOf(plan: ServicePlan, number: number): Partial<Making> {
    const { service, needs, checked, endsAfter, restartPolicy, inNetworkOf, standing, scaled, needsYes } = plan;
    // Compose makes the owner of a shared namespace a dependency of its own accord, with `restart: true`.
    const shared = inNetworkOf === undefined ? [] : [`${inNetworkOf}:service_started:true`];
    const label = [...needs.map(name => `${name}:service_started:false`), ...shared].join(',');
    return {
      project: standing === 'other-project' ? 'other' : PROJECT,
      service,
      number,
      healthcheck: checked ? CHECK : undefined,
      restartPolicy: { name: restartPolicy, maximumRetries: 0 } satisfies RestartPolicy,
      endsAfter,
      networkParent: inNetworkOf === undefined ? undefined : this.named(inNetworkOf, 1)?.id,
      labels: {
        ...LABELS[standing],
        ...labelsFor(service, scaled),
        ...(needsYes && { 'auto_repair.playbook.unhealthy': 'mend-files' }),
        ...(label === '' ? {} : { 'com.docker.compose.depends_on': label }),
      },
    };
  }
}

const LABELS: Readonly<Record<ServicePlan['standing'], Readonly<Record<string, string>>>> = {
  watched: {},
  'opted-out': { auto_repair: 'false' },
  observed: { 'auto_repair.mode': 'observe' },
  'respects-stops': { 'auto_repair.on_stop': 'respect' },
  'other-project': {},
  'the watchdog itself': { 'compose-watchdog.self': 'true' },
};

function labelsFor(service: string, scaled: Scaled | undefined): Readonly<Record<string, string>> {
  if (scaled === undefined) return {};
  const { follows, min, max, drain } = scaled;
  return {
    auto_scale: 'true',
    'auto_scale.min': String(min),
    'auto_scale.max': String(max),
    'auto_scale.metric': follows,
    ...(follows === 'queue' && {
      'auto_scale.queue': `redis://cache:6379/0#${service}`,
      'auto_scale.target_per_replica': String(ITEMS),
    }),
    ...(drain > 0 && { 'auto_scale.pre_stop': 'finish', 'auto_scale.pre_stop_timeout': '1m' }),
  };
}

/** A replacement runs the same program. */
const programOf = ({ making }: Pick<FakeContainer, 'making'>): string => `${making.service}-${making.number}`;
