import { afterEach, describe, expect, test } from '@jest/globals';
import { BadCursor } from '../../watchdog/domain/records.ts';
import { createApp } from '../../watchdog/serve/app.ts';
import { anApproval } from '../fakes/a-service.ts';
import { anIncident, FakeRecords, FakeView, NOON, someDeps } from '../fakes/watchdog-view.ts';
import { type Api, serving } from './api.ts';

let api: Api | undefined;
afterEach(() => api?.close());

const start = async (records: FakeRecords, view = new FakeView()): Promise<Api> => {
  api = await serving(createApp(someDeps({ records, view })));
  return api;
};

describe('lists', () => {
  test('are handed the question as it was asked, and hand on the cursor', async () => {
    const records = new FakeRecords();
    const { get } = await start(records);

    const { json } = await get('/api/incidents?open=true&service=web&project=shop&limit=5&cursor=c12');

    expect(records.queries).toEqual([{ open: true, service: 'web', project: 'shop', limit: 5, cursor: 'c12' }]);
    expect(json.next).toBe('c7');
  });

  test('are of fifty when nothing is said', async () => {
    const records = new FakeRecords();
    const { get } = await start(records);

    const { json } = await get('/api/repairs');

    expect(records.queries).toEqual([{ limit: 50 }]);
    expect(json).not.toHaveProperty('next');
  });

  test.each([
    'limit=0',
    'limit=501',
    'limit=ten',
    'limit=1&limit=2',
    'cursor=',
    'cursor=%27%3B--',
    'open=maybe',
    'x=1',
  ])('refuse ?%s', async query => {
    const records = new FakeRecords();
    const { get } = await start(records);

    const said = await get(`/api/incidents?${query}`);

    expect(said.status).toBe(400);
    expect(said.json.problems).toHaveLength(1);
    expect(records.queries).toEqual([]);
  });
});

test('a cursor that the ledger does not know is 400, not a fault of ours', async () => {
  const records = new FakeRecords();
  records.repairs = () => {
    throw new BadCursor('the cursor is not one of this list: ask again without a cursor');
  };
  const { get } = await start(records);

  const said = await get('/api/repairs?cursor=c7');

  expect(said.status).toBe(400);
  expect(said.json.detail).toContain('ask again without a cursor');
});

describe('a repair', () => {
  test('shows its steps, and not what they noted for recovery', async () => {
    const { get } = await start(new FakeRecords());

    const said = await get('/api/repairs');

    expect(said.json.items).toEqual([
      {
        id: '11',
        incidentId: '7',
        project: 'shop',
        service: 'web',
        kind: 'ailing',
        condition: 'unhealthy',
        strategy: 'restart',
        replicas: ['shop-web-1'],
        attempt: 1,
        reason: 'unhealthy for 30s',
        outcome: 'healed',
        code: 'proven',
        because: 'healthy, and still so after 10s',
        startedAt: '2026-03-01T09:59:01.000Z',
        actedAt: '2026-03-01T09:59:02.000Z',
        endedAt: '2026-03-01T09:59:20.000Z',
        steps: [{ step: 'restart', at: '2026-03-01T09:59:01.000Z' }],
      },
    ]);
    expect(said.text).not.toContain('geheim');
  });
});

test('a decision tells its code, how often and until when', async () => {
  const { get } = await start(new FakeRecords());

  const { json } = await get('/api/decisions?service=web');

  expect(json.items).toMatchObject([{ code: 'cooldown', count: 2, until: '2026-03-01T10:01:00.000Z' }]);
});

describe('an incident', () => {
  test('is told with its life', async () => {
    const { get } = await start(new FakeRecords());

    const { json } = await get('/api/incidents/7');

    expect(json).toMatchObject({
      key: 'shop/web/ailing',
      since: '2026-03-01T09:58:56.000Z',
      detectedSeconds: 4,
      life: [{ state: 'opened', at: '2026-03-01T09:59:00.000Z' }],
    });
  });

  test('that nobody knows is 404', async () => {
    const { get } = await start(new FakeRecords());

    expect((await get('/api/incidents/8')).status).toBe(404);
  });

  test('is resolved by hand with the reason', async () => {
    const view = new FakeView();
    const { post } = await start(new FakeRecords(), view);

    const said = await post('/api/incidents/7/resolve', { reason: 'replaced the disk' });

    expect(said.status).toBe(200);
    expect(view.calls).toEqual([['resolve', '7', 'resolved by hand: replaced the disk']]);
  });

  test('that is resolved already stays as it is', async () => {
    const view = new FakeView();
    const records = new FakeRecords();
    records.list = [anIncident({ state: 'resolved', resolvedAt: NOON })];
    const { post } = await start(records, view);

    const said = await post('/api/incidents/7/resolve');

    expect(said.json).toMatchObject({ state: 'resolved' });
    expect(view.calls).toEqual([]);
  });
});

describe('an answer to what was asked', () => {
  test.each([
    { path: '/api/incidents/7/approve', answer: 'granted' },
    { path: '/api/incidents/7/refuse', answer: 'refused' },
  ])('is taken at $path', async ({ path, answer }) => {
    const view = new FakeView();
    const { post } = await start(new FakeRecords(), view);

    const said = await post(path, { order: '3', reason: 'I looked' });

    expect(said.status).toBe(200);
    expect(view.calls).toEqual([['answer', '7', { answer, order: '3', reason: 'I looked' }]]);
  });

  test('that comes too late is 409 with the reason', async () => {
    const view = new FakeView();
    view.taken = { verdict: 'refused', because: 'order 3 waits for no answer: it is expired' };
    const { post } = await start(new FakeRecords(), view);

    const said = await post('/api/incidents/7/approve');

    expect(said).toMatchObject({ status: 409, json: { detail: 'order 3 waits for no answer: it is expired' } });
  });

  test.each([{ order: 'all' }, { order: 3 }, { yes: true }])('is refused where it is %j', async body => {
    const view = new FakeView();
    const { post } = await start(new FakeRecords(), view);

    expect((await post('/api/incidents/7/approve', body)).status).toBe(400);
    expect(view.calls).toEqual([]);
  });

  test('to an incident that is not there is 404', async () => {
    const { post } = await start(new FakeRecords());

    expect((await post('/api/incidents/8/approve')).status).toBe(404);
  });
});

test('an incident shows what was asked about it, and how that stands', async () => {
  const records = new FakeRecords();
  records.list = [anIncident({ approvals: [anApproval({ expiresAt: NOON })] })];
  const { get } = await start(records);

  const said = await get('/api/incidents/7');

  expect(said.json.approvals).toMatchObject([{ order: '3', strategy: 'wipe', standing: 'expired' }]);
});
