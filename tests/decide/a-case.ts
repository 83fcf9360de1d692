import * as fc from 'fast-check';
import type { Case } from '../../watchdog/domain/decision.ts';
import type { Attempt } from '../../watchdog/domain/repair.ts';
import type { Dependency, Replica, Service } from '../../watchdog/domain/service.ts';
import { type Duration, hours, minutes } from '../../watchdog/domain/time.ts';
import { aSize } from '../fakes/a-scaling.ts';
import {
  aCase,
  aHealthyReplica,
  anAttempt,
  anIncident,
  aPlaybook,
  aPolicy,
  aService,
  aStack,
  NOON,
} from '../fakes/a-service.ts';

/** Names that every object has as well, beside two that none has. */
const names = fc.constantFrom('db', 'cache', 'constructor', '__proto__', 'toString', 'hasOwnProperty');

const past = (longest: Duration) => fc.integer({ min: 0, max: longest }).map(ago => NOON - ago);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const seldom = <T>(usually: T, otherwise: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: fc.constant(usually), weight: 3 }, { arbitrary: otherwise, weight: 1 });

/** An attempt that is over, or is under way. */
export const someAttempt: fc.Arbitrary<Attempt> = fc
  .record({
    at: past(hours(3)),
    took: maybe(fc.integer({ min: 0, max: minutes(5) })),
    outcome: fc.constantFrom('healed', 'not-healed', 'failed', 'interrupted' as const),
    code: fc.constantFrom('still-unhealthy', 'wedged', 'engine-error'),
    replicas: fc.subarray([1, 2, 3], { minLength: 1 }),
  })
  .map(({ at, took, outcome, code, replicas }) =>
    took === undefined
      ? anAttempt({ at, endedAt: undefined, outcome: undefined, code: '', replicas })
      : // What has ended has ended before now.
        anAttempt({ at: at - took, endedAt: at, outcome, code: outcome === 'healed' ? 'proven' : code, replicas }),
  );

export const oldestFirst = (attempts: readonly Attempt[]): readonly Attempt[] =>
  attempts.toSorted((a, b) => a.at - b.at);

export const somePolicy = fc
  .record({
    maxAttempts: fc.integer({ min: 1, max: 5 }),
    window: fc.integer({ min: minutes(1), max: hours(2) }),
    cooldown: fc.integer({ min: 0, max: hours(1) }),
    backoff: fc.record({
      initial: fc.integer({ min: 1, max: minutes(5) }),
      factor: fc.double({ min: 1, max: 100, noNaN: true }),
      max: fc.integer({ min: 0, max: hours(1) }),
    }),
    onStop: fc.constantFrom('repair', 'respect' as const),
    enabled: seldom(true, fc.constant(false)),
    mode: seldom<'repair' | 'observe'>('repair', fc.constant('observe')),
    problems: seldom<readonly string[]>([], fc.constant(['label auto_repair.cooldown cannot be read'])),
  })
  .map(aPolicy);

const someReplica = (service: string, number: number): fc.Arbitrary<Replica> =>
  fc
    .record({
      health: fc.constantFrom('healthy', 'unhealthy', 'starting' as const),
      state: seldom<Replica['state']>('running', fc.constantFrom('exited', 'paused', 'created')),
      exitCode: fc.constantFrom(0, 1),
      labels: seldom<Replica['labels']>({}, fc.constant({ 'compose-watchdog.self': 'true' })),
      startedAt: past(hours(2)),
    })
    .map(({ startedAt, ...found }) => aHealthyReplica({ service, number, ...found, inspected: { startedAt } }));

const someDependency: fc.Arbitrary<Dependency> = fc.record({
  service: names,
  condition: fc.constantFrom('started', 'healthy', 'completed' as const),
  restart: fc.boolean(),
});

