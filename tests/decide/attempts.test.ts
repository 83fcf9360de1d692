import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { backoffDelay, coolingUntil, failuresInARow } from '../../watchdog/decide/attempts.ts';
import { draftOrder } from '../../watchdog/decide/draft-order.ts';
import { backoff } from '../../watchdog/decide/gates/backoff.ts';
import { cooldown } from '../../watchdog/decide/gates/cooldown.ts';
import type { Case } from '../../watchdog/domain/decision.ts';
import type { Attempt } from '../../watchdog/domain/repair.ts';
import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { aCase, ago, anAttempt, anIncident, aPlaybook, aPolicy, later, NOON } from '../fakes/a-service.ts';
import { oldestFirst, someAttempt, somePolicy } from './a-case.ts';

const healed = (at: number, ...replicas: number[]): Attempt =>
  anAttempt({ at, outcome: 'healed', code: 'proven', replicas });
const underWay = (at: number): Attempt => anAttempt({ at, endedAt: undefined, outcome: undefined, code: '' });
const pastOf = (...attempts: Attempt[]) => ({ attempts, escalated: false });

describe('failures in a row', () => {
  test.each<[string, Attempt[], number]>([
    ['are none where nothing was tried', [], 0],
    ['are all attempts where none healed', [anAttempt(), anAttempt(), anAttempt()], 3],
    ['count however a repair failed', [anAttempt({ outcome: 'failed' }), anAttempt({ outcome: 'interrupted' })], 2],
    ['begin anew after one that healed', [anAttempt(), healed(ago('10m'), 1), anAttempt()], 1],
    ['are none right after one that healed', [anAttempt(), healed(ago('10m'), 1)], 0],
    ['do not count one that is under way', [anAttempt(), underWay(ago('1m'))], 1],
  ])('%s', (_sentence, attempts, count) => {
    expect(failuresInARow(pastOf(...attempts))).toHaveLength(count);
  });
});

describe('a replica cools down', () => {
  test.each<[string, Attempt[], number | undefined]>([
    ['from the end of the repair that healed it', [healed(ago('2m'), 1)], ago('2m') + seconds(5) + minutes(5)],
    ['not after one that did not heal it', [anAttempt({ at: ago('2m') })], undefined],
    ['not after one that healed another', [healed(ago('2m'), 2)], undefined],
    ['not any more when its time has come', [healed(ago('5m') - seconds(5), 1)], undefined],
    [
      'still, although a later repair of it failed',
      [healed(ago('2m'), 1), anAttempt({ at: ago('1m') })],
      later('3m') + seconds(5),
    ],
    ['from an end that a clock set back by a little has put ahead', [healed(later('1m'), 1)], later('6m') + seconds(5)],
    ['not for the hours by which the clock was set back', [healed(later('2h'), 1)], undefined],
    [
      'from what has happened since the clock was set back',
      [healed(later('2h'), 1), healed(ago('1m'), 1)],
      later('4m') + seconds(5),
    ],
    ['from the latest of several', [healed(ago('4m'), 1), healed(ago('1m'), 1, 2)], later('4m') + seconds(5)],
  ])('%s', (_sentence, attempts, until) => {
    expect(coolingUntil(1, aCase({ past: pastOf(...attempts) }), minutes(5))).toBe(until);
  });

  test('also after a repair that healed it of other trouble, as long as for one of its own', () => {
    const facts = aCase({ otherAttempts: [healed(ago('2m'), 1)] });

    expect(coolingUntil(1, facts, minutes(5))).toBe(later('3m') + seconds(5));
    expect(coolingUntil(2, facts, minutes(5))).toBeUndefined();
  });

  test('and the host as a whole, for it has no replicas', () => {
    const facts = aCase({ past: pastOf(anAttempt({ at: ago('2m'), outcome: 'healed', replicas: [] })) });

    expect(coolingUntil(undefined, facts, minutes(5))).toBe(later('3m') + seconds(5));
  });
});

const patientsOf = (numbers: readonly number[]) =>
  numbers.map(number => ({ id: `shop-web-${number}-id`, name: `shop-web-${number}`, number }));

/** What the cooldown gate says to the order that is drafted for this case. */
const cooling = (facts: Case) => cooldown.objection(facts, draftOrder(facts));

