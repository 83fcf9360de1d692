import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ReceivedAlert } from '../../watchdog/domain/received-alert.ts';
import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { explainAlerts } from '../../watchdog/receive.ts';
import { aReceivedAlert } from '../fakes/an-alert.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { Walk } from './a-walk.ts';

let walk: Walk;
beforeEach(() => {
  walk = new Walk({ receiving: true });
  walk.engine.up({ healthcheck: CHECKED, addresses: ['172.18.0.3'] });
});
afterEach(() => walk.end());

/** `HighErrorRate` of whoever listens at 172.18.0.3. */
const anAlert = (differing: Partial<ReceivedAlert> = {}): ReceivedAlert =>
  aReceivedAlert({
    labels: { alertname: 'HighErrorRate', auto_repair: 'true', repair: 'restart', instance: '172.18.0.3:8080' },
    ...differing,
  });

const restarts = () => walk.engine.count('restart', 'shop-web-1');

test('an alert that comes in is repaired, and closed by its end', async () => {
  await walk.start();
  await walk.deliver(anAlert());
  const opened = walk.openIncident('web', 'erring')?.evidence;
  await walk.advance(minutes(1));
  await walk.deliver(anAlert({ status: 'resolved' }));
  await walk.advance(minutes(1));

  expect(opened).toMatchObject({ alert: 'HighErrorRate', foundBy: 'address 172.18.0.3' });
  expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
  expect(walk.openIncident('web', 'erring')).toBeUndefined();
});

test('a delivery that is repeated or replayed later is repaired no second time', async () => {
  await walk.start();
  await walk.deliver(anAlert());
  const again = await walk.deliver(anAlert());
  await walk.deliver(anAlert({ status: 'resolved' }));
  await walk.advance(hours(2));

  const replayed = await walk.deliver(anAlert());
  await walk.advance(hours(2));

  expect(again).toEqual({ queued: 0, repeated: 1, ignored: 0 });
  expect(replayed).toEqual({ queued: 0, repeated: 1, ignored: 0 });
  expect(restarts()).toBe(1);
});

test('2,000 alerts about one service are one trouble, and one repair', async () => {
  await walk.start();

  await walk.deliver(...Array.from({ length: 2_000 }, (_, n) => anAlert({ fingerprint: `f${n}` })));
  await walk.advance(minutes(2));

  expect(walk.kept.waiting(1)).toEqual([]);
  expect(walk.kept.firing({ project: 'shop', service: 'web' })).toHaveLength(2_000);
  expect(restarts()).toBe(1);
});

test('an alert that ends before its repair has begun leaves nothing to do', async () => {
  await walk.start();

  await walk.deliver(anAlert(), anAlert({ status: 'resolved' }));
  await walk.advance(minutes(10));

  expect(restarts()).toBe(0);
  expect(walk.openIncident('web', 'erring')).toBeUndefined();
});

test('an alert that ends while its repair waits for a slot calls it off', async () => {
  await walk.end();
  walk = new Walk({ receiving: true, env: { WATCHDOG_MAX_PARALLEL: '1' } });
  walk.engine.up({ healthcheck: CHECKED });
  walk.engine.up({ service: 'api', healthcheck: CHECKED, addresses: ['172.18.0.3'] });
  await walk.start();
  walk.engine.mishap('restart', { error: 'never answers', done: false });
  walk.engine.probe('shop-web-1', 'unhealthy');
  await walk.advance(seconds(1));
  await walk.deliver(anAlert());
  await walk.advance(seconds(5));
  const waiting = walk.ledger.unfinishedRepairs().map(({ service }) => service);

  await walk.deliver(anAlert({ status: 'resolved' }));
  await walk.advance(minutes(5));

  expect(waiting).toEqual(['web', 'api']);
  expect(walk.engine.count('restart', 'shop-api-1')).toBe(0);
  expect(walk.repairs()).toContain('restart shop-api-1 interrupted');
  expect(walk.openIncident('api', 'erring')).toBeUndefined();
});

test.each(['before it was written', 'after it was written'] as const)(
  'a watchdog that is killed while an alert waits, %s into the book, loses none and repairs once',
  async when => {
    let step = 0;
    const dies = when === 'before it was written' ? 3 : 4;
    await walk.start();
    // take, before and after; then the book, before and after.
    walk.onStep = () => {
      step += 1;
      if (step === dies) walk.kill();
    };

    await walk.deliver(anAlert()).catch(() => undefined);
    walk.onStep = () => undefined;
    const [before, waiting] = [restarts(), walk.kept.waiting(10)];
    await walk.start();
    await walk.advance(minutes(1));
    await walk.deliver(anAlert({ status: 'resolved' }));
    await walk.advance(minutes(30));

    expect(before).toBe(0);
    expect(waiting).toHaveLength(when === 'before it was written' ? 1 : 0);
    expect(restarts()).toBe(1);
    expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
  },
);

