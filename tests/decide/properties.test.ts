import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { backoffDelay } from '../../watchdog/decide/attempts.ts';
import { decide, explainGates } from '../../watchdog/decide/decide.ts';
import { gates } from '../../watchdog/decide/gates.ts';
import type { Case } from '../../watchdog/domain/decision.ts';
import type { Attempt } from '../../watchdog/domain/repair.ts';
import { type Duration, hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { aCase, aHealthyReplica, anIncident, aPolicy, aService, aStack, NOON } from '../fakes/a-service.ts';

const upTo = (longest: Duration) => fc.integer({ min: 0, max: longest });

const policies = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 5 }),
  window: fc.integer({ min: minutes(1), max: hours(2) }),
  cooldown: upTo(hours(1)),
  backoff: fc.record({
    initial: fc.integer({ min: 1, max: minutes(5) }),
    factor: fc.integer({ min: 1, max: 5 }),
    max: fc.integer({ min: seconds(1), max: hours(1) }),
  }),
});

const attempts: fc.Arbitrary<readonly Attempt[]> = fc
  .array(
    fc.record({
      ago: upTo(hours(4)),
      took: upTo(minutes(5)),
      outcome: fc.constantFrom('healed', 'not-healed', 'failed', 'interrupted' as const),
      code: fc.constantFrom('proven', 'still-unhealthy', 'wedged', 'engine-error', 'crash'),
      replicas: fc.subarray([1, 2, 3], { minLength: 1 }),
    }),
    { maxLength: 8 },
  )
  .map(found =>
    found
      .map(({ ago, took, ...rest }) => ({
        ...rest,
        at: NOON - ago - took,
        endedAt: NOON - ago,
        strategy: 'restart',
        condition: 'unhealthy' as const,
      }))
      .sort((a, b) => a.at - b.at),
  );

const hostile = fc.constantFrom('db', 'cache', 'constructor', '__proto__', 'toString', 'hasOwnProperty');

