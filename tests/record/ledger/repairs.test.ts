import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { anIncident, anOrder, aPlace, attempted, NOON, type Place } from './a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

const begun = (order = anOrder()) => {
  const { ledger } = place.open();
  const { id: incidentId } = ledger.openIncident(anIncident({ service: order.service }), NOON);
  return { ledger, incidentId, repairId: ledger.beginRepair(order, incidentId, NOON) };
};

test('a repair is told from its order to its outcome', () => {
  const { ledger, incidentId, repairId } = begun();

  ledger.noteStep(repairId, 'stop', { container: 'c0ffee' }, NOON + 1);
  ledger.noteStep(repairId, 'start', { container: 'c0ffee' }, NOON + 2);
  ledger.noteActed(repairId, NOON + 3);
  ledger.endRepair(repairId, 'healed', 'proven', 'healthy for 10s', NOON + 4);

  expect(ledger.repair(repairId)).toEqual({
    id: repairId,
    project: 'shop',
    service: 'web',
    incidentId,
    order: anOrder(),
    startedAt: NOON,
    actedAt: NOON + 3,
    endedAt: NOON + 4,
    outcome: 'healed',
    code: 'proven',
    because: 'healthy for 10s',
    steps: [
      { step: 'stop', at: NOON + 1, data: { container: 'c0ffee' } },
      { step: 'start', at: NOON + 2, data: { container: 'c0ffee' } },
    ],
  });
});

test('what a crash interrupted is found again, oldest first, with all that its undoing needs', () => {
  const { ledger, repairId } = begun();
  ledger.noteStep(repairId, 'create', { body: { Env: ['PASSWORD=hunter2'] } }, NOON);
  const second = ledger.beginRepair(anOrder(), ledger.openIncident(anIncident(), NOON).id, NOON + 1);
  ledger.close();

  const unfinished = place.open().ledger.unfinishedRepairs();

  expect(unfinished.map(({ id }) => id)).toEqual([repairId, second]);
  expect(unfinished[0]?.steps[0]?.data).toEqual({ body: { Env: ['PASSWORD=hunter2'] } });
});

test('a repair that has ended is no longer unfinished', () => {
  const { ledger, repairId } = begun();

  ledger.endRepair(repairId, 'failed', 'engine-error', 'the engine said 500', NOON);

  expect(ledger.unfinishedRepairs()).toEqual([]);
});

test('the environment of a container is dropped once its repair has ended; ids and names stay', () => {
  const { ledger, repairId } = begun();
  ledger.noteStep(repairId, 'create', { name: 'shop-web-1', old: 'c0ffee', body: { Env: ['PASSWORD=hunter2'] } }, NOON);

  ledger.endRepair(repairId, 'healed', 'proven', 'healthy', NOON);

  expect(ledger.repair(repairId)?.steps).toEqual([
    { step: 'create', at: NOON, data: { name: 'shop-web-1', old: 'c0ffee' } },
  ]);
});

test('the first end of a repair stands', () => {
  const { ledger, repairId } = begun();
  ledger.endRepair(repairId, 'healed', 'proven', 'healthy', NOON);

  expect(() => ledger.endRepair(repairId, 'failed', 'engine-error', 'late', NOON)).toThrow(
    `repair ${repairId} is not under way`,
  );
  expect(() => ledger.noteStep(repairId, 'late', {}, NOON)).toThrow('is not under way');
  expect(() => ledger.noteActed(repairId, NOON)).toThrow('is not under way');
  expect(ledger.repair(repairId)?.outcome).toBe('healed');
});

test('a refused step says nothing about the state of the ledger', () => {
  const { ledger } = place.open();

  expect(() => ledger.noteStep('9', 'start', {}, NOON)).toThrow('repair 9 is not under way');

  expect(ledger.trouble()).toBeUndefined();
});

test('a repair needs an incident', () => {
  const { ledger } = place.open();

  expect(() => ledger.beginRepair(anOrder(), '9', NOON)).toThrow('FOREIGN KEY');
});

test('all repairs of the host since a moment are counted, whichever service they were for', () => {
  const { ledger } = place.open();
  attempted(ledger, NOON - 1);
  attempted(ledger, NOON + 2, anOrder({ service: 'db' }));
  attempted(ledger, NOON);

  expect(ledger.repairsSince(NOON)).toEqual([NOON, NOON + 2]);
});
