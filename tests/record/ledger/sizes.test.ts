import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { aRecord, aTrack } from '../../fakes/a-scaling.ts';
import { aPlace, NOON, type Place } from './a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

const WEB = { project: 'shop', service: 'web' };

test('what a size is decided by is known to the next watchdog, the newest of each service', () => {
  const record = aRecord({ track: aTrack([[1_000, 3]], [[2_000, -1]]), pinnedSince: NOON });
  place.open().ledger.rememberSizes([[WEB, aRecord()]], NOON - 1);
  place.open().ledger.rememberSizes([[WEB, record]], NOON);

  expect(place.open().ledger.sizeOf(WEB)).toEqual(record);
  expect(place.open().ledger.sizeOf({ ...WEB, project: 'blog' })).toBeUndefined();
});
