import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { aDelivery, anAlertBody } from '../fakes/a-delivery.ts';
import { anExplanation, aServiceView, FakeView, NOON, someDeps, TOKEN } from '../fakes/watchdog-view.ts';
import { aRunningWatchdog, beside, command, nowhere } from './a-terminal.ts';

const seeing = (...known: ReturnType<typeof aServiceView>[]): FakeView => {
  const view = new FakeView();
  view.known = known;
  return view;
};

const ill = aServiceView({
  health: 'unhealthy',
  openIncident: { id: '7', condition: 'unhealthy', state: 'escalated', because: 'x', openedAt: NOON - 240_000 },
  nextAction: {
    verdict: 'stand-back',
    code: 'attempt-cap',
    because: '3 attempts in 1h',
    strategy: 'restart',
    until: NOON + 60_000,
  },
});

describe('status', () => {
  test('is fine while every service is, and shows each', async () => {
    const said = await beside({ view: seeing(aServiceView(), aServiceView({ service: 'api' })) }, 'status');

    expect(said.status).toBe(0);
    expect(said.out.split('\n')).toEqual([
      'SERVICE   STATE             REPLICAS  INCIDENT  NEXT',
      'shop/web  running, healthy  1         -         -',
      'shop/api  running, healthy  1         -         -',
    ]);
  });

  test('finds trouble in an open incident, and says what comes next and when', async () => {
    const said = await beside({ view: seeing(ill) }, 'status');

    expect(said.status).toBe(1);
    expect(said.out).toContain('unhealthy, escalated since 2026-03-01 09:56:00Z (4m ago)');
    expect(said.out).toContain('stands back (attempt-cap) until 2026-03-01 10:01:00Z (in 1m): 3 attempts in 1h');
  });

  test('finds trouble in a label that cannot be read', async () => {
    const said = await beside(
      { view: seeing(aServiceView({ problems: ['label auto_repair.cooldown: found "x"'] })) },
      'status',
    );

    expect(said.status).toBe(1);
    expect(said.out).toContain('shop/web is held back: label auto_repair.cooldown: found "x"');
  });

  test('finds trouble in the watchdog itself', async () => {
    const view = new FakeView();
    view.health = { ok: false, because: 'the engine is away', checks: {} };

    const said = await beside({ view }, 'status');

    expect(said.status).toBe(1);
    expect(said.out).toContain('the watchdog itself is not well: the engine is away');
  });

  test('says what to do when there is nothing to show', async () => {
    const said = await beside({ view: seeing() }, 'status', '--project', 'shop');

    expect(said.status).toBe(0);
    expect(said.out).toContain('no services in scope in project shop: WATCHDOG_PROJECTS says which');
  });

  test('prints JSON for programs', async () => {
    const said = await beside({ view: seeing(ill) }, 'status', '--json');

    expect(JSON.parse(said.out)).toMatchObject({ watchdog: 'ok', items: [{ service: 'web', health: 'unhealthy' }] });
    expect(said.status).toBe(1);
  });
});

describe('explain', () => {
  test("prints the incident, the order and every gate's answer in order", async () => {
    const view = new FakeView();
    view.explanation = anExplanation('cooldown');

    const said = await beside({ view }, 'explain', 'web');

    expect(said.status).toBe(1);
    const lines = said.out.split('\n');
    expect(lines[0]).toBe('shop/web: unhealthy since 2026-03-01 09:58:56Z (1m 4s ago); its health check fails');
    expect(said.out).toContain('evidence: failingStreak=3');
    expect(said.out).toContain('order: restart on shop-web-1, attempt 1; unhealthy for 30s');
    expect(lines.filter(line => line.includes(' passes'))).toHaveLength(15);
    expect(said.out).toMatch(/cooldown +objects +repaired a moment ago +2026-03-01 10:01:00Z \(in 1m\)/);
    expect(lines.at(-1)).toBe('decision: stand back (cooldown)');
  });

  test('is fine when nothing is wrong', async () => {
    const view = new FakeView();
    view.explanation = {
      diagnosis: { verdict: 'nothing-wrong', because: 'it is starting' },
      order: undefined,
      answers: [],
      decision: undefined,
    };

    const said = await beside({ view }, 'explain', 'web');

    expect(said).toMatchObject({ status: 0, out: 'shop/web: nothing wrong; it is starting' });
  });

  test('names the choices when several projects have the service', async () => {
    const said = await beside({ view: seeing(aServiceView(), aServiceView({ project: 'blog' })) }, 'explain', 'web');

    expect(said.status).toBe(2);
    expect(said.err).toContain(
      'several projects have a service web: say which project is meant\n  shop/web\n  blog/web',
    );
  });

  test('takes the project that is meant', async () => {
    const view = seeing(aServiceView(), aServiceView({ project: 'blog' }));

    const said = await beside({ view }, 'explain', 'web', '--project', 'blog', '--json');

    expect(JSON.parse(said.out)).toMatchObject({ project: 'blog', service: 'web', decision: 'go' });
  });
});

