import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { backoffDelay } from '../../watchdog/decide/attempts.ts';
import { decide } from '../../watchdog/decide/decide.ts';
import type { Case } from '../../watchdog/domain/decision.ts';
import type { Attempt, Past } from '../../watchdog/domain/repair.ts';
import { type Duration, hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { aCase, anIncident, aPolicy, aReplica, aService, aStack, NOON } from '../fakes/a-service.ts';

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

describe('a service looked at again and again, whatever comes of its repairs', () => {
  const looks = fc.array(
    fc.record({
      after: fc.oneof(upTo(seconds(5)), upTo(minutes(2)), upTo(hours(1))),
      takes: upTo(minutes(2)),
      outcome: fc.constantFrom('healed', 'not-healed', 'failed', 'interrupted' as const),
      jitter: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    }),
    { minLength: 1, maxLength: 120 },
  );

  /** Walks through the looks as the road would, with the ledger's memory. @returns every attempt that was let go. */
  function walk(policy: Case['policy'], steps: readonly LookStep[]) {
    const attempts: Attempt[] = [];
    const halfOpen: Attempt[] = [];
    let escalated = false;
    let now = NOON;
    for (const step of steps) {
      now += step.after;
      const past: Past = { attempts: [...attempts], escalated };
      const decision = decide(aCase({ policy, past, now, jitter: step.jitter }));
      if (decision.verdict === 'stand-back') {
        if (decision.objection.code === 'attempt-cap') escalated = true;
        continue;
      }
      const endedAt = now + step.takes;
      const attempt: Attempt = {
        at: now,
        endedAt,
        outcome: step.outcome,
        code: step.outcome,
        strategy: 'restart',
        condition: 'unhealthy',
        replicas: [1],
      };
      attempts.push(attempt);
      if (escalated) halfOpen.push(attempt);
      now = endedAt;
      // A repair that worked closes the incident, and with it the escalation.
      if (step.outcome === 'healed') escalated = false;
    }
    return { attempts, halfOpen };
  }

  const walks = (check: (policy: Case['policy'], walked: ReturnType<typeof walk>) => void) =>
    fc.assert(
      fc.property(policies, looks, (differing, steps) => {
        const policy = aPolicy(differing);
        check(policy, walk(policy, steps));
      }),
      { numRuns: 300 },
    );

  test('is never repaired more often than the cap in any window', () => {
    walks((policy, { attempts }) => {
      for (const { at } of attempts) {
        const inWindow = attempts.filter(other => other.at > at - policy.window && other.at <= at);
        expect(inWindow.length).toBeLessThanOrEqual(policy.maxAttempts);
      }
    });
  });

  test('is given one attempt at a time once people were told', () => {
    walks((policy, { attempts, halfOpen }) => {
      for (const { at } of halfOpen)
        expect(attempts.filter(other => other.at > at - policy.window && other.at < at)).toEqual([]);
    });
  });

  test('is never repaired within the cooldown of a repair that worked', () => {
    walks((policy, { attempts }) => {
      for (const [n, { at }] of attempts.entries()) {
        const before = attempts[n - 1];
        if (before?.outcome === 'healed') expect(at).toBeGreaterThanOrEqual((before.endedAt ?? 0) + policy.cooldown);
      }
    });
  });

  test('is never repaired within the backoff after one that failed', () => {
    walks((policy, { attempts }) => {
      let failures = 0;
      for (const [n, { at }] of attempts.entries()) {
        const before = attempts[n - 1];
        failures = before === undefined || before.outcome === 'healed' ? 0 : failures + 1;
        if (failures > 0)
          expect(at).toBeGreaterThanOrEqual((before?.endedAt ?? 0) + backoffDelay(failures, policy.backoff, 0));
      }
    });
  });
});

interface LookStep {
  readonly after: Duration;
  readonly takes: Duration;
  readonly outcome: 'healed' | 'not-healed' | 'failed' | 'interrupted';
  readonly jitter: number;
}

test('however many services fall ill, the storm budget of the host is never exceeded', () => {
  fc.assert(
    fc.property(fc.array(upTo(minutes(3)), { maxLength: 80 }), fc.integer({ min: 1, max: 10 }), (waits, stormLimit) => {
      const begun: number[] = [];
      let now = NOON;
      for (const wait of waits) {
        now += wait;
        const repairsInStormWindow = begun.filter(at => at >= now - minutes(10));
        const host = { repairsInStormWindow, stormLimit, stormWindow: minutes(10) };
        if (decide(aCase({ now, host })).verdict === 'go') begun.push(now);
      }
      for (const at of begun)
        expect(begun.filter(other => other > at - minutes(10) && other <= at).length).toBeLessThanOrEqual(stormLimit);
    }),
  );
});

test('in any web of dependencies, somebody who is sick is always free to be repaired', () => {
  const size = 6;
  const edges = fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 20 });
  fc.assert(
    fc.property(edges, fc.array(fc.boolean(), { minLength: size, maxLength: size }), (needs, isSick) => {
      fc.pre(isSick.includes(true));
      const services = isSick.map((sick, n) =>
        aService({
          service: `s${n}`,
          replicas: [aReplica({ service: `s${n}`, ...(sick ? { state: 'exited', exitCode: 1 } : {}) })],
          dependencies: needs
            .filter(([from, to]) => from === n && to !== n)
            .map(([, to]) => ({ service: `s${to}`, condition: 'started', restart: false })),
        }),
      );
      const stack = aStack(services);
      const free = services.filter(
        (service, n) =>
          isSick[n] &&
          decide(aCase({ incident: anIncident({ service: service.service }), service, stack })).verdict === 'go',
      );
      expect(free.length).toBeGreaterThan(0);
    }),
  );
});
