import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deedOf } from '../../../watchdog/domain/approval.ts';
import type { Ledger } from '../../../watchdog/record/ledger/ledger.ts';
import { anIncident, anOrder, aPlace, NOON, type Place } from './a-ledger.ts';

let place: Place;
let ledger: Ledger;
let incident: string;
beforeEach(() => {
  place = aPlace();
  ledger = place.open().ledger;
  incident = ledger.openIncident(anIncident(), NOON).id;
});
afterEach(() => place.remove());

const HOUR = 3_600_000;
const order = anOrder({ strategy: 'wipe', with: { path: '/data' } });
const ask = () => ledger.askApproval(order, incident, 'wipe /data', NOON + HOUR, NOON);
const states = (from = ledger) => from.incident(incident)?.approvals.map(({ state }) => state);

describe('a question to people', () => {
  test('is kept with its incident, also by the next watchdog', () => {
    const asked = ask();
    ledger.close();

    expect(place.open().ledger.incident(incident)?.approvals).toEqual([
      {
        id: asked.id,
        incidentId: incident,
        project: 'shop',
        service: 'web',
        strategy: 'wipe',
        what: 'wipe /data',
        deed: deedOf(order),
        state: 'waiting',
        askedAt: NOON,
        expiresAt: NOON + HOUR,
        answeredAt: undefined,
        reason: '',
      },
    ]);
  });

  test('is answered once', () => {
    const { id } = ask();

    expect(ledger.answerApproval(id, 'granted', 'go on', NOON + 2 * HOUR, NOON + 1)).toBe(true);
    expect(ledger.answerApproval(id, 'refused', '', NOON + 2 * HOUR, NOON + 2)).toBe(false);
    expect(ledger.incident(incident)?.approvals).toMatchObject([
      { state: 'granted', reason: 'go on', answeredAt: NOON + 1, expiresAt: NOON + 2 * HOUR },
    ]);
  });

  test('is not answered when its time is over', () => {
    expect(ledger.answerApproval(ask().id, 'granted', '', NOON + 2 * HOUR, NOON + HOUR)).toBe(false);
    expect(states()).toEqual(['waiting']);
  });
});

describe('a yes', () => {
  const granted = () => ledger.answerApproval(ask().id, 'granted', '', NOON + HOUR, NOON);

  test('is used up by the repair that begins with it', () => {
    granted();

    ledger.beginRepair(order, incident, NOON);

    expect(states()).toEqual(['used']);
  });

  test.each([
    { what: 'other parameters', differing: { with: { path: '/' } } },
    { what: 'another strategy', differing: { strategy: 'restart' } },
    { what: 'another container', differing: { targets: [{ id: 'beef', name: 'shop-web-1', number: 1 }] } },
  ])('is not used up by a repair with $what', ({ differing }) => {
    granted();

    ledger.beginRepair({ ...order, ...differing }, incident, NOON);

    expect(states()).toEqual(['granted']);
  });

  test('is left alone by a resume; what was refused or not answered in time may be asked anew', () => {
    granted();
    ledger.answerApproval(ask().id, 'refused', '', NOON + HOUR, NOON);
    ask();

    ledger.resume({ project: 'shop', service: 'api' }, NOON + 2 * HOUR);
    expect(states()).toEqual(['granted', 'refused', 'waiting']);

    ledger.resume({ project: 'shop', service: undefined }, NOON + 2 * HOUR);
    expect(states()).toEqual(['granted', 'withdrawn', 'withdrawn']);
  });
});