describe('explain with what Alertmanager posted', () => {
  const saved = (body: unknown): string => {
    const file = join(nowhere().WATCHDOG_DATA ?? '', 'body.json');
    writeFileSync(file, typeof body === 'string' ? body : JSON.stringify(body));
    return file;
  };

  test('says of each alert what it is about, what would be done, and why or why not', async () => {
    const view = new FakeView();
    view.explanation = anExplanation('cooldown');
    const file = saved(aDelivery([anAlertBody(), anAlertBody({ status: 'resolved' })]));

    const said = await beside({ view }, 'explain', file);

    expect(said.status).toBe(1);
    expect(said.out.split('\n')[0]).toBe(
      'HighMemoryUsage, firing: about shop/web, found by labels project and service; asks for restart',
    );
    expect(said.out).toContain('HighMemoryUsage, resolved: about shop/web');
    expect(said.out).toContain('decision: stand back (cooldown)');
    expect(view.calls).toEqual([]);
  });

  test('says which are for people and which are refused, for programs too', async () => {
    const view = new FakeView();
    view.explainAlerts = async alerts =>
      alerts.map((alert, at) => ({
        alert,
        name: `Alert${at}`,
        outcome:
          at === 0
            ? { verdict: 'ignored', because: 'for people' }
            : { verdict: 'refused', code: 'unknown-service', because: 'nobody fits\u001b[2J' },
      }));
    const file = saved(aDelivery([anAlertBody(), anAlertBody()]));

    const said = await beside({ view }, 'explain', file);
    const { out } = await beside({ view }, 'explain', file, '--json');

    expect(said).toMatchObject({
      status: 1,
      out: 'Alert0, firing: ignored; for people\n\nAlert1, firing: refused (unknown-service); nobody fits\\x1b[2J',
    });
    expect(JSON.parse(out).items).toMatchObject([{ verdict: 'ignored' }, { code: 'unknown-service' }]);
  });

  test.each([
    ['{', 'is not JSON: expected a file with what Alertmanager posted'],
    [aDelivery([], { version: '3' }), 'body version: found "3", expected "4"'],
  ])('refuses a file that holds %j', async (body, because) => {
    const said = await beside({}, 'explain', saved(body));

    expect(said.status).toBe(2);
    expect(said.err).toContain(because);
  });

  test('says so when the file is not there', async () => {
    const said = await beside({}, 'explain', '/nowhere/body.json');

    expect(said).toMatchObject({
      status: 2,
      err: expect.stringContaining('/nowhere/body.json cannot be read (ENOENT)'),
    });
  });
});

describe('repair', () => {
  test('says what was accepted and how to follow it', async () => {
    const view = new FakeView();

    const said = await beside({ view }, 'repair', 'web', '--strategy', 'recreate', '--reason', 'looks odd');

    expect(said.status).toBe(0);
    expect(said.out).toBe('accepted: restart begins\nincident 7; follow it with: watchdog history --service web');
    expect(view.calls).toEqual([
      ['ask', { project: 'shop', service: 'web' }, { strategy: 'recreate', reason: 'looks odd' }],
    ]);
  });

  test('that a gate refuses is trouble, with the reason', async () => {
    const view = new FakeView();
    view.wishAnswer = { verdict: 'refused', because: 'it is opted out', incidentId: undefined };

    const said = await beside({ view }, 'repair', 'web');

    expect(said).toMatchObject({ status: 1, err: 'refused: it is opted out' });
  });

  test('of a service that is not there is a mistake of the one who asks', async () => {
    const said = await beside({}, 'repair', 'wep');

    expect(said).toMatchObject({ status: 2, err: 'there is no service wep in scope\n  shop/web' });
  });
});

describe('pause and resume', () => {
  test('pauses for as long as was said', async () => {
    const view = new FakeView();

    const said = await beside(
      { view, clock: { ...someDeps().clock, now: () => NOON } },
      'pause',
      'web',
      '--for',
      '30m',
    );

    expect(said).toMatchObject({ status: 0, out: 'shop/web is paused' });
    expect(view.calls).toEqual([['pause', { project: 'shop', service: 'web' }, NOON + 1_800_000, 'no reason given']]);
  });

  test.each([
    ['pause', 'web'],
    ['pause', 'web', '--for', 'soon'],
    ['pause', '--for', '5m'],
  ])('refuses %s %s %s', async (...args) => {
    const said = await beside({}, ...args);

    expect(said.status).toBe(2);
  });

  test('says once what the watchdog finds wrong with the only thing that was said', async () => {
    const said = await beside({}, 'pause', 'web', '--for', '9999d');

    expect(said).toMatchObject({ status: 2, err: expect.stringContaining('expected a duration from 1s to 366d') });
    expect(said.err.split('\n')).toHaveLength(1);
  });

  test('resumes, and says when there was nothing to end', async () => {
    const view = new FakeView();
    view.resume = () => false;

    const said = await beside({ view }, 'resume', 'web');

    expect(said).toMatchObject({
      status: 0,
      out: 'shop/web was neither paused nor given up; its attempts so far no longer count',
    });
  });
});

describe('the token', () => {
  test('is printed and nothing else', async () => {
    expect(await beside({}, 'token')).toEqual({ status: 0, out: TOKEN, err: '' });
  });

  test('that the watchdog does not take is a matter of configuration, and is not shown', async () => {
    const running = await aRunningWatchdog();

    const said = await command({ ...running.env, WATCHDOG_TOKEN: 'quite-another-token' }, 'status');

    expect(said.status).toBe(2);
    expect(said.err).toContain('does not take the token of env WATCHDOG_TOKEN');
    expect(said.err).not.toContain('quite-another-token');
  });
});
