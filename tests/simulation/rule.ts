import type { Clock } from '../../watchdog/adapters/clock.ts';
import type { Settings } from '../../watchdog/config/settings.ts';
import type { News } from '../../watchdog/domain/news.ts';
import type { Duration, Instant } from '../../watchdog/domain/time.ts';
import type { FakeContainer } from '../fakes/fake-container.ts';
import type { Consent, Said } from './consent.ts';
import type { Deliveries } from './deliveries.ts';
import type { History, SeenRepair } from './history.ts';
import type { Lives } from './lives.ts';
import type { Plan, ServicePlan } from './plan.ts';
import type { SimulatedEngine } from './simulated-engine.ts';
import type { Weather } from './weather.ts';

/** One change that the watchdog asks the engine for. */
export interface Deed {
  /** `restart`, `remove`, ... */
  readonly word: string;
  readonly service: string;
  /** Undefined for what is about no container that there is. */
  readonly container: FakeContainer | undefined;
  /** Other deeds that the engine works on right now, those apart that only wait for a container to end. */
  readonly besides: number;
}

/** All that the rules are judged by. None of it is what the watchdog believes. */
export interface World {
  readonly plan: Plan;
  readonly engine: SimulatedEngine;
  readonly clock: Clock;
  readonly weather: Weather;
  readonly history: History;
  readonly settings: Settings;
  readonly lives: Lives;
  readonly consent: Consent;
  readonly deliveries: Deliveries;
  readonly people: {
    /** `watchdog pause` for it, its project or everything holds. */
    isPaused(service: string): boolean;
    /** By its id: since when it is stopped by a person's hand, on the monotonic clock. */
    stoppedSince(containerId: string): Duration | undefined;
    frozenSince(containerId: string): Duration | undefined;
    /** When they last made or removed a container of it, on the monotonic clock. */
    changedAt(service: string): Duration | undefined;
    /** A deploy is at it. */
    deploys(service: string): boolean;
  };
  /** Findings that were attended to and have no decision yet, by when that began on the monotonic clock. */
  readonly undecided: ReadonlyMap<object, Duration>;
  /** Since when its service is not up, on the monotonic clock; undefined while it is. */
  readonly downSince: (service: string) => Duration | undefined;
  /** How often people were told so, by incident and code, and by question where it is one. */
  readonly escalations: ReadonlyMap<string, number>;
  /** When they were, on the monotonic clock, by service, condition and code, whichever incident it was. */
  readonly told: ReadonlyMap<string, readonly Duration[]>;
}

/** A rule that holds whatever happens. Each of its eyes says what is wrong, or nothing. */
export interface Rule {
  /** Its number in DESIGN section 4. */
  readonly rule: number;
  readonly says: string;
  /** A repair begins; it is not in the history yet. */
  readonly begins?: (repair: Pick<SeenRepair, 'order' | 'at'>, world: World) => string | undefined;
  readonly acts?: (deed: Deed, world: World) => string | undefined;
  /** A person has answered a question. */
  readonly answers?: (said: Said, world: World) => string | undefined;
  readonly hears?: (news: News, world: World) => string | undefined;
  /** Everything that could be healed has had eight hours for it. */
  readonly atRest?: (world: World) => string | undefined;
}

export const planOf = (service: string, { plan }: Pick<World, 'plan'>): ServicePlan | undefined =>
  plan.services.find(one => one.service === service);

/** The limits in force, by the documentation's table rather than by the watchdog's own playbooks. */
export function limitsOf(condition: string, { settings }: Pick<World, 'settings'>) {
  const { maxAttempts, cooldown, window, backoff } = settings.policy;
  const measured = condition === 'high-memory' || condition === 'high-cpu';
  return {
    attempts: measured ? 2 : maxAttempts,
    cooldown: measured ? 600_000 : cooldown,
    window,
    backoff,
  };
}

/** What people are told again when they are told the same of the same. */
export const toldKey = ({ incident, code }: Extract<News, { type: 'incident-escalated' }>): string =>
  `${incident.service} ${incident.condition} ${code}`;

/** Once for each of these people are told: of questions once each, and once that nobody has answered it. */
export const escalationKey = ({ incidentId, code, because }: Extract<News, { type: 'incident-escalated' }>): string =>
  `${incidentId} ${code} ${code === 'approval' ? because : ''}`;

/** The first thing that is wrong. */
export function firstOf<T>(items: Iterable<T>, wrong: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = wrong(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

export const at = (instant: Instant): string => new Date(instant).toISOString().slice(0, 19);
