import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Throttled } from '../../../watchdog/domain/throttled.ts';
import { aPlace, NOON, type Place } from './a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

const WEB: Throttled = {
  containerId: 'c0ffee',
  project: 'shop',
  service: 'web',
  number: 1,
  before: { cpuQuota: -1 },
  after: { cpuQuota: 50_000 },
  until: NOON,
};

test('whom we gave less is remembered by the next watchdog until it was given back', () => {
  place.open().ledger.rememberThrottle(WEB);
  const { ledger } = place.open();
  ledger.rememberThrottle({ ...WEB, containerId: 'decaf', until: NOON - 1 });
  ledger.rememberThrottle({ ...WEB, after: { cpuQuota: 20_000 } });

  expect(ledger.throttles()).toEqual([
    { ...WEB, containerId: 'decaf', until: NOON - 1 },
    { ...WEB, after: { cpuQuota: 20_000 } },
  ]);

  ledger.forgetThrottle('decaf');

  expect(ledger.throttles().map(({ containerId }) => containerId)).toEqual(['c0ffee']);
});
