import { afterEach, describe, expect, test } from '@jest/globals';
import { createApp } from '../../watchdog/serve/app.ts';
import type { Deps } from '../../watchdog/serve/deps.ts';
import type { Limits } from '../../watchdog/serve/limits.ts';
import { routesOf } from '../door/routes-of.ts';
import { aServiceView, FakeView, someDeps, TOKEN } from '../fakes/watchdog-view.ts';
import { type Api, serving } from './api.ts';

let api: Api | undefined;
afterEach(() => api?.close());

const start = async (deps: Partial<Deps> = {}, limits?: Limits): Promise<Api> => {
  api = await serving(createApp(someDeps(deps), limits));
  return api;
};

describe('the token', () => {
  test.each(['/api/services/nobody', '/repair/web', '/webhook/alertmanager', '/', '/API/services', '/api//services'])(
    'is asked for at %s before anything tells what exists there',
    async path => {
      const { get } = await start();

      const said = await get(path, {});

      expect(said.status).toBe(401);
      expect(said.headers.get('www-authenticate')).toBe('Bearer realm="watchdog"');
      expect(said.headers.get('content-type')).toContain('application/problem+json');
    },
  );

  test.each([
    ['another one', `Bearer ${TOKEN}x`],
    ['its beginning', `Bearer ${TOKEN.slice(0, -1)}`],
    ['another scheme', `Basic ${TOKEN}`],
    ['no scheme', TOKEN],
    ['nothing', 'Bearer '],
  ])('does not let pass %s', async (_what, authorization) => {
    const { get } = await start();

    expect((await get('/api/services', { authorization })).status).toBe(401);
  });

  test('is not read from the URL', async () => {
    const { get } = await start();

    expect((await get(`/api/services?token=${TOKEN}&access_token=${TOKEN}`, {})).status).toBe(401);
  });
});

