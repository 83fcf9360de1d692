import { size } from './decide/scaling/size.ts';
import { beginTrack, pruned, withChange, withRecommendation } from './decide/scaling/track.ts';
import { askedFor, fits } from './diagnose/mis-sized.ts';
import { obstaclesTo } from './diagnose/scaling/obstacles.ts';
import { type Headcount, headcountOf, isChosen, type Resize } from './domain/headcount.ts';
import type { Order } from './domain/repair.ts';
import { type Scaling, workersOf } from './domain/scaling.ts';
import { nameOf, type Service, type ServiceRef } from './domain/service.ts';
import type { LoadReading, Scaled, SizeBook, SizeFacts, SizeMemory, SizeNow, SizeRecord } from './domain/size.ts';
import { DEPLOY_QUIET, type Stack } from './domain/stack.ts';
import { type Duration, type Instant, minutes } from './domain/time.ts';

export interface SizesTools {
  readonly stack: Stack;
  readonly memory: SizeMemory;
  /** A repair of ours is at that service right now: what stands there says nothing about anybody else. */
  readonly isUnderRepair: (ref: ServiceRef) => boolean;
  readonly scalingOf: (service: Service) => Scaling | undefined;
}

/** What stood there longer ago says nothing about who changed it. */
const RECENT: Duration = minutes(10);

interface Kept extends Scaled {
  /** What the road has heard last; each change of it is worth a decision. */
  readonly heard: 'right' | 'wrong' | 'unknown';
}

/** What is known of the size of each service that is scaled: the last reading, and what the ledger remembers. */
export class Sizes implements SizeBook {
  readonly #tools: SizesTools;
  readonly #kept = new Map<string, Kept>();
  /** Weighed since the ledger was last written. */
  readonly #unsaved = new Map<string, ServiceRef>();

  constructor(tools: SizesTools) {
    this.#tools = tools;
  }

  of(ref: ServiceRef): Scaled | undefined {
    return this.#kept.get(nameOf(ref));
  }

  /** Whether somebody asks for it, also before anything was read. */
  isScaled(ref: ServiceRef): boolean {
    const service = this.#tools.stack.service(ref);
    return service !== undefined && this.#tools.scalingOf(service) !== undefined;
  }

  /** Takes in what was read. @returns whether the road should hear of it: the size is wrong, or something else is so than it last heard. */
  weigh(service: Service, reading: LoadReading): boolean {
    const { stack, memory } = this.#tools;
    const { scaling, at } = reading;
    const key = nameOf(service);
    const before = this.#kept.get(key)?.record ?? memory.sizeOf(service);
    const looked = this.#lookedAt(service, reading, before);
    const { current, recommendation } = askedFor(service, { ...reading, record: looked }, stack.sampledEvery, at);
    const { wanted } = size({ recommendation, current, scaling, track: looked.track, now: at });
    const pinned = recommendation.replicas > scaling.max && current >= scaling.max;
    const record: SizeRecord = {
      ...looked,
      track: pruned(withRecommendation(looked.track, recommendation, at), scaling, at),
      pinnedSince: pinned ? (looked.pinnedSince ?? at) : undefined,
    };
    const right = wanted === current && fits(current, recommendation, scaling);
    const heard = right ? (recommendation.known ? 'right' : 'unknown') : 'wrong';
    const isNews = heard === 'wrong' || this.#kept.get(key)?.heard !== heard;
    this.#kept.set(key, { ...reading, record, heard });
    this.#unsaved.set(key, { project: service.project, service: service.service });
    return isNews;
  }

