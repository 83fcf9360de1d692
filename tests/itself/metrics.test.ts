import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type HttpEngine, startHttpEngine } from '../fakes/http-engine.ts';
import { namesIn } from '../markdown.ts';
import { aHome, type Home, hearsNothing, webIs } from './a-process.ts';

let engine: HttpEngine;
let home: Home;

beforeEach(async () => {
  engine = await startHttpEngine();
  home = aHome();
});

afterEach(async () => {
  await home.remove();
  await engine.close();
});

test('a running watchdog shows its health and the fill of every queue that the documentation names', async () => {
  hearsNothing(engine);
  webIs(engine, 'running');
  const watchdog = await home.start({ DOCKER_HOST: engine.host });
  await watchdog.says('watching');

  const page = await (await fetch(`${watchdog.url}/metrics`)).text();

  const of = (family: string, label: string) =>
    [...page.matchAll(new RegExp(`^${family}\\{${label}="([^"]+)"\\}`, 'gm'))].map(([, name]) => name);
  // A channel's queue is there once something waits in it.
  const named = namesIn('docs/reliability.md', 'queue').filter(queue => queue !== 'outbox-CHANNEL');
  expect(of('watchdog_queue_fill', 'queue').sort()).toEqual(named.sort());
  expect(of('watchdog_queue_limit', 'queue').sort()).toEqual(named.sort());
  expect(of('watchdog_healthy', 'check')).toEqual(['engine', 'events', 'ledger']);
});
