import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { Walk } from './a-walk.ts';

let walk: Walk;
beforeEach(() => {
  walk = new Walk();
});
afterEach(() => walk.end());

describe('limits', () => {
  test.each([
    ['only watched (observe mode of the whole watchdog)', { WATCHDOG_MODE: 'observe' }, {}, 'observe-only'],
    ['only watched (by its label)', {}, { 'auto_repair.mode': 'observe' }, 'observe-only'],
    ['taken out by its label', {}, { auto_repair: 'false' }, 'opt-out'],
    ['labelled so that nobody can tell what its owner wants', {}, { 'auto_repair.cooldown': 'soon' }, 'opt-out'],
  ] as const)('a service that is %s is not touched, and that is recorded', async (_, env, labels, code) => {
    walk = await replaced(walk, { env });
    walk.engine.up({ healthcheck: CHECKED, labels });
    await walk.start();

    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(hours(2));

    expect(walk.engine.count('restart')).toBe(0);
    expect(walk.lastDecision('web')).toMatch(new RegExp(`^${code}: `));
  });

  test('what a person paused is repaired as soon as the pause is over', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();
    walk.ledger.pause(
      { project: 'shop', service: undefined },
      walk.clock.now() + minutes(10),
      'demo',
      walk.clock.now(),
    );

    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(minutes(10) - 1);

    expect(walk.repairs()).toEqual([]);
    expect(walk.lastDecision('web')).toBe('paused: paused by a person: demo');

    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
  });

  test('a clock that is set back by hours holds no repair back for as long, and keeps no incident open', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(minutes(10));

    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(seconds(1));
    walk.clock.jump(-hours(2));
    await walk.advance(minutes(10));

    expect(walk.repairs()).toEqual(['restart shop-web-1 healed', 'restart shop-web-1 healed']);
    expect(walk.told('incident-resolved')).toEqual(['incident-resolved web', 'incident-resolved web']);
  });

  test('the watchdog never restarts itself', async () => {
    walk = await replaced(walk, { selfId: '0001'.padEnd(64, '0') });
    walk.engine.up({ healthcheck: CHECKED, service: 'watchdog' });
    await walk.start();

    walk.engine.probe('shop-watchdog-1', 'unhealthy');
    await walk.advance(minutes(10));

    expect(walk.repairs()).toEqual([]);
    expect(walk.lastDecision('watchdog')).toMatch(/^ourselves: /);
  });

  test('what is not watched is not even looked at', async () => {
    walk = await replaced(walk, { projects: ['shop', 'blog'] });
    walk.engine.up({ healthcheck: CHECKED, project: 'bank' });
    await walk.start();

    walk.engine.probe('bank-web-1', 'unhealthy');
    await walk.advance(minutes(10));

    expect(walk.engine.calls.filter(call => call.includes('bank'))).toEqual([]);
  });

  test('when the whole host is on fire no more is repaired than the storm limit lets through', async () => {
    walk = await replaced(walk, { env: { WATCHDOG_STORM_LIMIT: '5 per 10m' } });
    for (let n = 1; n <= 8; n += 1) walk.engine.up({ healthcheck: CHECKED, service: `s${n}` });
    await walk.start();

    for (let n = 1; n <= 8; n += 1) walk.engine.probe(`shop-s${n}-1`, 'unhealthy');
    await walk.advance(minutes(9));

    expect(walk.engine.count('restart')).toBe(5);

    await walk.advance(minutes(5));

    expect(walk.engine.count('restart')).toBe(8);
  });
});

describe('a repair that a person asks for', () => {
  test('restarts a service that is well', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();

    const answer = await walk.watchdog.ask({ project: 'shop', service: 'web' }, { reason: 'new certificate' }, 5_000);
    await walk.advance(minutes(1));

    expect(answer).toMatchObject({ verdict: 'accepted', because: 'new certificate' });
    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
    expect(walk.openIncident('web')).toBeUndefined();
  });

  test('is not held back by cooldown, backoff or cap', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    walk.engine.fate('shop-web-1', 'ill');
    await walk.start();
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(minutes(30));

    const answer = await walk.watchdog.ask({ project: 'shop', service: 'web' }, {}, 5_000);

    expect(answer.verdict).toBe('accepted');
    expect(walk.engine.count('restart')).toBe(4);
  });

  test('is refused for what is taken out', async () => {
    walk.engine.up({ labels: { auto_repair: 'false' } });
    await walk.start();

    const answer = await walk.watchdog.ask({ project: 'shop', service: 'web' }, {}, 5_000);

    expect(answer).toMatchObject({ verdict: 'refused', because: expect.stringContaining('auto_repair=false') });
    expect(walk.engine.count('restart')).toBe(0);
  });

  test('and names wrongly is refused to that person alone: no incident, nobody is told', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    await walk.start();

    const answer = await walk.watchdog.ask({ project: 'shop', service: 'web' }, { strategy: 'restrat' }, 5_000);

    expect(answer).toMatchObject({ verdict: 'refused', because: expect.stringContaining('no strategy restrat') });
    expect(walk.openIncident('web')).toBeUndefined();
    expect(walk.lastDecision('web')).toMatch(/^no-change: /);
    expect(walk.news.map(({ type }) => type)).not.toContain('incident-escalated');
  });

  test('and names wrongly does not give up the incident that is being worked on', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    walk.engine.fate('shop-web-1', 'ill');
    await walk.start();
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(seconds(1));

    const asked = walk.watchdog.ask({ project: 'shop', service: 'web' }, { strategy: 'restrat' }, minutes(5));
    await walk.advance(minutes(1));

    expect(await asked).toMatchObject({ verdict: 'refused' });
    expect(walk.openIncident('web')?.life.map(({ because }) => because)).not.toContainEqual(
      expect.stringMatching(/^no-change: /),
    );
  });
});

/** Another walk in the place of one that was not begun yet. */
async function replaced(unused: Walk, options: ConstructorParameters<typeof Walk>[0]): Promise<Walk> {
  await unused.end();
  return new Walk(options);
}