describe('hammering', () => {
  test('is answered with 429 and when to come back', async () => {
    const { get } = await start({}, { requestsPerMinute: 2, failuresPerMinute: 100 });
    await get('/api/services');
    await get('/api/services');

    const said = await get('/api/services');

    expect(said.status).toBe(429);
    expect(Number(said.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(said.json).toMatchObject({ title: 'Too Many Requests', status: 429 });
  });

  test('with wrong tokens is answered with 429, and does not keep the right one out', async () => {
    const { get } = await start({}, { requestsPerMinute: 1, failuresPerMinute: 2 });
    for (let i = 0; i < 2; i += 1)
      expect((await get('/api/services', { authorization: 'Bearer wrong' })).status).toBe(401);

    const wrong = await get('/api/services', { authorization: 'Bearer wrong' });
    const none = await get('/api/services', {});
    const right = await get('/api/services');

    expect([wrong.status, none.status, right.status]).toEqual([429, 429, 200]);
    expect(Number(wrong.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(wrong.json.detail).toBe('too many wrong tokens from this address');
  });

  test('of the metrics is bounded, which need no token and cost most', async () => {
    const { get } = await start({}, { requestsPerMinute: 2, failuresPerMinute: 100 });

    const statuses = [await get('/metrics', {}), await get('/METRICS/', {}), await get('/metrics', {})];

    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect((await get('/healthz', {})).status).toBe(200);
    expect((await get('/api/services')).status).toBe(200);
  });

  test('does not silence the probe that tells whether the watchdog lives', async () => {
    const { get } = await start({}, { requestsPerMinute: 1, failuresPerMinute: 1 });
    for (let i = 0; i < 3; i += 1) await get('/api/services', {});

    expect((await get('/healthz', {})).status).toBe(200);
  });

  test('is not counted apart for those who claim to be somebody else', async () => {
    const { get } = await start({}, { requestsPerMinute: 2, failuresPerMinute: 100 });
    const claim = (ip: string) => ({ authorization: `Bearer ${TOKEN}`, 'x-forwarded-for': ip });
    await get('/api/services', claim('10.0.0.1'));
    await get('/api/services', claim('10.0.0.2'));

    expect((await get('/api/services', claim('10.0.0.3'))).status).toBe(429);
  });
});

describe('what cannot be answered', () => {
  test('a path that does not exist is 404', async () => {
    const { get } = await start();

    const said = await get('/api/nothing');

    expect(said.status).toBe(404);
    expect(said.json).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404 });
  });

  test.each([
    ['DELETE', '/api/services', 'GET, HEAD'],
    ['GET', '/repair/web', 'POST'],
    ['PUT', '/healthz', 'GET, HEAD'],
  ])('%s %s is 405 and says what is possible', async (method, path, allowed) => {
    const { send } = await start();

    const said = await send(method, path, { headers: { authorization: `Bearer ${TOKEN}` } });

    expect(said.status).toBe(405);
    expect(said.headers.get('allow')).toBe(allowed);
  });

  test('a body that is not JSON is 400, and is not quoted', async () => {
    const { post } = await start();

    const said = await post('/repair/web', '{"strategy": geheim');

    expect(said.status).toBe(400);
    expect(said.json.detail).toBe('the body is not JSON');
    expect(said.text).not.toContain('geheim');
  });

  test('a body without its content type is read all the same, not ignored', async () => {
    const view = new FakeView();
    const { post } = await start({ view });
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-www-form-urlencoded' };

    await post('/repair/web', '{"strategy":"recreate"}', headers);

    expect(view.calls).toEqual([['ask', { project: 'shop', service: 'web' }, { strategy: 'recreate' }]]);
  });

  test('a body above 1 MiB is 413', async () => {
    const { post } = await start();

    expect((await post('/repair/web', { reason: 'x'.repeat(1_048_577) })).status).toBe(413);
  });

  test('a path with a broken escape is 400', async () => {
    const { get } = await start();

    expect((await get('/api/services/%ff')).status).toBe(400);
  });

  test('an error that nobody planned is 500: logged whole, told without its details', async () => {
    const logged: unknown[] = [];
    const view = new FakeView();
    view.explain = () => Promise.reject(new Error('the inner thing broke'));
    const { get } = await start({
      view,
      logger: { ...someDeps().logger, error: (_message, values) => logged.push(values) },
    });

    const said = await get('/api/services/web/explain');

    expect(said.status).toBe(500);
    expect(said.text).not.toContain('inner thing');
    expect(JSON.stringify(logged)).toContain('the inner thing broke');
    expect(JSON.stringify(logged)).not.toContain(TOKEN);
  });
});

describe('every answer', () => {
  test.each(['/healthz', '/api/services', '/api/nothing'])('of %s carries the guarding headers', async path => {
    const { get } = await start();

    const { headers } = await get(path);

    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.has('x-powered-by')).toBe(false);
  });
});

describe('the open routes', () => {
  test('healthz is 200 while all is well, and 503 with why when it is not', async () => {
    const view = new FakeView();
    const { get } = await start({ view });

    const well = await get('/healthz', {});
    view.health = { ok: false, because: 'the engine is away', checks: { engine: 'ECONNREFUSED' } };
    const ill = await get('/healthz', {});
    const unready = await get('/readyz', {});

    expect(well.status).toBe(200);
    expect(ill.status).toBe(503);
    expect(ill.json).toEqual({ ok: false, because: 'the engine is away', checks: { engine: 'ECONNREFUSED' } });
    expect(unready.status).toBe(503);
  });

  test('metrics are in the format of the registry', async () => {
    const { get } = await start();

    const said = await get('/metrics', {});

    expect(said.text).toBe('watchdog_build_info 1\n');
    expect(said.headers.get('content-type')).toContain('version=0.0.4');
  });

  test('tell nothing of the services', async () => {
    const view = new FakeView();
    view.known = [aServiceView({ service: 'secret-project' })];
    const { get } = await start({ view });

    expect((await get('/healthz', {})).text).not.toContain('secret-project');
  });
});

test('openapi.json describes every route there is', async () => {
  const app = createApp(someDeps());
  api = await serving(app);

  const { json } = await api.get('/api/openapi.json');

  const paths = json.paths as Record<string, Record<string, unknown>>;
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map(method => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
  expect(described.sort()).toEqual(
    routesOf(app)
      .map(([method, path]) => `${method} ${path}`)
      .sort(),
  );
});

test('openapi.json describes every event of the stream', async () => {
  api = await serving(createApp(someDeps()));

  const { json } = await api.get('/api/openapi.json');

  const described = { type: 'object', required: expect.arrayContaining(['at', 'project', 'service']) };
  const scaling = { ...described, properties: { from: {}, to: {}, direction: { enum: ['up', 'down'] } } };
  const events = {
    finding: described,
    decision: described,
    approval: described,
    incident: described,
    outcome: described,
    scaling,
  };
  const content = { 'text/event-stream': { 'x-events': events } };
  expect(json).toMatchObject({ paths: { '/api/events': { get: { responses: { 200: { content } } } } } });
});
