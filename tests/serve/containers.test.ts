import { afterEach, describe, expect, test } from '@jest/globals';
import { createApp } from '../../watchdog/serve/app.ts';
import type { Deps } from '../../watchdog/serve/deps.ts';
import type { OpenIncidentView } from '../../watchdog/serve/watchdog-view.ts';
import { anError, aServiceView, FakeErrors, FakeRecords, FakeView, NOON, someDeps } from '../fakes/watchdog-view.ts';
import { type Api, serving } from './api.ts';

let api: Api | undefined;
afterEach(() => api?.close());

const clock = { now: () => NOON, after: () => () => {} };

const start = async (deps: Partial<Deps> = {}): Promise<Api> => {
  api = await serving(createApp(someDeps({ clock, ...deps })));
  return api;
};

const anOpenIncident = (condition: string): OpenIncidentView => ({
  id: '7',
  condition,
  state: 'opened',
  because: 'it is so',
  openedAt: NOON,
});

describe('the health of containers', () => {
  test('is told by service, those in trouble first', async () => {
    const view = new FakeView();
    view.known = [
      aServiceView({ service: 'api' }),
      aServiceView({ service: 'big', openIncident: anOpenIncident('mis-sized') }),
      aServiceView({ service: 'db', health: 'unhealthy', openIncident: anOpenIncident('unhealthy') }),
      aServiceView(),
    ];
    const { get } = await start({ view });

    const { json } = await get('/api/docker/health');

    expect(json).toMatchObject({
      at: '2026-03-01T10:00:00.000Z',
      summary: { services: 4, ill: 1, erring: 1, well: 2 },
      items: [
        { service: 'db', verdict: 'ill', health: 'unhealthy', openIncident: { condition: 'unhealthy' }, errors: [] },
        {
          service: 'web',
          verdict: 'erring',
          replicas: 1,
          running: 1,
          errors: [{ type: 'DATABASE_CONNECTION', severity: 'error', lastAt: '2026-03-01T09:59:00.000Z' }],
        },
        { service: 'api', verdict: 'well' },
        { service: 'big', verdict: 'well' },
      ],
    });
  });

  test('no longer has errors that were not written for ten minutes', async () => {
    const errors = new FakeErrors();
    errors.list = [anError({ lastAt: NOON - 600_001 })];
    const { get } = await start({ errors });

    expect((await get('/api/docker/health')).json).toMatchObject({ summary: { erring: 0 }, items: [{ errors: [] }] });
  });

  test('has the worst error first, and tells services of one name in two projects apart', async () => {
    const view = new FakeView();
    view.known = [aServiceView(), aServiceView({ project: 'blog' })];
    const errors = new FakeErrors();
    errors.list = [anError(), anError({ type: 'DATA_CORRUPTION', severity: 'critical' })];
    const { get } = await start({ view, errors });

    expect((await get('/api/docker/health')).json.items).toMatchObject([
      { project: 'shop', errors: [{ type: 'DATA_CORRUPTION' }, { type: 'DATABASE_CONNECTION' }] },
      { project: 'blog', errors: [] },
    ]);
    expect((await get('/api/docker/health?project=blog')).json.summary).toEqual({
      services: 1,
      ill: 0,
      erring: 0,
      well: 1,
    });
  });
});

describe('recoveries', () => {
  test('are repairs with what they were for and how long they took', async () => {
    const records = new FakeRecords();
    const { get } = await start({ records });

    const { json } = await get('/api/docker/recovery?since=1h&service=web&limit=5');

    expect(records.queries).toEqual([{ since: NOON - 3_600_000, service: 'web', limit: 5 }]);
    expect(json.items).toEqual([
      {
        id: '11',
        incidentId: '7',
        project: 'shop',
        service: 'web',
        kind: 'ailing',
        type: 'unhealthy',
        strategy: 'restart',
        replicas: ['shop-web-1'],
        attempt: 1,
        reason: 'unhealthy for 30s',
        outcome: 'healed',
        success: true,
        code: 'proven',
        because: 'healthy, and still so after 10s',
        startedAt: '2026-03-01T09:59:01.000Z',
        endedAt: '2026-03-01T09:59:20.000Z',
        actSeconds: 1,
        seconds: 19,
      },
    ]);
  });

  test('are summed up over seven days where nothing is said', async () => {
    const records = new FakeRecords();
    const { get } = await start({ records });

    const { json } = await get('/api/docker/recovery/stats');

    expect(records.queries).toEqual([{ since: NOON - 7 * 86_400_000, until: NOON }]);
    expect(json).toMatchObject({
      total: { repairs: 3, success: 0.5, actSeconds: 1.5 },
      types: [{ type: 'unhealthy', recoveredSeconds: 21 }],
      strategies: [{ strategy: 'restart', healed: 1 }],
      pairs: [{ type: 'unhealthy', strategy: 'restart' }],
    });
    expect(json.total).not.toHaveProperty('healSeconds');
  });

  test.each(['/api/docker/recovery?since=x', '/api/docker/recovery/stats?limit=1', '/api/docker/health?service=web'])(
    'refuse %s',
    async path => {
      const { get } = await start();

      expect((await get(path)).status).toBe(400);
    },
  );
});