  /** Remembers what was weighed, all in one write. Throws `LedgerError`; then the next one makes up for it. */
  save(now: Instant): void {
    const sizes = [...this.#unsaved].flatMap(([key, ref]) => {
      const kept = this.#kept.get(key);
      return kept === undefined ? [] : [[ref, kept.record] as const];
    });
    if (sizes.length > 0) this.#tools.memory.rememberSizes(sizes, now);
    this.#unsaved.clear();
  }

  /** Forgets the readings of all that is not scaled any more. */
  keepOnly(services: Iterable<ServiceRef>): void {
    const names = new Set([...services].map(nameOf));
    for (const name of this.#kept.keys()) if (!names.has(name)) this.#kept.delete(name);
  }

  factsOf(ref: ServiceRef, now: Instant): SizeFacts | undefined {
    const service = this.#tools.stack.service(ref);
    const scaled = this.of(ref);
    if (service === undefined || scaled === undefined) return undefined;
    const { scaling } = scaled;
    const record = { ...scaled.record, chosen: this.#chosenFor(service) ?? scaled.record.chosen };
    const obstacle = obstaclesIn(scaled)[0];
    return { ...askedFor(service, scaled, this.#tools.stack.sampledEvery, now), scaling, record, obstacle };
  }

  /** What people see of the size of a service; undefined where it is not scaled, or was not read yet. */
  now(ref: ServiceRef, now: Instant): SizeNow | undefined {
    const facts = this.factsOf(ref, now);
    const scaled = this.of(ref);
    if (facts === undefined || scaled === undefined) return undefined;
    const { recommendation, current, scaling, record } = facts;
    const sizing = size({ recommendation, current, scaling, track: record.track, now });
    const { project, service } = ref;
    return { ...scaled, ...facts, ref: { project, service }, sizing, obstacles: obstaclesIn(scaled) };
  }

  /** The sizes of all that are scaled and were read. */
  *all(now: Instant): Iterable<SizeNow> {
    for (const name of this.#kept.keys()) {
      const [project = '', service = ''] = name.split('/');
      const found = this.now({ project, service }, now);
      if (found !== undefined) yield found;
    }
  }

  /**
   * An order is about to change the number. It counts from now on, also if the watchdog dies before it is carried out; and
   * until it is, nobody else is looked for behind a change.
   * @returns to be called when it has ended: then what really changed counts
   */
  begins(order: Order, now: Instant): (at: Instant) => void {
    const from = this.#sizeOf(order, now);
    const planned = Number(order.with.replicas) - from;
    const before = this.#kept.get(nameOf(order))?.record.track;
    this.#change(order, now, record => ({
      ...record,
      track: withChange(record.track, planned, now),
      stood: undefined,
      // No gate has held it: what differs from now on is nobody's choice but ours.
      chosen: undefined,
    }));
    return at => {
      const service = this.#tools.stack.service(order);
      const by = this.#sizeOf(order, at) - from;
      this.#change(order, at, record => {
        const told = { ...record.track, changes: before?.changes ?? [] };
        const changed = withChange(told, by, now);
        const asked = { at, replicas: Number(order.with.replicas) };
        // What an alert asked for is held for the window, as if the signals had.
        const track = order.alert === undefined ? changed : withOne(changed, asked);
        return { ...record, track, stood: service && headcountOf(service) };
      });
    };
  }

  #change(ref: ServiceRef, now: Instant, change: (record: SizeRecord) => SizeRecord): void {
    const kept = this.#kept.get(nameOf(ref));
    if (kept === undefined) return;
    const record = change(kept.record);
    this.#kept.set(nameOf(ref), { ...kept, record });
    this.#tools.memory.rememberSizes([[ref, record]], now);
  }

  #sizeOf(ref: ServiceRef, now: Instant): number {
    const service = this.#tools.stack.service(ref);
    return service === undefined ? 0 : workersOf(service, now).length;
  }

  /** The record with what a look at the containers tells: who changed their number since the last one. */
  #lookedAt(service: Service, { at }: LoadReading, before: SizeRecord | undefined): SizeRecord {
    const { stack, isUnderRepair } = this.#tools;
    const present = headcountOf(service);
    const chosen = this.#chosenFor(service);
    if (before === undefined)
      return { ...NEW, at, track: beginTrack(workersOf(service, at).length, at), stood: present, chosen };
    const kept = { ...before, at, chosen: chosen ?? before.chosen };
    const deployedAt = stack.lastDeployAt(service.project);
    const unclear = isUnderRepair(service) || (deployedAt !== undefined && at < deployedAt + DEPLOY_QUIET);
    if (unclear) return kept;
    const { stood } = before;
    const looked = { ...kept, stood: present };
    if (stood === undefined || at > before.at + RECENT) return looked;
    if (isChosen(stood, present))
      return { ...looked, chosen: chosen ?? { at: changedAt(service, stood, at), before: stood } };
    return present.all < stood.all ? { ...looked, drift: { at, from: stood.all, to: present.all } } : looked;
  }

  /** As events told it. Those that are told again after a restart change nothing: what they tell of stands already. */
  #chosenFor(service: Service): Resize | undefined {
    const resize = this.#tools.stack.resizedByHand(service);
    return resize !== undefined && isChosen(resize.before, headcountOf(service)) ? resize : undefined;
  }
}

/** No event told of it: the watchdog was away. Who was added tells when; of those who are gone only the look does. */
const changedAt = ({ replicas }: Service, stood: Headcount, at: Instant): Instant =>
  replicas.length > stood.all ? Math.min(at, Math.max(...replicas.map(({ createdAt }) => createdAt))) : at;

const NEW = { drift: undefined, pinnedSince: undefined };

const withOne = (track: SizeRecord['track'], one: { readonly at: Instant; readonly replicas: number }) => ({
  ...track,
  recommendations: [...track.recommendations, one],
});

const obstaclesIn = ({ making, scaling }: LoadReading): readonly string[] =>
  making === undefined ? [] : obstaclesTo(making, scaling).map(({ because }) => because);