/** Any case at all: also such as never come together. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    policy: policies,
    enabled: fc.boolean(),
    mode: fc.constantFrom('repair', 'observe' as const),
    attempts,
    escalated: fc.boolean(),
    condition: fc.constantFrom('unhealthy', 'exited', 'never-started', 'probe-broken' as const),
    strategy: fc.oneof(fc.constantFrom('restart', 'wipe', 'prune-host'), hostile),
    byHand: fc.option(upTo(hours(1)), { nil: undefined }),
    deployed: fc.option(upTo(minutes(1)), { nil: undefined }),
    pause: fc.option(fc.option(upTo(hours(1)), { nil: undefined }), { nil: null }),
    storm: fc.array(upTo(minutes(20)), { maxLength: 6 }),
    dependency: fc.option(fc.tuple(hostile, fc.constantFrom('healthy', 'unhealthy', 'starting' as const)), {
      nil: undefined,
    }),
    asked: fc.option(fc.record({ strategy: hostile }), { nil: undefined }),
    jitter: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  })
  .map(facts => {
    const dependencies = facts.dependency
      ?.slice(0, 1)
      .map(service => ({ service, condition: 'started', restart: false }));
    const web = aService({
      replicas: [aHealthyReplica({ health: 'unhealthy' })],
      dependencies: (dependencies ?? []) as never,
    });
    const [name = 'db', health = 'healthy'] = facts.dependency ?? [];
    const db = aService({ service: name, replicas: [aHealthyReplica({ service: name, health: health as never })] });
    return aCase({
      incident: anIncident({
        condition: facts.condition,
        stoppedByHandAt: facts.byHand === undefined ? undefined : NOON - facts.byHand,
      }),
      service: web,
      stack: aStack([web, db], facts.deployed === undefined ? {} : { lastDeployAt: NOON - facts.deployed }),
      past: { attempts: facts.attempts, escalated: facts.escalated },
      policy: aPolicy({ ...facts.policy, enabled: facts.enabled, mode: facts.mode }),
      playbook: { ...aCase().playbook, ladder: [{ strategy: facts.strategy, with: {} }] } as Case['playbook'],
      host: {
        repairsInStormWindow: facts.storm.map(ago => NOON - ago).sort((a, b) => a - b),
        stormLimit: 4,
        stormWindow: minutes(10),
      },
      pause:
        facts.pause === null
          ? undefined
          : { by: 'person', until: facts.pause === undefined ? undefined : NOON + 1 + facts.pause, reason: '' },
      asked: facts.asked,
      jitter: facts.jitter,
    });
  });

const holds = (property: fc.IProperty<[Case]>) => fc.assert(property, { numRuns: 500 });

describe('in any case at all', () => {
  test('there is an answer, and it names a code, a sentence and a strategy that exists', () => {
    holds(
      fc.property(cases, facts => {
        const decision = decide(facts);
        if (decision.verdict === 'go') expect(Object.keys(facts.dangers)).toContain(decision.order.strategy);
        else expect(decision.objection.because.length).toBeGreaterThan(10);
      }),
    );
  });

  test('nobody is told to look again in the past', () => {
    holds(
      fc.property(cases, facts => {
        for (const { objection } of explainGates(facts).answers)
          if (objection?.until !== undefined) expect(objection.until).toBeGreaterThan(facts.now);
      }),
    );
  });

  test('once its time has come a gate does not object again, as long as nothing else has changed', () => {
    holds(
      fc.property(cases, facts => {
        for (const gate of gates) {
          const until = gate.objection(facts, explainGates(facts).order)?.until;
          // Each look makes the order anew; a pause that is over is no longer handed in.
          const then = { ...facts, now: until ?? 0, pause: undefined };
          // A question that nobody has answered by then is left to people.
          if (until !== undefined && gate.code !== 'operator-stop' && gate.code !== 'approval')
            expect([gate.code, gate.objection(then, explainGates(then).order)]).toEqual([gate.code, undefined]);
        }
      }),
    );
  });

  test('what is opted out, only observed or paused is never touched, asked for or not', () => {
    holds(
      fc.property(cases, facts => {
        fc.pre(!facts.policy.enabled || facts.policy.mode === 'observe' || facts.pause !== undefined);
        expect(decide(facts).verdict).toBe('stand-back');
      }),
    );
  });

  test('what touches data or the host needs a yes', () => {
    holds(
      fc.property(cases, facts => {
        const decision = decide(facts);
        if (decision.verdict === 'go') expect(['none', 'service']).toContain(facts.dangers[decision.order.strategy]);
      }),
    );
  });

  test('a person is held back only by the gates that protect, never by those that pace', () => {
    holds(
      fc.property(cases, facts => {
        fc.pre(facts.asked !== undefined);
        const decision = decide(facts);
        const protecting = gates.filter(({ evenWhenAsked }) => evenWhenAsked).map(({ code }) => code);
        if (decision.verdict === 'stand-back') expect(protecting).toContain(decision.objection.code);
        expect(protecting).toEqual([
          'ourselves',
          'out-of-scope',
          'evidence',
          'opt-out',
          'observe-only',
          'paused',
          'sizing',
          'no-change',
          'approval',
        ]);
      }),
    );
  });
});

describe('the backoff', () => {
  const backoff = policies.map(policy => policy.backoff);
  const jitter = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const failures = fc.integer({ min: 1, max: 40 });

  test('is at least its base and less than a fifth above it, and never more than a fifth above its cap', () => {
    fc.assert(
      fc.property(backoff, failures, jitter, (policy, n, spread) => {
        const base = backoffDelay(n, policy, 0);
        const delay = backoffDelay(n, policy, spread);
        expect(base).toBeLessThanOrEqual(policy.max);
        expect(delay).toBeGreaterThanOrEqual(base);
        // Rounded to milliseconds.
        expect(delay).toBeLessThanOrEqual(Math.ceil(base * 1.2));
      }),
    );
  });

  test('begins with its initial delay and never gets shorter', () => {
    fc.assert(
      fc.property(backoff, failures, jitter, (policy, n, spread) => {
        expect(backoffDelay(1, policy, 0)).toBe(Math.min(policy.initial, policy.max));
        expect(backoffDelay(n + 1, policy, spread)).toBeGreaterThanOrEqual(backoffDelay(n, policy, spread));
      }),
    );
  });
});
