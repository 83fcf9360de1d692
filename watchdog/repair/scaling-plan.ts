import { isSeed, workersOf } from '../domain/scaling.ts';
import { nameOf, type Replica, type Service } from '../domain/service.ts';
import type { Instant } from '../domain/time.ts';
import { isWell } from '../domain/wellness.ts';

/** A name and a number of its own, as Compose gives them. */
export interface Identity {
  readonly name: string;
  readonly number: number;
}

/** What brings a service to its size. */
export type Change =
  | { readonly kind: 'add'; readonly from: Replica; readonly as: Identity }
  /** A service that was scaled to nothing comes back. */
  | { readonly kind: 'wake'; readonly seed: Replica }
  /** `seed`: the last one that goes leaves one behind. */
  | { readonly kind: 'take'; readonly replica: Replica; readonly seed: Identity | undefined };

/**
 * From as many replicas as there are meant to be now to as many as are wanted. Newest number first when fewer, those that are
 * not well before those that are; so the last well one stays unless nothing is wanted.
 * @throws Error with why it cannot be done, in a sentence
 */
export function changesTo(wanted: number, service: Service, now: Instant): readonly Change[] {
  if (!Number.isInteger(wanted) || wanted < 0)
    throw new Error(`${wanted} is no number of replicas; a whole number from 0 on is`);
  const workers = workersOf(service, now);
  return wanted > workers.length
    ? additions(wanted - workers.length, workers, service)
    : departures(workers.length - wanted, workers, service);
}

function additions(missing: number, workers: readonly Replica[], service: Service): readonly Change[] {
  const woken = workers.length === 0 ? service.replicas.filter(isSeed).slice(0, 1) : [];
  const from = newest(workers.filter(isWell)) ?? woken[0];
  if (from === undefined) throw new Error(nothingToCopy(workers, service));
  const added = numbersAfter(service, missing - woken.length).map(
    (number): Change => ({ kind: 'add', from, as: identity(from, number) }),
  );
  return [...woken.map((seed): Change => ({ kind: 'wake', seed })), ...added];
}

function departures(surplus: number, workers: readonly Replica[], service: Service): readonly Change[] {
  const goingFirst = [...workers].sort((a, b) => Number(isWell(a)) - Number(isWell(b)) || b.number - a.number);
  const leaving = goingFirst.slice(0, surplus);
  // What went well until its end is what the next one is to be like.
  const last = leaving.length === workers.length && !service.replicas.some(isSeed) ? leaving.at(-1) : undefined;
  return leaving.map(replica => {
    const [number = 1] = replica === last ? numbersAfter(service, 1) : [];
    return { kind: 'take', replica, seed: replica === last ? identity(replica, number) : undefined };
  });
}

/** The newest one is what somebody last wanted the service to be like. */
const newest = (replicas: readonly Replica[]): Replica | undefined =>
  replicas.reduce<Replica | undefined>(
    (best, replica) => (best === undefined || replica.createdAt > best.createdAt ? replica : best),
    undefined,
  );

/** Above all that there are, as Compose counts (`nextContainerNumber` of its pkg/compose/convergence.go). */
function numbersAfter({ replicas }: Service, count: number): readonly number[] {
  const highest = Math.max(0, ...replicas.map(({ number }) => number));
  return Array.from({ length: count }, (_, i) => highest + 1 + i);
}

/** `shop-web-3` beside `shop-web-1`, `shop_web_3` beside `shop_web_1`. */
function identity(from: Replica, number: number): Identity {
  const suffix = String(from.number);
  if (!from.name.endsWith(suffix))
    throw new Error(
      `${from.name} has a name of its own, in which there is no number to count up; remove container_name from ${nameOf(from)}`,
    );
  return { name: `${from.name.slice(0, -suffix.length)}${number}`, number };
}

const nothingToCopy = (workers: readonly Replica[], service: Service): string =>
  workers.length === 0
    ? `${nameOf(service)} has no container left from which a replica could be made; start it with docker compose up`
    : `no replica of ${nameOf(service)} is well, and a new one is only made from one that is`;
