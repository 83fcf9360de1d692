import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Condition } from '../../../watchdog/domain/condition.ts';
import type { Outcome } from '../../../watchdog/domain/repair.ts';
import { hours } from '../../../watchdog/domain/time.ts';
import type { Ledger } from '../../../watchdog/record/ledger/ledger.ts';
import { RECOVERIES } from '../../../watchdog/record/ledger/recovery-stats.ts';
import { anIncident, anOrder, aPlace, NOON, type Place } from './a-ledger.ts';

let place: Place;
let ledger: Ledger;
beforeEach(() => {
  place = aPlace();
  ({ ledger } = place.open());
});
afterEach(() => place.remove());

const DAY = { since: NOON, until: NOON + hours(24) };

interface Attempt {
  readonly at?: number;
  readonly service?: string;
  readonly condition?: Condition;
  readonly strategy?: string;
  /** Milliseconds from the first step; undefined: not yet. */
  readonly acted?: number;
  readonly ended?: number;
  readonly outcome?: Outcome;
}

function repaired({
  at = NOON,
  service = 'web',
  condition = 'unhealthy',
  strategy = 'restart',
  ...how
}: Attempt): void {
  const kind = condition === 'mis-sized' ? 'mis-sized' : 'ailing';
  const { id } = ledger.openIncident(anIncident({ service, condition, kind, since: at - 2_000 }), at);
  const repair = ledger.beginRepair(anOrder({ service, condition, kind, strategy }), id, at);
  if (how.acted !== undefined) ledger.noteActed(repair, at + how.acted);
  if (how.ended !== undefined) {
    ledger.endRepair(repair, how.outcome ?? 'healed', 'proven', 'because', at + how.ended);
    ledger.moveIncident(id, 'resolved', 'healthy again', at + how.ended);
  }
}

describe('recovery', () => {
  test('is told by what was wrong, by what was done, and by both', () => {
    repaired({ acted: 500, ended: 10_000 });
    repaired({ at: NOON + 60_000, acted: 1_500, ended: 30_000, outcome: 'not-healed' });
    repaired({ at: NOON + 120_000, strategy: 'recreate', acted: 4_000, ended: 20_000 });
    repaired({ at: NOON + 180_000, service: 'db', condition: 'exited', strategy: 'restart' });

    const { total, types, strategies, pairs } = ledger.recoveryStats(DAY);

    expect(total).toEqual({
      repairs: 4,
      underWay: 1,
      healed: 2,
      failed: 1,
      success: 0.667,
      actSeconds: 2,
      healSeconds: 15,
    });
    expect(types).toMatchObject([
      { type: 'unhealthy', repairs: 3, success: 0.667, incidents: 3, detectedSeconds: 2, recoveredSeconds: 22 },
      { type: 'exited', repairs: 1, underWay: 1, incidents: 1 },
    ]);
    expect(types[1]?.success).toBeUndefined();
    expect(types[1]?.recoveredSeconds).toBeUndefined();
    expect(strategies).toMatchObject([
      { strategy: 'restart', repairs: 3, healed: 1, failed: 1, success: 0.5, actSeconds: 1, healSeconds: 10 },
      { strategy: 'recreate', repairs: 1, healed: 1, success: 1, healSeconds: 20 },
    ]);
    expect(pairs.map(({ type, strategy, repairs }) => `${strategy} for ${type}: ${repairs}`)).toEqual([
      'restart for unhealthy: 2',
      'restart for exited: 1',
      'recreate for unhealthy: 1',
    ]);
  });

  test('is of the span, and of one service where that is asked', () => {
    repaired({ at: NOON - 1, acted: 1, ended: 2 });
    repaired({ at: NOON, acted: 1, ended: 2 });
    repaired({ at: NOON, service: 'db', acted: 1, ended: 2 });
    repaired({ at: DAY.until, acted: 1, ended: 2 });

    expect(ledger.recoveryStats(DAY).total.repairs).toBe(2);
    const ofOne = ledger.recoveryStats({ ...DAY, project: 'shop', service: 'db' });
    expect([ofOne.total.repairs, ofOne.types[0]?.incidents]).toEqual([1, 1]);
    expect(ledger.recoveryStats({ ...DAY, project: 'blog' })).toMatchObject({ total: { repairs: 0 }, types: [] });
  });

  test('knows no change of size, which is no trouble', () => {
    repaired({ condition: 'mis-sized', strategy: 'scale', acted: 1, ended: 2 });
    repaired({ acted: 1, ended: 2 });

    expect(ledger.recoveryStats(DAY).strategies.map(({ strategy }) => strategy)).toEqual(['restart']);
    expect(ledger.recoveries({ limit: 50 }).items.map(({ order }) => order.strategy)).toEqual(['restart']);
    expect(ledger.repairs({ limit: 50 }).items).toHaveLength(2);
  });

  test('takes no time where the clock was set back meanwhile', () => {
    repaired({ acted: -5_000, ended: -4_000 });

    expect(ledger.recoveryStats(DAY).total).toMatchObject({ actSeconds: 0, healSeconds: 0 });
  });

  test('is asked for by an index, not by reading all repairs there are', () => {
    const db = new DatabaseSync(place.file);

    const plan = db
      .prepare(`EXPLAIN QUERY PLAN ${RECOVERIES}`)
      .all({ ':since': 1, ':until': 2, ':project': null, ':service': null });

    db.close();
    expect(plan[0]?.detail).toMatch(/^SEARCH repair USING INDEX repair_by_time/);
  });
});
