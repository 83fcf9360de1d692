import type { EngineEvent } from '../adapters/docker/docker.ts';
import type { DiskReading } from '../domain/disk.ts';
import { headcountOf, type Resize } from '../domain/headcount.ts';
import type { MemoryReading } from '../domain/memory.ts';
import type { Sample } from '../domain/sample.ts';
import type { Replica, Seen, Service, ServiceRef } from '../domain/service.ts';
import { NOTHING_SEEN, nameOf } from '../domain/service.ts';
import { DEPLOY_QUIET, type Stack } from '../domain/stack.ts';
import { type Duration, type Instant, seconds } from '../domain/time.ts';
import { dependenciesOf } from './dependencies.ts';
import { ofThisLife, withSample } from './samples.ts';
import { afterEvent } from './seen.ts';

/** What our own labels and settings declare as dependencies of a service: another list as soon as it says something else. */
export type Declared = (ref: ServiceRef, labels: Readonly<Record<string, string>>) => readonly string[];

/** So many containers that are gone are remembered with the service they belonged to. */
const REMEMBERED = 500;

/**
 * The stack as it stands now, kept up to date by events, rounds and looks instead of being fetched again. Replicas are
 * immutable; a service is put together when somebody asks for it and kept until one of its replicas changes.
 */
export class StackKeeper implements Stack {
  readonly #replicas = new Map<string, Replica>();
  readonly #idsByService = new Map<string, Set<string>>();
  readonly #namesByProject = new Map<string, Set<string>>();
  readonly #services = new Map<string, { readonly service: Service; readonly declared: readonly string[] }>();
  readonly #idsByName = new Map<string, string>();
  readonly #owners = new Map<string, ServiceRef>();
  readonly #deploys = new Map<string, Instant>();
  readonly #resizes = new Map<string, Resize>();
  readonly #disks = new Map<string, DiskReading>();
  #memory: MemoryReading | undefined;
  readonly #declared: Declared;
  /** Set anew by whoever measures: many containers are measured less often. */
  sampledEvery: Duration;
  /** Called when a container came, went, began or ended. Must not wait. */
  onLives: () => void = () => undefined;

  constructor(declared: Declared, sampledEvery: Duration = seconds(30)) {
    this.#declared = declared;
    this.sampledEvery = sampledEvery;
  }

  service(ref: ServiceRef): Service | undefined {
    const key = nameOf(ref);
    const kept = this.#services.get(key);
    const replicas = kept?.service.replicas ?? this.#replicasOf(key);
    const first = replicas[0];
    if (first === undefined) return undefined;
    const declared = this.#declared(ref, first.labels);
    if (kept?.declared === declared) return kept.service;
    const dependencies = dependenciesOf(replicas, declared, id => this.ownerOf(id));
    const service: Service = { project: ref.project, service: ref.service, replicas, dependencies };
    this.#services.set(key, { service, declared });
    return service;
  }

  *services(project?: string): Iterable<Service> {
    for (const [name, services] of this.#namesByProject) {
      if (project !== undefined && name !== project) continue;
      for (const service of services) {
        const found = this.service({ project: name, service });
        if (found !== undefined) yield found;
      }
    }
  }

  replica(idOrName: string): Replica | undefined {
    return this.#replicas.get(idOrName) ?? this.#replicas.get(this.#idsByName.get(idOrName) ?? '');
  }

  ownerOf(id: string): ServiceRef | undefined {
    return this.#replicas.get(id) ?? this.#owners.get(id);
  }

  lastDeployAt(project: string): Instant | undefined {
    return this.#deploys.get(project);
  }

  resizedByHand(ref: ServiceRef): Resize | undefined {
    return this.#resizes.get(nameOf(ref));
  }

  /** We are about to change the number of its replicas: what differs from then on is nobody's choice but ours. */
  forgetResize(ref: ServiceRef): void {
    this.#resizes.delete(nameOf(ref));
  }

  disk(path: string): DiskReading | undefined {
    return this.#disks.get(path);
  }

  /** Containers that may have lost their network because this one was started: its children, and those whose parent is gone. */
  strandedBy({ containerId, project }: { readonly containerId: string; readonly project: string }): Replica[] {
    const stranded = ({ networkParent }: Replica) =>
      networkParent !== undefined && (networkParent === containerId || this.replica(networkParent) === undefined);
    return [...this.services(project)].flatMap(service => service.replicas.filter(stranded));
  }

