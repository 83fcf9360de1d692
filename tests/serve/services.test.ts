import { afterEach, describe, expect, test } from '@jest/globals';
import { createApp } from '../../watchdog/serve/app.ts';
import { anExplanation, aServiceView, FakeView, NOON, someDeps } from '../fakes/watchdog-view.ts';
import { type Api, serving } from './api.ts';

let api: Api | undefined;
afterEach(() => api?.close());

const start = async (view: FakeView): Promise<Api> => {
  api = await serving(createApp(someDeps({ view, clock: { now: () => NOON, after: () => () => {} } })));
  return api;
};

const twoProjects = (): FakeView => {
  const view = new FakeView();
  view.known = [aServiceView(), aServiceView({ project: 'blog' }), aServiceView({ service: 'api' })];
  return view;
};

describe('reading services', () => {
  test('lists them with times in RFC 3339', async () => {
    const { get } = await start(new FakeView());

    const { json } = await get('/api/services');

    expect(json.items).toMatchObject([
      { project: 'shop', service: 'web', replicas: [{ startedAt: '2026-03-01T09:59:00.000Z', restarts: 0 }] },
    ]);
  });

  test('hides what looks like a secret in what a probe said', async () => {
    const view = new FakeView();
    const [replica] = aServiceView().replicas;
    const lastProbe = { at: NOON, exitCode: 1, output: 'cannot reach postgres://shop:geheim@db/shop' };
    view.known = [aServiceView({ replicas: replica ? [{ ...replica, lastProbe }] : [] })];
    const { get } = await start(view);

    const said = await get('/api/services/web');

    expect(said.text).toContain('cannot reach postgres://shop:***@db/shop');
  });

  test('lists those of one project', async () => {
    const { get } = await start(twoProjects());

    const { json } = await get('/api/services?project=blog');

    expect(json.items).toMatchObject([{ project: 'blog', service: 'web' }]);
    expect(json.items).toHaveLength(1);
  });

  test('finds the one that a name means', async () => {
    const { get } = await start(twoProjects());

    expect((await get('/api/services/api')).json).toMatchObject({ project: 'shop', service: 'api' });
    expect((await get('/api/services/web?project=blog')).json).toMatchObject({ project: 'blog', service: 'web' });
  });

  test('names the choices when several projects share a name', async () => {
    const { get } = await start(twoProjects());

    const said = await get('/api/services/web');

    expect(said.status).toBe(409);
    expect(said.json.problems).toEqual(['shop/web', 'blog/web']);
  });

  test('says which there are when there is none of that name', async () => {
    const { get } = await start(new FakeView());

    const said = await get('/api/services/wep');

    expect(said.status).toBe(404);
    expect(said.json.problems).toEqual(['shop/web']);
  });

  test('refuses a parameter that it does not know', async () => {
    const { get } = await start(new FakeView());

    const said = await get('/api/services?projekt=shop');

    expect(said.status).toBe(400);
    expect(said.text).toContain('projekt');
  });

  test("explains with every gate's answer in order", async () => {
    const view = new FakeView();
    view.explanation = anExplanation('cooldown');
    const { get } = await start(view);

    const { json } = await get('/api/services/web/explain');

    expect(json).toMatchObject({ verdict: 'incident', order: { strategy: 'restart' }, decision: 'stand-back' });
    expect((json.gates as unknown[]).slice(-2)).toEqual([
      { code: 'cooldown', objection: 'repaired a moment ago', until: '2026-03-01T10:01:00.000Z' },
      { code: 'backoff' },
    ]);
  });
});

describe('pausing', () => {
  test.each([
    ['30m', 1_800_000],
    ['90', 90_000],
    [90, 90_000],
  ])('for %j ends then', async (given, duration) => {
    const view = new FakeView();
    const { post } = await start(view);

    const said = await post('/api/services/web/pause', { for: given, reason: 'moving house' });

    expect(said.status).toBe(200);
    expect(view.calls).toEqual([['pause', { project: 'shop', service: 'web' }, NOON + duration, 'moving house']]);
  });

  test.each([{}, { for: 'soon' }, { for: '0' }, { for: '900d' }, { for: '5m', untill: 'x' }, { for: -5 }, []])(
    'is refused for %j',
    async body => {
      const view = new FakeView();
      const { post } = await start(view);

      const said = await post('/api/services/web/pause', body);

      expect(said.status).toBe(400);
      expect(said.json.problems).toHaveLength(1);
      expect(view.calls).toEqual([]);
    },
  );

  test('ends with resume, which says whether there was anything to end', async () => {
    const view = new FakeView();
    const { post } = await start(view);

    const said = await post('/api/services/web/resume');

    expect(said.json).toMatchObject({ resumed: true, service: { service: 'web' } });
    expect(view.calls).toEqual([['resume', { project: 'shop', service: 'web' }]]);
  });
});

describe('repair by hand', () => {
  test('is accepted with the incident and where to follow it', async () => {
    const view = new FakeView();
    const { post } = await start(view);

    const said = await post('/repair/web', { strategy: 'recreate', reason: 'looks odd' });

    expect(said.status).toBe(202);
    expect(said.headers.get('location')).toBe('/api/incidents/7');
    expect(said.json).toMatchObject({ verdict: 'accepted', incident: { id: '7', detectedSeconds: 4 } });
    expect(view.calls).toEqual([
      ['ask', { project: 'shop', service: 'web' }, { strategy: 'recreate', reason: 'looks odd' }],
    ]);
  });

  test('needs no body', async () => {
    const view = new FakeView();
    const { post } = await start(view);

    expect((await post('/repair/web')).status).toBe(202);
    expect(view.calls).toEqual([['ask', { project: 'shop', service: 'web' }, {}]]);
  });

  test('that a gate refuses is 409 with the reason', async () => {
    const view = new FakeView();
    view.wishAnswer = { verdict: 'refused', because: 'the service is opted out', incidentId: undefined };
    const { post } = await start(view);

    const said = await post('/repair/web');

    expect(said.status).toBe(409);
    expect(said.json.detail).toBe('the service is opted out');
  });

  test('that was accepted without an incident says so without one', async () => {
    const view = new FakeView();
    view.wishAnswer = { verdict: 'accepted', because: 'queued', incidentId: undefined };
    const { post } = await start(view);

    expect((await post('/repair/web')).json).toEqual({ verdict: 'accepted', because: 'queued' });
  });

  test.each([{ strategy: 'Rm -rf' }, { strategy: '' }, { force: true }, { reason: 'x'.repeat(501) }])(
    'is refused for %j',
    async body => {
      const { post } = await start(new FakeView());

      expect((await post('/repair/web', body)).status).toBe(400);
    },
  );
});
