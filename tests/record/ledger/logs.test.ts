import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ErrorFold } from '../../../watchdog/domain/error-book.ts';
import type { Ledger } from '../../../watchdog/record/ledger/ledger.ts';
import type { LogLedger } from '../../../watchdog/record/ledger/logs.ts';
import { ERRORS } from '../../../watchdog/record/ledger/paging.ts';
import { aPlace, NOON, type Place } from './a-ledger.ts';

let place: Place;
let logs: LogLedger;
let ledger: Ledger;
beforeEach(() => {
  place = aPlace();
  ({ logs, ledger } = place.open());
});
afterEach(() => place.remove());

const NOWHERE: ReadonlyMap<string, string> = new Map();

const aFold = ({ pattern = 'refused', ...differing }: Partial<ErrorFold> & { pattern?: string } = {}): ErrorFold => ({
  project: 'shop',
  service: 'web',
  error: { type: 'DATABASE_CONNECTION', severity: 'error', tier: 'certain', pattern, captures: {} },
  firstAt: NOON,
  lastAt: NOON,
  count: 1,
  variants: [{ template: 'connection refused', count: 1 }],
  sample: 'connection refused',
  burstAt: undefined,
  ...differing,
});

const keep = (...errors: readonly ErrorFold[]) => logs.keepLogs({ positions: NOWHERE, errors }, NOON);
const all = () => logs.errors({ limit: 50 }).items;

describe('how far a log was read', () => {
  test('is known by the next watchdog', () => {
    logs.keepLogs({ positions: new Map([['c0ffee', 'before']]), errors: [] }, NOON);
    logs.keepLogs({ positions: new Map([['c0ffee', 'after']]), errors: [] }, NOON);
    ledger.close();

    const { logs: next } = place.open();

    expect(next.logPosition('c0ffee')).toBe('after');
    expect(next.logPosition('unknown')).toBeUndefined();
  });
});

describe('an error', () => {
  test('grows by each repeat of its pattern in its service', () => {
    keep(aFold());
    keep(
      aFold({
        firstAt: NOON + 1,
        lastAt: NOON + 9,
        count: 4,
        variants: [{ template: 'timed out', count: 4 }],
        sample: 'timed out',
        burstAt: NOON + 5,
      }),
    );
    keep(aFold({ pattern: 'other' }), aFold({ service: 'db' }));

    expect(all().map(({ service, pattern, count }) => `${service} ${pattern} ${count}`)).toEqual([
      'db refused 1',
      'web other 1',
      'web refused 5',
    ]);
    expect(all()[2]).toEqual({
      id: '1',
      project: 'shop',
      service: 'web',
      type: 'DATABASE_CONNECTION',
      severity: 'error',
      tier: 'certain',
      pattern: 'refused',
      firstAt: NOON,
      lastAt: NOON + 9,
      count: 5,
      variants: [
        { template: 'timed out', count: 4 },
        { template: 'connection refused', count: 1 },
      ],
      sample: 'timed out',
      burstAt: NOON + 5,
      resolvedAt: undefined,
    });
  });

  test('has no more variants than people can read', () => {
    for (let n = 0; n < 30; n += 1) keep(aFold({ variants: [{ template: `lost ${n}`, count: 1 }] }));

    expect(all()[0]?.variants).toHaveLength(21);
    expect(all()[0]?.variants[0]).toEqual({ template: '…', count: 10 });
  });

  test('that a person resolved stays as it is, and what comes after is another one', () => {
    keep(aFold());

    expect(logs.resolveError('1', NOON + 5)).toMatchObject({ id: '1', resolvedAt: NOON + 5 });
    expect(logs.resolveError('1', NOON + 9)).toMatchObject({ resolvedAt: NOON + 5 });
    expect(logs.resolveError('77', NOON)).toBeUndefined();

    keep(aFold({ lastAt: NOON + 10 }));

    expect(all().map(({ id, count, resolvedAt }) => [id, count, resolvedAt])).toEqual([
      ['2', 1, undefined],
      ['1', 1, NOON + 5],
    ]);
  });

  test('is found by service, type, severity and time, page by page', () => {
    const grave = { type: 'DATA_CORRUPTION', severity: 'critical', tier: 'certain', captures: {} } as const;
    keep(aFold(), aFold({ error: { ...grave, pattern: 'bad-page' }, lastAt: NOON + 5 }), aFold({ service: 'db' }));
    const patterns = (query: Partial<Parameters<LogLedger['errors']>[0]>) =>
      logs.errors({ limit: 50, ...query }).items.map(({ service, pattern }) => `${service} ${pattern}`);

    expect(patterns({ service: 'db' })).toEqual(['db refused']);
    expect(patterns({ type: 'DATA_CORRUPTION' })).toEqual(['web bad-page']);
    expect(patterns({ severity: 'error', service: 'web' })).toEqual(['web refused']);
    expect(patterns({ since: NOON + 1 })).toEqual(['web bad-page']);

    logs.resolveError('2', NOON);
    expect(patterns({ open: true })).toEqual(['db refused', 'web refused']);
    expect(patterns({ open: false })).toHaveLength(3);

    const first = logs.errors({ limit: 2 });
    expect(first.items).toHaveLength(2);
    expect(logs.errors({ limit: 2, cursor: first.next ?? '' }).items.map(({ id }) => id)).toEqual(['1']);
  });

  test('is found among many without reading the texts of those that do not fit', () => {
    const db = new DatabaseSync(place.file);
    const anything = { before: 9, since: null, project: null, service: null, type: null, severity: null, open: null };

    const plan = db.prepare(`EXPLAIN QUERY PLAN ${ERRORS}`).all({ ...anything, limit: 1 });

    db.close();
    expect(plan.map(({ detail }) => detail)).toEqual([
      'SEARCH container_error USING INTEGER PRIMARY KEY (rowid=?)',
      'LIST SUBQUERY 1',
      'SEARCH container_error USING COVERING INDEX container_error_filters (id<?)',
    ]);
  });

  test('is seen by service, type and severity as long as it is written and nobody has resolved it', () => {
    keep(aFold({ pattern: 'old', lastAt: NOON - 1 }), aFold({ lastAt: NOON + 5 }), aFold({ pattern: 'other' }));
    keep(aFold({ service: 'db' }));
    logs.resolveError(all().find(({ service }) => service === 'db')?.id ?? '', NOON);

    expect(logs.errorsSeen(NOON)).toEqual([
      { project: 'shop', service: 'web', type: 'DATABASE_CONNECTION', severity: 'error', lastAt: NOON + 5 },
    ]);
    expect(logs.errorsSeen(NOON + 6)).toEqual([]);
  });

  test('is forgotten with its hours when it is old, and how far was read as well', () => {
    logs.keepLogs({ positions: new Map([['c0ffee', 'here']]), errors: [aFold()] }, NOON);
    keep(aFold({ pattern: 'young', lastAt: NOON + 9_000_000 }));

    ledger.forget(1_000, Number.MAX_SAFE_INTEGER, NOON + 9_000_000);

    expect(all().map(({ pattern }) => pattern)).toEqual(['young']);
    expect(logs.logPosition('c0ffee')).toBeUndefined();
    expect(logs.seenPatterns()).toEqual([{ project: 'shop', service: 'web', pattern: 'young' }]);
  });
});