  /**
   * Takes in what an inspect or a list said; keeps what only events tell, and the inspection while nothing changed. An answer
   * that was under way while its container was removed brings nothing back.
   */
  put(replica: Replica): Replica {
    const before = this.#replicas.get(replica.id);
    if (before === undefined && this.#owners.has(replica.id)) return replica;
    const unchanged =
      before?.state === replica.state && before.health === replica.health && before.exitCode === replica.exitCode;
    const inspected = replica.inspected ?? (unchanged ? before?.inspected : undefined);
    const merged: Replica = {
      ...replica,
      // As long as they are the same ones, what was read of them need not be read again.
      labels: before !== undefined && areEqual(before.labels, replica.labels) ? before.labels : replica.labels,
      addresses: before?.addresses.join() === replica.addresses.join() ? before.addresses : replica.addresses,
      inspected,
      // The list shows no ports of what is stopped.
      publishesPorts: replica.publishesPorts || (before?.publishesPorts ?? false),
      seen: seenNow(replica, before?.seen ?? NOTHING_SEEN),
      samples: ofThisLife(replica, before?.samples ?? []),
    };
    // Most of what a round lists.
    if (before !== undefined && isSame(before, merged)) return before;
    this.#store(merged, before);
    return merged;
  }

  /** An event moves the light state on at once; the look that follows brings the truth. `ours`: caused by our own repair. */
  apply(event: EngineEvent, ours: boolean): void {
    if ((event.action === 'create' || event.action === 'destroy') && !ours && !event.oneOff) this.#noteHand(event);
    if (event.action === 'destroy') this.remove(event.containerId);
    const before = this.#replicas.get(event.containerId);
    if (before !== undefined) this.#store(afterEvent(before, event, ours), before);
  }

  /** Changes what was seen of a container, for instance a stop by hand that the ledger remembers. */
  mark(id: string, seen: Partial<Seen>): void {
    const before = this.#replicas.get(id);
    if (before !== undefined) this.#store({ ...before, seen: { ...before.seen, ...seen } }, before);
  }

  /** Takes in a measurement; one of a container that is gone meanwhile is dropped. */
  addSample(id: string, sample: Sample): void {
    const before = this.#replicas.get(id);
    if (before !== undefined) this.#store({ ...before, samples: withSample(before.samples, sample) }, before);
  }

  /** Every watched path that could be read, as last read. */
  disks(): Iterable<DiskReading> {
    return this.#disks.values();
  }

  noteDisk(reading: DiskReading): void {
    this.#disks.set(reading.path, reading);
  }

  memory(): MemoryReading | undefined {
    return this.#memory;
  }

  noteMemory(reading: MemoryReading | undefined): void {
    this.#memory = reading;
  }

  remove(id: string): void {
    const gone = this.#replicas.get(id);
    if (gone === undefined) return;
    this.#replicas.delete(id);
    this.onLives();
    if (this.#idsByName.get(gone.name) === id) this.#idsByName.delete(gone.name);
    this.#owners.set(id, { project: gone.project, service: gone.service });
    if (this.#owners.size > REMEMBERED) this.#owners.delete(this.#owners.keys().next().value as string);
    this.#leave(gone);
  }

  ids(): Iterable<string> {
    return this.#replicas.keys();
  }

  /** What follows soon after belongs to the same deploy: it may make a container before it removes the one that it replaces. */
  #noteHand(event: EngineEvent): void {
    const { project, at } = event;
    this.#deploys.set(project, at);
    const last = this.#resizes.get(nameOf(event));
    const goesOn = last !== undefined && at < last.at + DEPLOY_QUIET;
    this.#resizes.set(nameOf(event), { at, before: goesOn ? last.before : headcountOf(this.service(event)) });
  }

  #replicasOf(service: string): readonly Replica[] {
    return [...(this.#idsByService.get(service) ?? [])]
      .map(id => this.#replicas.get(id) as Replica)
      .sort((a, b) => a.number - b.number || a.createdAt - b.createdAt);
  }

  #store(replica: Replica, before: Replica | undefined): void {
    this.#replicas.set(replica.id, replica);
    // Others may share its network: whose it is could not be told before.
    if (before === undefined) this.#services.clear();
    if (before?.state !== replica.state) this.onLives();
    if (before !== undefined && before.name !== replica.name && this.#idsByName.get(before.name) === replica.id)
      this.#idsByName.delete(before.name);
    this.#idsByName.set(replica.name, replica.id);
    const key = nameOf(replica);
    this.#services.delete(key);
    // One-offs (`docker compose run`, hooks, what we have set aside) are known by id and never part of their service.
    if (replica.oneOff) this.#leave(replica);
    else {
      addTo(this.#idsByService, key, replica.id);
      addTo(this.#namesByProject, replica.project, replica.service);
    }
  }

  /** It is no part of its service any more. */
  #leave({ id, project, service }: Replica): void {
    const key = nameOf({ project, service });
    const ids = this.#idsByService.get(key);
    ids?.delete(id);
    this.#services.delete(key);
    if (ids?.size !== 0) return;
    this.#idsByService.delete(key);
    const names = this.#namesByProject.get(project);
    names?.delete(service);
    if (names?.size === 0) this.#namesByProject.delete(project);
  }
}

const isSame = (before: Replica, after: Replica): boolean =>
  (Object.keys(after) as (keyof Replica)[]).every(name => before[name] === after[name]);

function areEqual(some: Replica['labels'], others: Replica['labels']): boolean {
  const names = Object.keys(some);
  return names.length === Object.keys(others).length && names.every(name => some[name] === others[name]);
}

/**
 * What is found running was started again, whether or not its event came. Only an inspection finds that: a list may show what has
 * ended as running for a while (`LISTS_LAG`).
 */
const seenNow = ({ state, inspected }: Replica, seen: Seen): Seen =>
  state === 'running' && inspected !== undefined && seen.stoppedByHandAt !== undefined
    ? { ...seen, stoppedByHandAt: undefined }
    : seen;

function addTo(index: Map<string, Set<string>>, key: string, value: string): void {
  const values = index.get(key);
  if (values === undefined) index.set(key, new Set([value]));
  else values.add(value);
}
