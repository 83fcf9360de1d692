import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LedgerError } from '../../../watchdog/record/ledger/ledger.ts';
import { anIncident, aPlace, NOON, type Place, WEB } from './a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

test('keeps everything that is known of an incident', () => {
  const { ledger } = place.open();

  const { id, isNew } = ledger.openIncident(anIncident(), NOON);

  expect(isNew).toBe(true);
  expect(ledger.incident(id)).toEqual({
    ...anIncident(),
    id,
    key: 'shop/web/ailing',
    state: 'opened',
    openedAt: NOON,
    updatedAt: NOON,
    escalatedAt: undefined,
    resolvedAt: undefined,
    approvals: [],
    life: [{ state: 'opened', at: NOON, because: 'its health check fails' }],
  });
});

test('trouble that goes on is the same incident, in its newest form, begun when it began', () => {
  const { ledger } = place.open();
  const first = ledger.openIncident(anIncident(), NOON);

  const second = ledger.openIncident(
    anIncident({ condition: 'exited', because: 'it has stopped', since: NOON + 900 }),
    NOON + 1_000,
  );

  expect(second).toEqual({ id: first.id, isNew: false });
  expect(ledger.openIncidentOf(WEB)).toMatchObject({
    condition: 'exited',
    because: 'it has stopped',
    since: NOON - 5_000,
    updatedAt: NOON + 1_000,
  });
});

test('an unchanged incident is not written again', () => {
  const { ledger } = place.open();
  ledger.openIncident(anIncident(), NOON);

  ledger.openIncident(anIncident({ since: NOON }), NOON + 1_000);

  expect(ledger.openIncidentOf(WEB)?.updatedAt).toBe(NOON);
});

test('all open incidents of a service are found, and none of another one, however its name begins', () => {
  const { ledger } = place.open();
  const open = (differing: Parameters<typeof anIncident>[0]) => ledger.openIncident(anIncident(differing), NOON).id;
  const mine = [open({}), open({ kind: 'starved' }), open({ kind: 'mis-sized' })];
  open({ service: 'web-2' });
  open({ service: 'we' });
  open({ service: 'web/2' });
  open({ project: 'sho' });
  const over = open({ kind: 'erring' });
  ledger.moveIncident(over, 'resolved', 'it is well again', NOON);

  const found = ledger.openIncidentsOf({ project: 'shop', service: 'web' });

  expect(found.map(({ id }) => id).toSorted()).toEqual(mine.toSorted());
  expect(found.find(({ kind }) => kind === 'ailing')).toEqual(ledger.openIncidentOf(WEB));
});

test('a service can be in trouble of two kinds at once', () => {
  const { ledger } = place.open();
  const ailing = ledger.openIncident(anIncident(), NOON);

  const starved = ledger.openIncident(anIncident({ kind: 'starved' }), NOON);

  expect(starved.isNew).toBe(true);
  expect(starved.id).not.toBe(ailing.id);
});

test('the services in trouble are those with an open incident, the newest first', () => {
  const { ledger } = place.open();
  const { id } = ledger.openIncident(anIncident({ service: 'db' }), NOON);
  ledger.openIncident(anIncident(), NOON);
  ledger.openIncident(anIncident({ service: 'cache' }), NOON);
  ledger.moveIncident(id, 'resolved', 'healthy again', NOON + 1_000);

  expect(ledger.servicesInTrouble()).toEqual([
    { project: 'shop', service: 'cache' },
    { project: 'shop', service: 'web' },
  ]);
});

test('after one is resolved the next trouble is a new incident', () => {
  const { ledger } = place.open();
  const { id } = ledger.openIncident(anIncident(), NOON);
  ledger.moveIncident(id, 'resolved', 'healthy again', NOON + 1_000);

  const next = ledger.openIncident(anIncident(), NOON + 2_000);

  expect(next.isNew).toBe(true);
  expect(next.id).not.toBe(id);
  expect(ledger.incident(id)).toMatchObject({ state: 'resolved', resolvedAt: NOON + 1_000 });
});

test('its life is told from the first day to the last', () => {
  const { ledger } = place.open();
  const { id } = ledger.openIncident(anIncident(), NOON);

  ledger.moveIncident(id, 'repairing', 'restarting it', NOON + 1);
  ledger.moveIncident(id, 'escalated', 'three attempts failed', NOON + 2);
  ledger.moveIncident(id, 'escalated', 'the half-open attempt failed too', NOON + 3);
  ledger.moveIncident(id, 'resolved', 'healthy again', NOON + 4);

  expect(ledger.incident(id)?.life.map(({ state, at }) => [state, at - NOON])).toEqual([
    ['opened', 0],
    ['repairing', 1],
    ['escalated', 2],
    ['escalated', 3],
    ['resolved', 4],
  ]);
  expect(ledger.incident(id)?.escalatedAt).toBe(NOON + 2);
});

test('what is resolved stays resolved, though its repair was still being verified', () => {
  const { ledger } = place.open();
  const { id } = ledger.openIncident(anIncident(), NOON);
  ledger.moveIncident(id, 'resolved', 'a person said so', NOON + 1);

  ledger.moveIncident(id, 'verifying', 'looking again', NOON + 2);

  expect(ledger.incident(id)?.state).toBe('resolved');
  expect(ledger.openIncidentOf(WEB)).toBeUndefined();
});

test('moving an incident that nobody knows is refused', () => {
  const { ledger } = place.open();

  expect(() => ledger.moveIncident('7', 'resolved', '', NOON)).toThrow(LedgerError);
  expect(() => ledger.moveIncident('7', 'resolved', '', NOON)).toThrow('there is no incident 7');
});

test.each(['0', '-1', '1.5', '1 OR 1=1', '', '99999999999999999999'])('%j is the id of no incident', id => {
  const { ledger } = place.open();
  ledger.openIncident(anIncident(), NOON);

  expect(ledger.incident(id)).toBeUndefined();
});

test('the open ones can be listed alone', () => {
  const { ledger } = place.open();
  const web = ledger.openIncident(anIncident(), NOON);
  const db = ledger.openIncident(anIncident({ service: 'db' }), NOON);
  ledger.moveIncident(db.id, 'resolved', 'healthy again', NOON);

  const open = ledger.incidents({ limit: 10, open: true });

  expect(open.items.map(({ id }) => id)).toEqual([web.id]);
  expect(ledger.incidents({ limit: 10, open: false }).items).toHaveLength(2);
});