test('an alert that comes while nobody watches yet is attended to after the first look', async () => {
  walk.kept.take([anAlert()], walk.clock.now());

  await walk.start();
  await walk.advance(seconds(1));

  expect(restarts()).toBe(1);
});

test('while the ledger cannot be written nothing is taken, and Alertmanager is told so', async () => {
  await walk.start();
  walk.ledgerFails = true;

  await expect(walk.deliver(anAlert())).rejects.toThrow('database or disk is full');
  walk.ledgerFails = false;
  await walk.deliver(anAlert());

  expect(restarts()).toBe(1);
});

test('an alert that nobody can place is a decision for the audit', async () => {
  await walk.start();

  await walk.deliver(anAlert({ labels: { alertname: 'Lost', auto_repair: 'true', repair: 'restart', job: 'nobody' } }));

  expect(walk.ledger.decisions({ limit: 1 }).items).toMatchObject([
    {
      service: 'alert Lost',
      verdict: 'stand-back',
      code: 'unknown-service',
      because: expect.stringContaining('nobody'),
    },
  ]);
});

test('one that is not told of for a day fires no more, its incident closes, and a decision says why', async () => {
  walk.ledger.pause({ project: 'shop', service: 'web' }, undefined, 'demo', walk.clock.now());
  await walk.start();
  await walk.deliver(anAlert());

  await walk.advance(hours(25));

  expect(walk.openIncident('web', 'erring')).toBeUndefined();
  expect(walk.ledger.decisions({ limit: 500 }).items.map(({ because }) => because)).toContain(
    'HighErrorRate has not been told of for too long, and counts as firing no more',
  );
});

test('what a delivery would lead to can be asked, and touches nothing', async () => {
  await walk.start();
  const odd = { alertname: 'Odd', auto_repair: 'true', repair: 'reboot', service: 'web' };
  const alerts = [
    anAlert(),
    anAlert({ status: 'resolved' }),
    anAlert({ labels: { alertname: 'People' } }),
    anAlert({ labels: odd }),
  ];

  const explained = await explainAlerts(alerts, walk.watchdog, walk.kept, walk.engine.docker);

  expect(explained.map(({ name, outcome }) => [name, outcome.verdict])).toEqual([
    ['HighErrorRate', 'found'],
    ['HighErrorRate', 'found'],
    ['People', 'ignored'],
    ['Odd', 'refused'],
  ]);
  expect(explained[0]?.outcome).toMatchObject({
    about: { target: { project: 'shop', service: 'web' } },
    explanation: { order: { strategy: 'restart' }, decision: { verdict: 'go' } },
  });
  expect(explained[1]?.outcome).toMatchObject({ explanation: { diagnosis: { verdict: 'well' } } });
  expect(restarts()).toBe(0);
  expect(walk.kept.waiting(1)).toEqual([]);
  expect(walk.kept.firingServices()).toEqual([]);
});

test('pulled from Prometheus, an alert is repaired once, and its end is that it is missing in an answer', async () => {
  const pulled = anAlert({ source: 'prometheus' });
  let firing: readonly ReceivedAlert[] = [pulled];
  walk.prometheus = { firingAlerts: async () => firing };
  await walk.start();
  await walk.advance(minutes(2));
  const open = walk.openIncident('web', 'erring')?.state;

  firing = [];
  await walk.advance(minutes(2));

  expect(open).toBe('verifying');
  expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
  expect(walk.openIncident('web', 'erring')).toBeUndefined();
});

test('asked what an alert would lead to, a look learns the names that only an inspect tells', async () => {
  walk.engine.up({ service: 'mail', aliases: ['smtp.local'] });
  await walk.start();
  const labels = { alertname: 'MailDown', auto_repair: 'true', repair: 'restart', instance: 'smtp.local:25' };

  const [explained] = await explainAlerts([anAlert({ labels })], walk.watchdog, walk.kept, walk.engine.docker);

  expect(explained?.outcome).toMatchObject({ about: { target: { service: 'mail' }, foundBy: 'address smtp.local' } });
});
