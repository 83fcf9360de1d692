import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Condition } from '../../../watchdog/domain/condition.ts';
import type { Outcome } from '../../../watchdog/domain/repair.ts';
import { hours, minutes } from '../../../watchdog/domain/time.ts';
import type { Ledger } from '../../../watchdog/record/ledger/ledger.ts';
import { STATEMENTS } from '../../../watchdog/record/ledger/report-facts.ts';
import { aFinding, anIncident, anOrder, aPlace, aRefusal, NOON, type Place } from './a-ledger.ts';

let place: Place;
let ledger: Ledger;
beforeEach(() => {
  place = aPlace();
  ledger = place.open().ledger;
});
afterEach(() => place.remove());

const DAY = { since: NOON, until: NOON + hours(24) };

interface Spell {
  readonly service?: string;
  readonly condition?: Condition;
  /** When it was opened; found after 2 s. */
  readonly at: number;
  /** When it was over; undefined: still open. */
  readonly over?: number;
  readonly outcomes?: readonly Outcome[];
  readonly evidence?: Readonly<Record<string, string | number | boolean>>;
}

/** Writes one incident with its repairs, one each minute, as the road does. */
function spell({ service = 'web', condition = 'unhealthy', at, over, outcomes = [], evidence = {} }: Spell): void {
  const { id } = ledger.openIncident(anIncident({ service, condition, since: at - 2_000, evidence }), at);
  outcomes.forEach((outcome, index) => {
    const repair = ledger.beginRepair(anOrder({ service, condition }), id, at + minutes(index));
    ledger.endRepair(repair, outcome, 'proven', 'because', at + minutes(index));
  });
  if (over !== undefined) ledger.moveIncident(id, 'resolved', 'healthy again', over);
}

const refuse = (code: 'cooldown' | 'dependency', at: number, service = 'web') =>
  ledger.noteDecision(
    aRefusal({
      at,
      incident: anIncident({ service }),
      finding: aFinding({ target: { project: 'shop', service } }),
      decision: {
        verdict: 'stand-back',
        order: undefined,
        objection: { code, because: 'not now', until: undefined, tell: false },
      },
    }),
  );

