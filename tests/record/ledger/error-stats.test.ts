import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ErrorType, Severity } from '../../../watchdog/domain/log-error.ts';
import { hours, minutes } from '../../../watchdog/domain/time.ts';
import { STATEMENTS } from '../../../watchdog/record/ledger/error-stats.ts';
import type { LogLedger } from '../../../watchdog/record/ledger/logs.ts';
import { aPlace, NOON, type Place } from './a-ledger.ts';

let place: Place;
let logs: LogLedger;
beforeEach(() => {
  place = aPlace();
  ({ logs } = place.open());
});
afterEach(() => place.remove());

interface Written {
  readonly at: number;
  readonly count: number;
  readonly service?: string;
  readonly project?: string;
  readonly type?: ErrorType;
  readonly severity?: Severity;
}

function write({
  at,
  count,
  project = 'shop',
  service = 'web',
  type = 'API_FAILURE',
  severity = 'error',
}: Written): void {
  const error = { type, severity, tier: 'certain', pattern: `${type}-${severity}`, captures: {} } as const;
  const fold = {
    project,
    service,
    error,
    firstAt: at,
    lastAt: at,
    count,
    variants: [],
    sample: '',
    burstAt: undefined,
  };
  logs.keepLogs({ positions: new Map(), errors: [fold] }, at);
}

const LAST_THREE_HOURS = { since: NOON - hours(3), until: NOON };

describe('errors are counted', () => {
  test('by type and by service, the commonest first, each with its worst severity', () => {
    write({ at: NOON - minutes(5), count: 2, severity: 'critical' });
    write({ at: NOON - minutes(50), count: 5, severity: 'warning' });
    write({ at: NOON - minutes(170), count: 9, service: 'db', type: 'OUT_OF_MEMORY' });

    expect(logs.errorStats(LAST_THREE_HOURS)).toMatchObject({
      total: { count: 16, before: 0, trend: 'new' },
      types: [
        { type: 'OUT_OF_MEMORY', severity: 'error', count: 9 },
        { type: 'API_FAILURE', severity: 'critical', count: 7 },
      ],
      services: [
        { project: 'shop', service: 'db', count: 9 },
        { project: 'shop', service: 'web', severity: 'critical', count: 7 },
      ],
    });
  });

  test('by hour, those without any as well', () => {
    write({ at: NOON - minutes(5), count: 2 });
    write({ at: NOON - minutes(170), count: 9 });

    expect(logs.errorStats(LAST_THREE_HOURS).hours).toEqual([
      { at: NOON - hours(3), count: 9 },
      { at: NOON - hours(2), count: 0 },
      { at: NOON - hours(1), count: 2 },
    ]);
  });

  test('against as many hours before, and no further back', () => {
    write({ at: NOON - minutes(5), count: 50 });
    write({ at: NOON - hours(4), count: 10 });
    write({ at: NOON - hours(6), count: 1, type: 'CPU_SPIKE' });
    write({ at: NOON - hours(6) - 1, count: 1_000 });

    const { total, types } = logs.errorStats(LAST_THREE_HOURS);

    expect(total).toEqual({ count: 50, before: 11, trend: 'rising' });
    expect(types.map(({ type, count, before, trend }) => [type, count, before, trend])).toEqual([
      ['API_FAILURE', 50, 10, 'rising'],
      ['CPU_SPIKE', 0, 1, 'gone'],
    ]);
  });

  test('of one service, and of one project, where that is asked', () => {
    write({ at: NOON - 1, count: 1 });
    write({ at: NOON - 1, count: 2, service: 'db' });
    write({ at: NOON - 1, count: 4, project: 'blog' });
    const counted = (of: object) => logs.errorStats({ ...LAST_THREE_HOURS, ...of });

    expect(counted({ service: 'web' }).total.count).toBe(5);
    expect(counted({ project: 'shop' }).total.count).toBe(3);
    expect(counted({ project: 'shop', service: 'db' }).hours.at(-1)?.count).toBe(2);
  });

  test.each(Object.entries(STATEMENTS))('by an index, not by reading all there are (%s)', (_, sql) => {
    const db = new DatabaseSync(place.file);
    const common = { ':from': 1, ':until': 2, ':project': null, ':service': null };

    const plan = db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all({ ...common, ...(sql.includes(':since') && { ':since': 1 }) });

    db.close();
    expect(plan.map(({ detail }) => detail)).toContain('SEARCH container_error_hour USING PRIMARY KEY (at>? AND at<?)');
  });
});
