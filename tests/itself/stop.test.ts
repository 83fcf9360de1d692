import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openLedger } from '../../watchdog/record/ledger/open-ledger.ts';
import { type HttpEngine, startHttpEngine } from '../fakes/http-engine.ts';
import { anIncident, anOrder, NOON } from '../record/ledger/a-ledger.ts';
import { aHome, asked, type Home, hangs, hearsNothing, TOKEN, WEB, webIs } from './a-process.ts';

const quiet = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
const START = `POST /containers/${WEB}/start`;

let engine: HttpEngine;
let home: Home;
let env: Record<string, string>;

beforeEach(async () => {
  engine = await startHttpEngine();
  hearsNothing(engine);
  home = aHome();
  env = { DOCKER_HOST: engine.host };
});

afterEach(async () => {
  await home.remove();
  await engine.close();
});

const writes = () => engine.seen.filter(({ call }) => call.startsWith('POST')).map(({ call }) => call);

const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };

describe('a watchdog that is told to stop ends in order', () => {
  test('while there is no engine', async () => {
    const watchdog = await home.start();
    await watchdog.says('watching');

    watchdog.signal('SIGTERM');

    expect(await watchdog.ended).toBe(0);
    expect(watchdog.said()).toContain('watchdog stopped');
  });

  test('while it waits for an engine that does not answer', async () => {
    engine.answer('GET /events', hangs);
    const watchdog = await home.start(env);
    await asked(engine, 'GET /events');

    watchdog.signal('SIGINT');

    expect(await watchdog.ended).toBe(0);
  });

  test('while an own strategy is being loaded that never ends loading', async () => {
    home.strategy('setInterval(() => undefined, 1000).unref(); await new Promise(() => undefined);');
    const watchdog = await home.start(env);
    await watchdog.says('watchdog started');

    watchdog.signal('SIGTERM');

    expect(await watchdog.ended).toBe(0);
  });

  test('while people watch its events: their streams end, and nobody waits for them', async () => {
    webIs(engine, 'running');
    const watchdog = await home.start(env);
    await watchdog.says('watching');
    const streamEnded = new Promise<void>((resolve, reject) => {
      get(`${watchdog.url}/api/events`, { headers }, stream => {
        stream.resume().once('end', resolve).once('error', reject);
        watchdog.signal('SIGTERM');
      }).once('error', reject);
    });

    await streamEnded;

    expect(await watchdog.ended).toBe(0);
  });

  test('while it watches over a start: the proof is left to the next watchdog, and nothing is done twice', async () => {
    webIs(engine, 'exited');
    engine.answer(START, response => {
      webIs(engine, 'running', 'starting');
      response.writeHead(204).end();
    });
    const watchdog = await home.start(env);
    await asked(engine, START);
    await watchdog.says('repair began');

    watchdog.signal('SIGTERM');

    expect(await watchdog.ended).toBe(0);
    expect(writes()).toEqual([START]);
  });
});

describe('a watchdog that is told to stop while the engine does not finish what it was told', () => {
  test('leaves the repair in the journal, takes alerts meanwhile, begins nothing, and lets the next one go on', async () => {
    webIs(engine, 'exited');
    engine.answer(START, hangs);
    const watchdog = await home.start(env);
    await asked(engine, START);
    watchdog.signal('SIGTERM');
    await watchdog.says('told to stop');

    const wish = await fetch(`${watchdog.url}/repair/web`, { method: 'POST', headers, body: '{}' });
    const alert = {
      status: 'firing',
      fingerprint: '0123456789abcdef',
      labels: { alertname: 'Late', auto_repair: 'true', project: 'shop', service: 'web', repair: 'restart' },
      annotations: {},
    };
    const delivery = { version: '4', status: 'firing', alerts: [{ ...alert, startsAt: new Date().toISOString() }] };
    const taken = await fetch(`${watchdog.url}/webhook/alertmanager`, {
      method: 'POST',
      headers,
      body: JSON.stringify(delivery),
    });

    expect([wish.status, await wish.text()]).toEqual([409, expect.stringContaining('the watchdog is stopping')]);
    expect([taken.status, await taken.text()]).toEqual([202, expect.stringContaining('"queued":1')]);
    expect(await watchdog.ended).toBe(0);
    expect(writes()).toEqual([START]);
    expect(home.unfinished()).toMatchObject([{ service: 'web', order: { strategy: 'start' } }]);
    const { alerts, ledger } = openLedger(join(home.folder, 'ledger.sqlite'), { logger: quiet });
    // Whether or not it was found out yet what it is about.
    expect([...alerts.waiting(10), ...alerts.firingServices()]).toHaveLength(1);
    ledger.close();

    webIs(engine, 'running');
    const next = await home.start(env);
    await next.says('half-done repair taken up');
    next.signal('SIGTERM');
    expect(await next.ended).toBe(0);
    expect(home.unfinished()).toEqual([]);
  });

  test('leaves what a crash left half done to the one after it', async () => {
    const { ledger } = openLedger(join(home.folder, 'ledger.sqlite'), { logger: quiet });
    const patient = { id: WEB, name: 'shop-web-1', number: 1 };
    const { id } = ledger.openIncident(anIncident({ patients: [patient] }), NOON);
    const repair = ledger.beginRepair(anOrder({ strategy: 'clean-restart', targets: [patient] }), id, NOON);
    ledger.noteStep(repair, 'stop', { container: WEB, containerId: WEB }, NOON);
    ledger.close();
    webIs(engine, 'running');
    engine.answer(`POST /containers/${WEB}/stop`, hangs);
    const watchdog = await home.start(env);
    await asked(engine, `POST /containers/${WEB}/stop`);
    const { checks } = (await (await fetch(`${watchdog.url}/healthz`)).json()) as { checks: { engine: string } };

    watchdog.signal('SIGTERM');

    expect(checks.engine).toContain('what was left half done is finished first');
    expect(await watchdog.ended).toBe(0);
    expect(writes()).toEqual([`POST /containers/${WEB}/stop`]);
    expect(home.unfinished()).toMatchObject([{ id: repair }]);
  });

  test('ends at once when it is told again', async () => {
    webIs(engine, 'exited');
    engine.answer(START, hangs);
    const watchdog = await home.start(env);
    await asked(engine, START);
    watchdog.signal('SIGTERM');
    await watchdog.says('told to stop');

    const again = (async () => {
      while (!watchdog.said().includes('told to stop again')) {
        watchdog.signal('SIGTERM');
        await pause(100);
      }
    })();

    expect(await watchdog.ended).toBe(143);
    await again;
    expect(home.unfinished()).toMatchObject([{ service: 'web' }]);
  });
});
