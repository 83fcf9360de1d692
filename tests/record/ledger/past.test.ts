import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PauseTarget } from '../../../watchdog/record/ledger/ledger.ts';
import { anIncident, anOrder, aPlace, attempted, NOON, type Place, WEB } from './a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

test('an attempt is told as the gates want to know it', () => {
  const { ledger } = place.open();
  const targets = [1, 3].map(number => ({ id: `c${number}`, name: `shop-web-${number}`, number }));

  attempted(ledger, NOON, anOrder({ targets }));

  expect(ledger.past(WEB, NOON)).toEqual({
    attempts: [
      {
        at: NOON,
        endedAt: NOON,
        outcome: 'not-healed',
        code: 'still-ill',
        strategy: 'restart',
        condition: 'unhealthy',
        replicas: [1, 3],
      },
    ],
    escalated: false,
  });
});

test('only attempts of the same service and kind count, and only those inside the window', () => {
  const { ledger } = place.open();
  attempted(ledger, NOON - 1);
  attempted(ledger, NOON);
  attempted(ledger, NOON + 1, anOrder({ service: 'db' }));
  attempted(ledger, NOON + 2, anOrder({ kind: 'starved' }));
  attempted(ledger, NOON + 3, anOrder({ project: 'other' }));

  expect(ledger.past(WEB, NOON).attempts.map(({ at }) => at)).toEqual([NOON]);
});

test.each<[string, PauseTarget, number]>([
  ['its service', { project: 'shop', service: 'web' }, 0],
  ['its project', { project: 'shop', service: undefined }, 0],
  ['everything', { project: '*', service: undefined }, 0],
  ['another service', { project: 'shop', service: 'db' }, 1],
  ['another project', { project: 'other', service: undefined }, 1],
  ['a service of that name elsewhere', { project: 'other', service: 'web' }, 1],
])('after a resume of %s its attempts before count: %#', (_what, target, counted) => {
  const { ledger } = place.open();
  attempted(ledger, NOON);

  ledger.resume(target, NOON);

  expect(ledger.past(WEB, 0).attempts).toHaveLength(counted);
});

test('an attempt in the same millisecond as the resume counts when it came after', () => {
  const { ledger } = place.open();
  attempted(ledger, NOON);
  ledger.resume({ project: 'shop', service: 'web' }, NOON);

  attempted(ledger, NOON);

  expect(ledger.past(WEB, 0).attempts).toHaveLength(1);
});

test('a resume does not unsay that people were told', () => {
  const { ledger } = place.open();
  const { id } = ledger.openIncident(anIncident(), NOON);
  ledger.moveIncident(id, 'repairing', 'the third attempt', NOON);
  ledger.moveIncident(id, 'escalated', 'three attempts failed', NOON);

  ledger.resume({ project: 'shop', service: 'web' }, NOON);
  ledger.moveIncident(id, 'repairing', 'one more attempt', NOON);

  expect(ledger.past(WEB, 0).escalated).toBe(true);
});

test('that people were told before anything was tried is no escalation yet', () => {
  const { ledger } = place.open();
  const { id } = ledger.openIncident(anIncident(), NOON);
  ledger.moveIncident(id, 'escalated', 'its log tells of an error, and it is well', NOON);
  ledger.moveIncident(id, 'repairing', 'the first attempt', NOON);

  expect(ledger.past(WEB, 0).escalated).toBe(false);
});

test('an escalation ends with its incident', () => {
  const { ledger } = place.open();
  const { id } = ledger.openIncident(anIncident(), NOON);
  ledger.moveIncident(id, 'repairing', 'the third attempt', NOON);
  ledger.moveIncident(id, 'escalated', 'three attempts failed', NOON);
  ledger.moveIncident(id, 'resolved', 'healthy again', NOON);

  ledger.openIncident(anIncident(), NOON);

  expect(ledger.past(WEB, 0).escalated).toBe(false);
});

describe('whatever happened, in whatever order, under whatever clock', () => {
  const target = fc.record({
    project: fc.constantFrom('shop', 'other'),
    service: fc.constantFrom('web', 'db'),
  });
  const step = fc.oneof(
    fc.record({ what: fc.constant('attempt' as const), target, at: fc.nat(1_000) }),
    fc.record({ what: fc.constant('resume' as const), target, wide: fc.nat(2), at: fc.nat(1_000) }),
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  const resumed = (each: Step & { what: 'resume' }): PauseTarget => ({
    project: each.wide === 2 ? '*' : each.target.project,
    service: each.wide === 0 ? each.target.service : undefined,
  });
  const covers = (whole: PauseTarget) =>
    whole.project === '*' || (whole.project === 'shop' && (whole.service ?? 'web') === 'web');

  test('exactly the attempts after the last resume and inside the window count', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.nat(1_000), (steps, since) => {
        const own = aPlace();
        try {
          const { ledger } = own.open();
          let expected: number[] = [];
          for (const each of steps) {
            if (each.what === 'attempt') {
              attempted(ledger, each.at, anOrder(each.target));
              if (each.target.project === 'shop' && each.target.service === 'web') expected.push(each.at);
            } else {
              ledger.resume(resumed(each), each.at);
              if (covers(resumed(each))) expected = [];
            }
          }

          const counted = ledger.past(WEB, since).attempts.map(({ at }) => at);

          expect(counted).toEqual(expected.filter(at => at >= since));
        } finally {
          own.remove();
        }
      }),
      { numRuns: 60 },
    );
  });
});