describe('the cooldown', () => {
  const quiet = fc.integer({ min: 1, max: hours(2) });
  const anywhere = fc.double({ min: 0, max: 2, noNaN: true });

  test('of a service of one replica lets nothing through before its end, and lets it through from then on', () => {
    fc.assert(
      fc.property(quiet, anywhere, fc.boolean(), (length, share, byPlaybook) => {
        const attempt = healed(ago('1d'), 1);
        const end = (attempt.endedAt ?? 0) + length;
        const now = Math.round((attempt.endedAt ?? 0) + share * length);
        const facts = {
          past: pastOf(attempt),
          policy: aPolicy({ cooldown: byPlaybook ? hours(5) : length }),
          playbook: aPlaybook({ cooldown: byPlaybook ? length : undefined }),
        };

        for (const at of [now, end - 1, end])
          expect(cooling(aCase({ ...facts, now: at }))?.until).toBe(at < end ? end : undefined);
      }),
    );
  });

  test('is every replica’s own: an order is for just those whose cooldown is over, and waits only while all cool', () => {
    fc.assert(
      fc.property(
        fc.array(someAttempt, { maxLength: 6 }).map(oldestFirst),
        fc.subarray([1, 2, 3], { minLength: 1 }),
        quiet,
        (attempts, ill, length) => {
          const facts = aCase({
            incident: anIncident({ patients: patientsOf(ill) }),
            past: pastOf(...attempts),
            policy: aPolicy({ cooldown: length }),
          });
          const ends = ill.map(number => {
            // Of two side by side the one that was begun last may end first.
            const healings = attempts.filter(
              ({ outcome, replicas }) => outcome === 'healed' && replicas.includes(number),
            );
            return Math.max(0, ...healings.map(({ endedAt = 0 }) => endedAt)) + length;
          });
          const over = ill.filter((_, i) => (ends[i] ?? 0) <= NOON);

          const order = draftOrder(facts);

          expect(order?.targets.map(({ number }) => number)).toEqual(over.length === 0 ? ill : over);
          expect(cooling(facts)?.until).toBe(over.length === 0 ? Math.min(...ends) : undefined);
        },
      ),
    );
  });
});

describe('the backoff', () => {
  const settings = somePolicy.map(policy => policy.backoff);
  const failures = fc.integer({ min: 1, max: 200 });
  const jitter = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test('waits for its base at least, for a fifth more at most, and is capped', () => {
    fc.assert(
      fc.property(settings, failures, jitter, (setting, n, drawn) => {
        const base = Math.min(setting.initial * setting.factor ** (n - 1), setting.max);
        const delay = backoffDelay(n, setting, drawn);

        // In whole milliseconds.
        expect(delay).toBeGreaterThanOrEqual(Math.round(base));
        expect(delay).toBeLessThanOrEqual(Math.round(base * 1.2));
        expect(Number.isSafeInteger(delay)).toBe(true);
      }),
    );
  });

  test('waits for its initial delay after the first failure, and for as much as before or more after each further one', () => {
    fc.assert(
      fc.property(settings, failures, jitter, (setting, n, drawn) => {
        expect(backoffDelay(1, setting, 0)).toBe(Math.min(setting.initial, setting.max));
        expect(backoffDelay(n + 1, setting, drawn)).toBeGreaterThanOrEqual(backoffDelay(n, setting, drawn));
      }),
    );
  });

  test('grows by its factor until it is capped', () => {
    const setting = { initial: seconds(10), factor: 2, max: minutes(1) };

    expect([1, 2, 3, 4, 5].map(n => backoffDelay(n, setting, 0) / 1_000)).toEqual([10, 20, 40, 60, 60]);
    expect(backoffDelay(2, setting, 0.5)).toBe(seconds(22));
  });

  test('lets nothing through before its end, counted from the end of the last failure, and lets it through from then on', () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 6 }), jitter, (setting, n, drawn) => {
        const attempts = Array.from({ length: n }, (_, i) => anAttempt({ at: ago('1h') + seconds(i) }));
        const end = (attempts.at(-1)?.endedAt ?? 0) + backoffDelay(n, setting, drawn);
        const facts = { past: pastOf(...attempts), policy: aPolicy({ backoff: setting }), jitter: drawn };

        expect(backoff.objection(aCase({ ...facts, now: end - 1 }), undefined)?.until).toBe(end);
        expect(backoff.objection(aCase({ ...facts, now: end }), undefined)).toBeUndefined();
      }),
    );
  });
});
