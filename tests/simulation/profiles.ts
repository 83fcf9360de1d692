import { type Duration, hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { Dice } from './dice.ts';
import type { CallFare, Cure, DeliveryFare, EventFare, Happening, Manner, Plan, ServicePlan } from './plan.ts';
import { alertedServices, PACES, someServices } from './shop.ts';

type Kind = Happening['kind'];

/** What goes wrong, and how often beside the others. */
type Profile = Readonly<Partial<Record<Kind, number>>>;

const FAULTS = { crash: 6, ill: 6, 'out-of-memory': 2, leak: 1 };

/** What sort of trouble a machine is in for. */
export const PROFILES = {
  everyday: { ...FAULTS, restart: 1, deploy: 1, kill: 0.3 },
  'bad wire': { ...FAULTS, events: 4, calls: 4, cut: 2, deaf: 1 },
  deaths: { ...FAULTS, kill: 10, terminate: 2, 'ledger-fails': 2 },
  people: {
    ...FAULTS,
    stop: 4,
    restart: 2,
    remove: 2,
    freeze: 3,
    deploy: 4,
    'stop-all': 0.5,
    pause: 3,
    ask: 3,
    scale: 2,
  },
  load: {
    ...FAULTS,
    load: 10,
    scale: 2,
    deploy: 2,
    'queues-away': 1,
    kill: 3,
    calls: 1,
    events: 1,
    freeze: 1,
    pause: 1,
  },
  alerts: {
    ...FAULTS,
    errs: 14,
    deliveries: 4,
    'alertmanager-away': 3,
    kill: 4,
    terminate: 0.5,
    'ledger-fails': 1,
    answers: 1,
    deploy: 1,
    pause: 1,
    calls: 1,
  },
  approvals: {
    ...FAULTS,
    ill: 14,
    errs: 2,
    answers: 8,
    kill: 4,
    terminate: 0.5,
    'ledger-fails': 1,
    deploy: 3,
    pause: 3,
    ask: 2,
    restart: 1,
  },
  host: { ...FAULTS, 'engine-away': 4, clock: 3, storm: 2, cut: 1, calls: 1 },
  everything: {
    ...FAULTS,
    stop: 2,
    restart: 1,
    remove: 1,
    freeze: 1,
    deploy: 2,
    'stop-all': 0.3,
    pause: 1,
    ask: 1,
    events: 2,
    calls: 2,
    cut: 1,
    deaf: 0.5,
    'engine-away': 1,
    kill: 3,
    terminate: 0.5,
    'ledger-fails': 0.5,
    clock: 1,
    storm: 0.5,
    load: 2,
    scale: 1,
    'queues-away': 0.3,
    errs: 3,
    deliveries: 1,
    'alertmanager-away': 0.5,
    answers: 2,
  },
} as const satisfies Readonly<Record<string, Profile>>;

export type ProfileName = keyof typeof PROFILES;

export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[];

/** Trouble begins in the first part of a day; what is left of it is for getting well. */
const TROUBLED: Duration = hours(14);
const LONGEST: Duration = hours(1);
/** From any moment of trouble to some hours before the next night. */
const NIGHT: Duration = hours(25);

/** The same for the same seed, profile and days. */
export function planFor(seed: number, profile: ProfileName, days: number): Plan {
  const dice = new Dice(seed);
  const services = someServices(dice.fork(), profile);
  const env = someSettings(dice.fork());
  const happenings = Array.from({ length: days }, (_, day) => aDay(hours(24) * day, profile, services, dice.fork()));
  // Drawn last, so that profiles without them are what they were before there were any.
  const more = dice.fork();
  return {
    seed,
    days,
    env,
    services: alertedServices(services, profile, more),
    alertmanager: more.pick(PACES),
    happenings: happenings.flat(),
  };
}

function someSettings(dice: Dice): Readonly<Record<string, string>> {
  return {
    WATCHDOG_INTERVAL: dice.pick(['30s', '1m', '2m']),
    MAX_RESTART_ATTEMPTS: dice.pick(['2', '3', '4']),
    RESTART_COOLDOWN: dice.pick(['30s', '2m', '5m']),
    WATCHDOG_MAX_PARALLEL: dice.pick(['1', '2', '8']),
    WATCHDOG_STORM_LIMIT: dice.pick(['4 per 10m', '12 per 10m', '60 per 10m']),
  };
}

function aDay(from: Duration, profile: ProfileName, services: readonly ServicePlan[], dice: Dice): Happening[] {
  const happenings = Array.from({ length: dice.between(4, 24) }, () => {
    const at = from + dice.between(seconds(200), TROUBLED);
    return oneOf(pickKind(PROFILES[profile], dice), at, services, dice);
  });
  return happenings.sort((a, b) => a.at - b.at);
}

function pickKind(profile: Profile, dice: Dice): Kind {
  const entries = Object.entries(profile) as [Kind, number][];
  let left = dice.roll() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [kind, weight] of entries) {
    left -= weight;
    if (left < 0) return kind;
  }
  return 'crash';
}

