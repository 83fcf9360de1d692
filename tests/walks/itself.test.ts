import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { healthOf } from '../../watchdog/view.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { engineSays } from '../fakes/fake-engine.ts';
import { Walk } from './a-walk.ts';

let walk: Walk;

beforeEach(() => {
  walk = new Walk();
});

afterEach(() => walk.end());

const health = () => healthOf(walk.ledger, walk.watchdog);

describe('the watchdog says of itself', () => {
  test('that all is well, once everything was looked at', async () => {
    walk.engine.up();
    await walk.start();

    expect(health()).toEqual({ engine: undefined, events: undefined, ledger: undefined });
  });

  test('that its event stream is deaf when it stays so after it was opened anew, and that it hears again', async () => {
    walk.engine.up({ healthcheck: CHECKED, labels: { auto_repair: 'false' } });
    await walk.start();
    for (const state of ['unhealthy', 'healthy', 'unhealthy'] as const) {
      walk.engine.events.deafen();
      walk.engine.probe('shop-web-1', state);
      walk.engine.events.forget();
      await walk.advance(minutes(1));
    }
    expect(health().events).toContain('the event stream is deaf');

    walk.engine.probe('shop-web-1', 'healthy');
    await walk.advance(seconds(1));

    expect(health().events).toBeUndefined();
  });

  test('that no round has ended, but not that it is stuck, while the engine does not answer', async () => {
    walk.engine.up();
    await walk.start();
    walk.engine.mishap('list', ...Array(500).fill({ error: engineSays('timeout'), done: false }));

    await walk.advance(hours(1));

    expect(health().engine).toBeDefined();
    expect(walk.watchdog.watch.stuckFor()).toBe(0);
  });

  test('that it is stuck when a round hangs for ever', async () => {
    walk.engine.up();
    await walk.start();
    walk.engine.mishap('list', { error: 'never answers', done: false });

    await walk.advance(minutes(10));

    expect(walk.watchdog.watch.stuckFor()).toBeGreaterThan(minutes(8));
  });
});