const someService = (service: string): fc.Arbitrary<Service> =>
  fc
    .record({
      replicas: fc.tuple(someReplica(service, 1), someReplica(service, 2), someReplica(service, 3)),
      count: fc.integer({ min: 1, max: 3 }),
      dependencies: fc.array(someDependency, { maxLength: 2 }),
    })
    .map(({ replicas, count, dependencies }) =>
      aService({ service, replicas: replicas.slice(0, count), dependencies }),
    );

const someIncident = (web: Service) =>
  fc.record({
    condition: fc.constantFrom('unhealthy', 'exited', 'never-started', 'probe-broken' as const),
    since: past(hours(1)),
    stoppedByHandAt: seldom(undefined, past(hours(1))),
    patients: fc.subarray(
      web.replicas.map(({ id, name, number }) => ({ id, name, number })),
      { minLength: 1 },
    ),
  });

/** What stands: shop/web, ill, perhaps with a service that it depends on. */
const someStack = fc
  .tuple(someService('web'), maybe(names.chain(someService)))
  .chain(([web, other]) =>
    fc.record({ web: fc.constant(web), other: fc.constant(other), incident: someIncident(web) }),
  );

/** Any case of shop/web, also such as hardly come together. Now is NOON. */
export const someCase: fc.Arbitrary<Case> = fc
  .record({
    stood: someStack,
    lastDeployAt: seldom(undefined, past(minutes(1))),
    attempts: fc.array(someAttempt, { maxLength: 6 }).map(oldestFirst),
    escalated: fc.boolean(),
    policy: somePolicy,
    strategy: seldom('restart', fc.oneof(names, fc.constantFrom('wipe', 'prune-host', 'scale'))),
    size: maybe(fc.constantFrom(aSize(), aSize({ obstacle: 'container_name: web fixes its name' }))),
    ailing: fc.boolean(),
    attack: seldom(undefined, fc.constant('7')),
    asked: seldom<Case['asked']>(undefined, fc.record({ strategy: names }, { requiredKeys: [] })),
    allowed: fc.boolean(),
    pausedFor: seldom<number | undefined | null>(null, maybe(fc.integer({ min: 1, max: hours(1) }))),
    selfId: seldom<string | undefined>(undefined, fc.constantFrom('shop-web-1-id', 'shop-web-2-id')),
    projects: seldom<readonly string[] | '*'>('*', fc.constantFrom(['shop'], ['other'], [])),
    repairs: fc.array(past(minutes(20)), { maxLength: 5 }).map(ats => ats.toSorted((a, b) => a - b)),
    beyondRepair: fc.array(names, { maxLength: 2 }),
    underRepair: seldom<string[]>([], fc.array(names, { maxLength: 2 })),
    jitter: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  })
  .map(({ stood: { web, other, incident }, strategy, attempts, escalated, ...found }) =>
    aCase({
      service: web,
      stack: aStack(
        other === undefined ? [web] : [web, other],
        found.lastDeployAt === undefined ? {} : { lastDeployAt: found.lastDeployAt },
      ),
      incident: anIncident(incident),
      past: { attempts, escalated },
      policy: found.policy,
      playbook: aPlaybook({ ladder: [{ strategy, with: {} }] }),
      asked: found.asked as Case['asked'],
      consent: { ...aCase().consent, beforehand: found.allowed ? ['wipe', 'prune-host'] : [] },
      size: found.size,
      ailing: found.ailing,
      attack: found.attack,
      onService: ['scale'],
      dangers: { ...aCase().dangers, scale: 'service' },
      pause:
        found.pausedFor === null
          ? undefined
          : { by: 'person', until: found.pausedFor === undefined ? undefined : NOON + found.pausedFor, reason: '' },
      scope: { projects: found.projects, selfId: found.selfId },
      host: { repairsInStormWindow: found.repairs, stormLimit: 3, stormWindow: minutes(10) },
      beyondRepair: found.beyondRepair,
      underRepair: found.underRepair,
      jitter: found.jitter,
    }),
  );