const CURES: readonly Cure[] = [1, 1, 1, 2, 3, 'never'];

function oneOf(kind: Kind, at: Duration, services: readonly ServicePlan[], dice: Dice): Happening {
  const plan = dice.pick(services);
  const of = { service: plan.service, number: dice.between(1, plan.replicas) };
  const lasts = dice.pick([seconds(20), minutes(2), minutes(10), LONGEST]);
  switch (kind) {
    case 'crash':
    case 'errs':
    case 'ill': {
      const cure = dice.pick(CURES);
      // Some of what nobody can heal is there for the night as well.
      const night = dice.chance(0.3) ? NIGHT : lasts;
      const more = { at, ...of, cure, lasts: cure === 'never' ? night : NIGHT };
      return kind !== 'crash' ? { kind, ...more } : { kind, exitCode: dice.pick([0, 1, 137]), ...more };
    }
    case 'out-of-memory':
    case 'leak':
      return { kind, at, ...of };
    case 'stop':
    case 'restart':
    case 'remove':
    case 'freeze':
      return { kind, at, ...of, lasts };
    case 'load':
    case 'scale':
      return ofASize(kind, at, lasts, services, dice);
    case 'deploy':
      return { kind, at, service: of.service, lasts: dice.pick([seconds(8), seconds(40), minutes(2)]) };
    case 'ask':
      return { kind, at, service: of.service };
    case 'pause':
      return { kind, at, service: dice.chance(0.3) ? undefined : of.service, lasts };
    default:
      return ofTheHost(kind, at, lasts, dice);
  }
}

const EVENT_FARES: readonly EventFare[] = ['lost', 'doubled', 'late', 'reordered'];
const CALL_FARES: readonly CallFare[] = ['fails', 'fails after the deed', 'hangs', 'hangs after the deed', 'slow'];

const DELIVERY_FARES: readonly DeliveryFare[] = ['lost', 'answer lost', 'doubled', 'late'];
const MANNERS: readonly Manner[] = ['yes', 'yes', 'no', 'silence', 'yes twice', 'yes and no'];
/** The last one is too late: a question waits for two hours. */
const AFTER: readonly Duration[] = [seconds(10), minutes(5), minutes(50), hours(3)];

type OfTheHost = Exclude<
  Kind,
  | 'crash'
  | 'ill'
  | 'errs'
  | 'out-of-memory'
  | 'leak'
  | 'stop'
  | 'restart'
  | 'remove'
  | 'freeze'
  | 'deploy'
  | 'ask'
  | 'pause'
  | 'load'
  | 'scale'
>;

/** Of those that are scaled; nothing of a service that there is not. */
function ofASize(
  kind: 'load' | 'scale',
  at: Duration,
  lasts: Duration,
  services: readonly ServicePlan[],
  dice: Dice,
): Happening {
  const scaled = services.filter(service => service.scaled !== undefined);
  const { service, scaled: size } = dice.pick(scaled.length > 0 ? scaled : services);
  const max = size?.max ?? 1;
  return kind === 'load'
    ? { kind, at, service, level: dice.pick([0.5, 1.5, max - 0.5, max + 1]), lasts }
    : { kind, at, service, to: dice.between(size?.min ?? 1, max + 1) };
}

function ofTheHost(kind: OfTheHost, at: Duration, lasts: Duration, dice: Dice): Happening {
  switch (kind) {
    case 'events':
      return { kind, at, fare: dice.pick(EVENT_FARES), share: dice.pick([0.2, 0.6, 1]), lasts };
    case 'calls':
      return { kind, at, fare: dice.pick(CALL_FARES), share: dice.pick([0.1, 0.4, 0.9]), lasts };
    case 'deliveries':
      return { kind, at, fare: dice.pick(DELIVERY_FARES), share: dice.pick([0.2, 0.6, 1]), lasts };
    case 'alertmanager-away':
      return { kind, at, forgets: dice.chance(0.5), lasts };
    case 'answers':
      return { kind, at, manner: dice.pick(MANNERS), after: dice.pick(AFTER) };
    case 'engine-away':
      return { kind, at, containers: dice.pick(['go on', 'end', 'outlive it']), lasts };
    case 'kill':
      return { kind, at, steps: dice.between(1, 60), phase: dice.pick(['before', 'after']), lasts };
    case 'clock':
      return { kind, at, by: dice.pick([-1, 1]) * dice.pick([seconds(2), minutes(1), hours(1)]) };
    case 'storm':
      return { kind, at, cure: dice.pick(CURES.slice(0, 4)) };
    case 'cut':
      return { kind, at };
    default:
      return { kind, at, lasts };
  }
}
