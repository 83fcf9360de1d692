import { afterEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import type { LogValues } from '../../watchdog/adapters/logger.ts';
import { createApp } from '../../watchdog/serve/app.ts';
import { FakeView, someDeps, TOKEN } from '../fakes/watchdog-view.ts';
import { type Api, serving } from '../serve/api.ts';
import { aRequest, say, statusesIn } from './raw.ts';
import { routesOf } from './routes-of.ts';

/** All that anybody may ask without the token (INTERFACE, HTTP). To add a line here is a decision about the threat model. */
const OPEN = ['GET /healthz', 'GET /metrics', 'GET /readyz'];

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'PROPFIND'];

let api: Api | undefined;
afterEach(() => api?.close());

/** Limits that no test here is meant to reach. */
const PATIENT = { requestsPerMinute: 100_000, failuresPerMinute: 100_000 };

async function start() {
  const view = new FakeView();
  const logged: string[] = [];
  const log = (message: string, values: LogValues = {}) => logged.push(JSON.stringify([message, values]));
  const logger = { error: log, warn: log, info: log, debug: log };
  const app = createApp(someDeps({ view, logger }), PATIENT);
  api = await serving(app);
  return { ...api, app, view, logged };
}

describe('without the token', () => {
  test('nothing is answered but the open routes, by no method and on no path', async () => {
    const { app, send, view } = await start();
    const routes = routesOf(app);

    const answered: string[] = [];
    for (const path of new Set(routes.map(([, path]) => path)))
      for (const method of METHODS) {
        const { status } = await send(method, path.replaceAll(/:\w+/g, 'web'));
        if (status !== 401 && status !== 405) answered.push(`${method} ${path}`);
      }

    expect(routes.length).toBeGreaterThan(12);
    expect(answered.filter(each => !each.startsWith('HEAD ')).sort()).toEqual(OPEN);
    expect(answered.filter(each => each.startsWith('HEAD ')).sort()).toEqual(
      OPEN.map(each => each.replace('GET', 'HEAD')),
    );
    expect(view.calls).toEqual([]);
  });

  test('a wrong method tells only of the open routes that it is wrong', async () => {
    const { app, send } = await start();

    const told: string[] = [];
    for (const path of new Set(routesOf(app).map(([, path]) => path)))
      if ((await send('DELETE', path.replaceAll(/:\w+/g, 'web'))).status === 405) told.push(`GET ${path}`);

    expect(told.sort()).toEqual(OPEN);
  });

  test('a route that is forgotten in a router of its own does not go unnoticed', () => {
    const app = express();
    app.use(
      '/inner',
      express.Router().get('/open', () => undefined),
    );

    expect(() => routesOf(app)).toThrow('a router is mounted');
  });
});

describe('what is nearly the token does not pass:', () => {
  const bearer = `Authorization: Bearer ${TOKEN}`;

  test.each([
    ['twice, the wrong one first', ['Authorization: Bearer wrong', bearer]],
    ['twice, the right one first', [bearer, 'Authorization: Bearer wrong']],
    ['twice the same', [bearer, bearer]],
    ['two in one header', [`Authorization: Bearer wrong, Bearer ${TOKEN}`]],
    ['with something behind it', [`${bearer} x`]],
    ['after a tab', [`Authorization: Bearer\t${TOKEN}`]],
    ['in quotes', [`Authorization: Bearer "${TOKEN}"`]],
    ['percent-encoded', [`Authorization: Bearer ${TOKEN.replaceAll('-', '%2d')}`]],
    ['in capitals', [`Authorization: Bearer ${TOKEN.toUpperCase()}`]],
    ['for the proxy', [`Proxy-Authorization: Bearer ${TOKEN}`]],
    ['as a cookie', [`Cookie: token=${TOKEN}; authorization=Bearer ${TOKEN}`]],
    ['as Basic', [`Authorization: Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}`]],
    ['with an underscore', [`Authorization_: Bearer ${TOKEN}`, `X-Authorization: Bearer ${TOKEN}`]],
    ['as __proto__', [`__proto__: Bearer ${TOKEN}`, `constructor: Bearer ${TOKEN}`]],
    ['for another method', [`X-HTTP-Method-Override: GET`, `X-Original-URL: /healthz`, `X-Rewrite-URL: /healthz`]],
    ['from this machine', ['X-Forwarded-For: 127.0.0.1', 'Forwarded: for=127.0.0.1', 'X-Real-IP: 127.0.0.1']],
    ['folded over two lines', ['Authorization: Bearer', ` ${TOKEN}`]],
    ['with a blank before the colon', [`Authorization : Bearer ${TOKEN}`]],
    ['with a null byte', [`${bearer}\0`]],
  ])('%s', async (_what, headers) => {
    const { address, view } = await start();

    const said = await say(address, aRequest('POST /repair/web', headers));

    expect([[400], [401]]).toContainEqual(statusesIn(said));
    expect(view.calls).toEqual([]);
  });

  test('and the token itself does, in any spelling of the scheme', async () => {
    const { address } = await start();

    for (const scheme of ['Bearer', 'bearer', 'BEARER'])
      expect(
        statusesIn(await say(address, aRequest('GET /api/services', [`Authorization: ${scheme} ${TOKEN}`]))),
      ).toEqual([200]);
  });
});

test('neither the token nor what was taken for one is ever logged, wherever it stood', async () => {
  const { send, view, logged } = await start();
  const broken = () => Promise.reject(new Error('nobody planned this'));
  Object.assign(view, { explain: broken, ask: broken });
  const headers = { authorization: `Bearer ${TOKEN}` };
  const mistaken = 'somebody-elses-token-by-mistake';

  for (const path of ['/api/services/web/explain', '/repair/web', '/api/nothing', '/webhook/alertmanager'])
    for (const method of ['GET', 'POST']) {
      await send(method, `${path}?token=${TOKEN}&access_token=${mistaken}`, { headers });
      await send(method, path, { headers });
      await send(method, path, { headers: { authorization: `Bearer ${mistaken}` } });
      await send('POST', path, { headers, body: `{"token": "${TOKEN}"` });
    }

  expect(logged.join()).toContain('nobody planned this');
  expect(logged.join()).not.toContain(TOKEN);
  expect(logged.join()).not.toContain(mistaken);
});