describe('the report of a ledger', () => {
  test('tells changes of size from repairs, and growing from shrinking', () => {
    const { id } = ledger.openIncident(anIncident({ condition: 'mis-sized', kind: 'mis-sized' }), NOON);
    for (const [from, replicas, outcome] of [
      [1, 3, 'healed'],
      [3, 10, 'failed'],
      [3, 1, 'healed'],
    ] as const) {
      const order = anOrder({ condition: 'mis-sized', kind: 'mis-sized', strategy: 'scale', with: { from, replicas } });
      ledger.endRepair(ledger.beginRepair(order, id, NOON + 1), outcome, 'proven', 'because', NOON + 2);
    }

    expect(ledger.report(DAY, []).total).toMatchObject({
      incidents: 0,
      repairs: 0,
      scaledUp: 1,
      scaledDown: 1,
      scalingFailed: 1,
    });
  });

  test('that is empty is empty', () => {
    expect(ledger.report(DAY, [])).toMatchObject({ services: [], total: { incidents: 0, repairs: 0 } });
  });

  test('has one incident with its times, repairs and refusals', () => {
    spell({ at: NOON, over: NOON + 18_000, outcomes: ['not-healed', 'healed'] });
    refuse('cooldown', NOON + 5_000);

    expect(ledger.report(DAY, []).services).toMatchObject([
      {
        service: 'web',
        incidents: 1,
        open: 0,
        repairs: 2,
        healed: 1,
        detectedSeconds: 2,
        recoveredSeconds: 20,
        refused: { cooldown: 1 },
      },
    ]);
  });

  test('has what began or ended in the span, and not what was before or after', () => {
    spell({ service: 'before', at: NOON - hours(2), over: NOON - 1, outcomes: ['healed'] });
    spell({ service: 'ended', at: NOON - hours(2), over: NOON, outcomes: ['healed'] });
    spell({ service: 'open', at: NOON - hours(2) });
    spell({ service: 'after', at: DAY.until });

    const { services } = ledger.report(DAY, []);

    expect(services.map(({ service, incidents, open, repairs }) => ({ service, incidents, open, repairs }))).toEqual([
      { service: 'open', incidents: 0, open: 1, repairs: 0 },
      { service: 'ended', incidents: 0, open: 0, repairs: 0 },
    ]);
    expect(services[1]?.recoveredSeconds).toBe(7_202);
  });

  test('counts the same refusal in a row once, however often it was looked at', () => {
    for (let minute = 0; minute < 60; minute += 1) refuse('dependency', NOON + minutes(minute));
    refuse('cooldown', NOON + hours(2));
    refuse('dependency', NOON + hours(3));

    expect(ledger.report(DAY, []).total.refused).toEqual({ dependency: 2, cooldown: 1 });
  });

  test('does not count what a person asked for as trouble', () => {
    spell({ condition: 'asked', at: NOON, over: NOON + 1_000, outcomes: ['healed'] });

    expect(ledger.report(DAY, []).total).toMatchObject({ incidents: 0, repairs: 1 });
    expect(ledger.report(DAY, []).total.detectedSeconds).toBeUndefined();
  });

  test('knows a relapse by the hour after it was well, also when it was well before the span', () => {
    spell({ at: NOON - minutes(60), over: NOON - minutes(50) });
    spell({ at: NOON + minutes(5), over: NOON + minutes(10) });
    spell({ at: NOON + minutes(69), over: NOON + minutes(75) });
    spell({ at: NOON + minutes(135) });

    expect(ledger.report(DAY, []).total.relapses).toBe(2);
  });

  test('shows the newest evidence, and what the kernel killed', () => {
    const fault = { condition: 'exited', outcomes: ['healed'] } as const;
    spell({ ...fault, at: NOON, over: NOON + 1, evidence: { exitCode: 137, oomKilled: true } });
    spell({ ...fault, at: NOON + hours(2), over: NOON + hours(3), evidence: { exitCode: 3 } });
    spell({ ...fault, at: NOON + hours(5), over: NOON + hours(6), evidence: { exitCode: 9 } });

    const said = ledger.report(DAY, []).recommendations.map(({ rule, text }) => `${rule}: ${text}`);

    expect(said[0]).toMatch(/^out-of-memory: shop\/web was killed once/);
    expect(said[1]).toMatch(/^repaired-often: .*exit code 9/);
  });

  test('has who was given to people', () => {
    const { id } = ledger.openIncident(anIncident(), NOON);
    ledger.moveIncident(id, 'escalated', 'attempt-cap: enough', NOON + 1_000);

    expect(ledger.report(DAY, []).total).toMatchObject({ escalated: 1, open: 1 });
  });

  test.each(Object.entries(STATEMENTS))(
    'asks for the %s of its span by an index, not by reading all there are',
    (_, sql) => {
      const db = new DatabaseSync(place.file);

      const plan = db
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all({ ':since': 1, ...(sql.includes(':until') && { ':until': 2 }) });

      db.close();
      expect(plan.map(({ detail }) => detail)).toContainEqual(
        expect.stringMatching(/^SEARCH \w+ USING (COVERING )?INDEX/),
      );
      expect(plan.map(({ detail }) => detail)).not.toContainEqual(
        expect.stringMatching(/^SCAN (incident|repair|decision)$/),
      );
    },
  );

  test('adds up what can be counted one by one in the lists, for any history', () => {
    const services = fc.constantFrom('web', 'db', 'api');
    const outcome = fc.constantFrom<Outcome>('healed', 'not-healed', 'failed', 'interrupted');
    const history = fc.array(
      fc.record({
        service: services,
        wait: fc.nat(minutes(200)),
        lasts: fc.nat(minutes(90)),
        outcomes: fc.array(outcome, { maxLength: 3 }),
      }),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(history, spells => {
        const fresh = aPlace();
        try {
          ledger = fresh.open().ledger;
          let at = NOON - hours(6);
          for (const { service, wait, lasts, outcomes } of spells) {
            at += wait;
            spell({ service, at, over: at + lasts, outcomes });
            refuse('cooldown', at, service);
            at += lasts;
          }

          const { total } = ledger.report(DAY, []);

          const within = (time: number | undefined) => time !== undefined && time >= DAY.since && time < DAY.until;
          const incidents = ledger.incidents({ limit: 500 }).items;
          const repairs = ledger.repairs({ limit: 500 }).items.filter(({ startedAt }) => within(startedAt));
          const ended = incidents.filter(({ resolvedAt }) => within(resolvedAt));
          const recovery = ended.reduce((sum, { resolvedAt = 0, since }) => sum + resolvedAt - since, 0);
          expect(total.incidents).toBe(incidents.filter(({ openedAt }) => within(openedAt)).length);
          expect(total.repairs).toBe(repairs.length);
          expect(total.healed).toBe(repairs.filter(each => each.outcome === 'healed').length);
          expect(total.recoveredSeconds ?? 0).toBeCloseTo(ended.length === 0 ? 0 : recovery / ended.length / 1_000, 2);
          expect(total.refused.cooldown ?? 0).toBe(
            ledger
              .decisions({ limit: 500 })
              .items.filter(({ lastAt, firstAt }) => lastAt >= DAY.since && firstAt < DAY.until).length,
          );
        } finally {
          fresh.remove();
        }
      }),
      { numRuns: 40 },
    );
  });
});
