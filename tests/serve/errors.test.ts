import { afterEach, describe, expect, test } from '@jest/globals';
import { createApp } from '../../watchdog/serve/app.ts';
import type { Deps } from '../../watchdog/serve/deps.ts';
import { anError, FakeErrors, FakeView, NOON, someDeps } from '../fakes/watchdog-view.ts';
import { type Api, serving } from './api.ts';

let api: Api | undefined;
afterEach(() => api?.close());

const clock = { now: () => NOON, after: () => () => {} };

const start = async (deps: Partial<Deps> = {}): Promise<Api> => {
  api = await serving(createApp(someDeps({ clock, ...deps })));
  return api;
};

describe('errors in logs', () => {
  test('are told with their samples, times and forms', async () => {
    const { get } = await start();

    const said = await get('/api/docker/errors');

    expect(said.json).toEqual({
      items: [
        {
          id: '31',
          project: 'shop',
          service: 'web',
          type: 'DATABASE_CONNECTION',
          severity: 'error',
          tier: 'certain',
          pattern: 'connection-refused',
          sample: 'connect ECONNREFUSED 10.0.0.7:5432',
          variants: [{ template: 'connect ECONNREFUSED <ip>:<n>', count: 4 }],
          count: 4,
          firstAt: '2026-03-01T09:00:00.000Z',
          lastAt: '2026-03-01T09:59:00.000Z',
        },
      ],
    });
  });

  test('are asked for by all that they can be told apart by, page by page', async () => {
    const errors = new FakeErrors();
    errors.next = 'c9';
    const { get } = await start({ errors });

    const { json } = await get(
      '/api/docker/errors?project=shop&service=web&type=PORT_CONFLICT&severity=critical&since=1h&open=true&limit=5&cursor=c3',
    );

    expect(errors.queries).toEqual([
      {
        project: 'shop',
        service: 'web',
        type: 'PORT_CONFLICT',
        severity: 'critical',
        since: NOON - 3_600_000,
        open: true,
        limit: 5,
        cursor: 'c3',
      },
    ]);
    expect(json.next).toBe('c9');
  });

  test.each([
    ['type=port-conflict', 'query type'],
    ['type=NONE', 'query type'],
    ['severity=fatal', 'query severity'],
    ['since=yesterday', 'query since: expected a duration from 1s to 366d'],
    ['since=0', 'query since'],
    ['open=perhaps', 'query open'],
    ['container=web', 'query'],
    ['type=OUT_OF_MEMORY&type=CPU_SPIKE', 'query type'],
  ])('refuse ?%s and say what is wrong', async (query, place) => {
    const errors = new FakeErrors();
    const { get } = await start({ errors });

    const said = await get(`/api/docker/errors?${query}`);

    expect(said.status).toBe(400);
    expect(said.json.detail).toContain(place);
    expect(errors.queries).toEqual([]);
  });

  test('show no secret that a record holds, and steer no terminal', async () => {
    const errors = new FakeErrors();
    errors.list = [anError({ sample: 'login with password=hunter2 failed \u001b]0;owned\u0007' })];
    const { get } = await start({ errors });

    const said = await get('/api/docker/errors');

    expect(said.text).not.toContain('hunter2');
    expect(said.text).not.toContain('\u001b');
  });
});

describe('statistics of errors', () => {
  test('are of the last day where nothing is said, from a full hour on', async () => {
    const errors = new FakeErrors();
    const { get } = await start({ errors, clock: { ...clock, now: () => NOON + 60_000 } });

    const { json } = await get('/api/docker/errors/stats');

    expect(errors.queries).toEqual([{ since: NOON - 24 * 3_600_000, until: NOON + 60_000 }]);
    expect(json).toMatchObject({
      since: '2026-02-28T10:00:00.000Z',
      until: '2026-03-01T10:01:00.000Z',
      total: { count: 4, before: 0, trend: 'new' },
      types: [{ type: 'DATABASE_CONNECTION', severity: 'error', count: 4 }],
      services: [{ project: 'shop', service: 'web', trend: 'new' }],
    });
    expect(json.hours).toHaveLength(25);
  });

  test('are of one service where it is asked for', async () => {
    const errors = new FakeErrors();
    const { get } = await start({ errors });

    await get('/api/docker/errors/stats?since=6h&project=shop&service=web');

    expect(errors.queries).toEqual([{ since: NOON - 6 * 3_600_000, until: NOON, project: 'shop', service: 'web' }]);
  });

  test.each(['since=32d', 'since=-1h', 'limit=5'])('refuse ?%s', async query => {
    const errors = new FakeErrors();
    const { get } = await start({ errors });

    expect((await get(`/api/docker/errors/stats?${query}`)).status).toBe(400);
    expect(errors.queries).toEqual([]);
  });
});

describe('an error that a person says is over', () => {
  test('is told as it is then', async () => {
    const view = new FakeView();
    const { post } = await start({ view });

    const said = await post('/api/docker/errors/31/resolve');

    expect(said).toMatchObject({ status: 200, json: { id: '31', resolvedAt: '2026-03-01T10:00:00.000Z' } });
    expect(view.calls).toEqual([['resolveError', '31']]);
  });

  test('and that nobody knows is 404', async () => {
    const { post } = await start();

    const said = await post('/api/docker/errors/nothing/resolve');

    expect(said).toMatchObject({ status: 404, json: { detail: expect.stringContaining('GET /api/docker/errors') } });
  });

  test('takes no words that nobody would read', async () => {
    const view = new FakeView();
    const { post } = await start({ view });

    expect((await post('/api/docker/errors/31/resolve', { reason: 'mended' })).status).toBe(400);
    expect(view.calls).toEqual([]);
  });
});
