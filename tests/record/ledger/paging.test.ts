import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Ledger, Page } from '../../../watchdog/record/ledger/ledger.ts';
import { BadCursor } from '../../../watchdog/record/ledger/paging.ts';
import { anIncident, anOrder, aPlace, attempted, NOON, type Place } from './a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

/** Turns all pages; `between` happens before each next one. */
function allPages<T>(page: (cursor: string | undefined) => Page<T>, between: () => void): T[] {
  const seen: T[] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = page(cursor);
    seen.push(...items);
    cursor = next;
    between();
  } while (cursor !== undefined);
  return seen;
}

const pagesOfRepairs = (ledger: Ledger, limit: number, service: string | undefined, between: () => void) =>
  allPages(
    cursor =>
      ledger.repairs({ limit, ...(cursor !== undefined && { cursor }), ...(service !== undefined && { service }) }),
    between,
  ).map(({ id }) => id);

test('every row is shown exactly once, newest first, though new ones arrive in between', () => {
  const services = fc.array(fc.constantFrom('web', 'db'), { maxLength: 15 });
  const wanted = fc.constantFrom('web', 'db', undefined);
  fc.assert(
    fc.property(services, fc.integer({ min: 1, max: 6 }), wanted, (of, limit, service) => {
      const own = aPlace();
      try {
        const { ledger } = own.open();
        const ids = of.map(each => ({ each, id: attempted(ledger, NOON, anOrder({ service: each })) }));

        const seen = pagesOfRepairs(ledger, limit, service, () => attempted(ledger, NOON));

        const expected = ids.filter(({ each }) => service === undefined || each === service).map(({ id }) => id);
        expect(seen).toEqual(expected.reverse());
      } finally {
        own.remove();
      }
    }),
    { numRuns: 40 },
  );
});

test('a page that holds the last row says that there is no next one', () => {
  const { ledger } = place.open();
  attempted(ledger, NOON);
  attempted(ledger, NOON);

  expect(ledger.repairs({ limit: 2 }).next).toBeUndefined();
  expect(ledger.repairs({ limit: 1 }).next).toBeDefined();
});

test.each([
  [0, 1],
  [-1, 1],
  [2.9, 2],
  [9_999, 500],
])('a limit of %d means %d', (limit, shown) => {
  const { ledger } = place.open();
  for (let n = 0; n < 501; n += 1) ledger.openIncident(anIncident({ service: `s${n}` }), NOON);

  expect(ledger.incidents({ limit }).items).toHaveLength(shown);
});

test('lists are narrowed by project, service and time', () => {
  const { ledger } = place.open();
  attempted(ledger, NOON, anOrder({ project: 'shop', service: 'web' }));
  attempted(ledger, NOON + 1, anOrder({ project: 'shop', service: 'web' }));
  attempted(ledger, NOON + 1, anOrder({ project: 'shop', service: 'db' }));
  attempted(ledger, NOON + 1, anOrder({ project: 'blog', service: 'web' }));

  const found = ledger.repairs({ limit: 10, project: 'shop', service: 'web', since: NOON + 1 }).items;

  expect(found).toMatchObject([{ project: 'shop', service: 'web', startedAt: NOON + 1 }]);
});

test.each([
  ['nonsense', 'x'],
  ['empty', ''],
  ['made up', Buffer.from('repair:-5').toString('base64url')],
  ['with a tail', `${Buffer.from('repair:5').toString('base64url')}=`],
  ['of another list', Buffer.from('incident:5').toString('base64url')],
  ['an attack', Buffer.from("repair:1' OR 1=1 --").toString('base64url')],
])('a cursor that is %s is refused', (_what, cursor) => {
  const { ledger } = place.open();

  expect(() => ledger.repairs({ limit: 1, cursor })).toThrow(BadCursor);
});
