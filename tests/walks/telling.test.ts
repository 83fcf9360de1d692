import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sendHttp } from '../../watchdog/adapters/send-http.ts';
import { type IncidentState, keyOf } from '../../watchdog/domain/incident.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import type { Addresses } from '../../watchdog/record/notify/channels.ts';
import { Notifier } from '../../watchdog/record/notify/notifier.ts';
import { aPattern } from '../diagnose/log-errors/a-pattern.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { type Receiver, startReceiver } from '../fakes/receiver.ts';
import { Walk } from './a-walk.ts';

const CHANNELS = ['alertmanager', 'slack', 'pagerduty', 'webhook'] as const;

let walk: Walk;
let receivers: Record<(typeof CHANNELS)[number], Receiver>;
let tellers: AbortController;
let running: Promise<void>;
beforeEach(async () => {
  walk = new Walk();
  const started = await Promise.all(CHANNELS.map(async name => [name, await startReceiver()] as const));
  receivers = Object.fromEntries(started) as typeof receivers;
});
afterEach(async () => {
  tellers.abort();
  await running;
  await Promise.all(Object.values(receivers).map(receiver => receiver.close()));
  await walk.end();
});

/** A watchdog that tells these stand-ins. Alertmanager takes the place of Slack and PagerDuty, so it is asked for by itself. */
async function start(...channels: (typeof CHANNELS)[number][]): Promise<void> {
  const at = (name: (typeof CHANNELS)[number]) => (channels.includes(name) ? receivers[name].address : undefined);
  const addresses: Addresses = {
    alertmanager: at('alertmanager'),
    slack: at('slack'),
    pagerdutyKey: at('pagerduty') && 'the-routing-key',
    pagerduty: at('pagerduty'),
    webhook: at('webhook'),
    heartbeat: undefined,
  };
  tellers = new AbortController();
  const logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
  const notifier = new Notifier({
    ledger: walk.ledger,
    outbox: walk.outbox,
    settings: () => ({ notify: addresses, dailyReport: undefined }),
    services: () => walk.watchdog.stack.services(),
    critical: ref =>
      walk.watchdog.stack.service(ref)?.replicas.some(({ labels }) => labels['auto_repair.critical'] === 'true') ??
      false,
    send: sendHttp,
    metrics: { notified: () => undefined },
    clock: walk.clock,
    logger,
  });
  walk.onNews = news => void notifier.reporter.tell(news);
  running = notifier.run(tellers.signal);
  await walk.start();
}

/** Each message as it was heard: the first line of a text, the stages and ends of alerts, the action of an event. */
async function heard(channel: (typeof CHANNELS)[number], count: number): Promise<string[]> {
  await receivers[channel].until(count);
  return receivers[channel].received.map(({ body }) => inShort(body as Body));
}

interface Alert {
  readonly labels: Record<string, string>;
  readonly endsAt?: string;
}
type Body = readonly Alert[] | (Record<string, string> & { payload?: { severity: string } });

function inShort(body: Body): string {
  if (Array.isArray(body)) {
    const alerts = body as readonly Alert[];
    return alerts.map(({ labels, endsAt }) => `${labels.stage} ${labels.severity}${endsAt ? ' ended' : ''}`).join(', ');
  }
  const { text, event, event_action, payload } = body as Exclude<Body, readonly Alert[]>;
  if (event_action !== undefined) return payload ? `${event_action} ${payload.severity}` : event_action;
  return event ?? text?.split('\n')[0] ?? '';
}

const keys = (channel: 'pagerduty' | 'webhook') =>
  new Set(
    receivers[channel].received.map(
      ({ body }) => (body as Record<string, string>).dedup_key ?? (body as Record<string, string>).key,
    ),
  );

/** Its health check fails. */
function fallIll(): void {
  walk.engine.probe('shop-web-1', 'unhealthy');
}

describe('people hear, in order and exactly,', () => {
  test('of a crash that is healed: what is tried, and that it is over', async () => {
    walk.engine.up();
    await start('slack', 'pagerduty', 'webhook');

    walk.engine.crash('shop-web-1');
    await walk.advance(minutes(2));

    expect(await heard('slack', 2)).toEqual([
      '[trying] shop/web has stopped; trying: start',
      expect.stringMatching(/^\[over\] shop\/web is well after \d+s$/),
    ]);
    expect(await heard('webhook', 2)).toEqual(['opened', 'resolved']);
    expect(keys('webhook').size).toBe(1);
    expect(receivers.pagerduty.received).toEqual([]);
  });

  test('of one that no repair helps: what was tried and what to do; resumed and healed, that it is over', async () => {
    walk.engine.up({ healthcheck: CHECKED });
    walk.engine.fate('shop-web-1', 'ill', 'ill', 'ill', 'well');
    await start('slack', 'pagerduty', 'webhook');
    fallIll();
    await walk.advance(minutes(30));

    walk.ledger.resume({ project: 'shop', service: 'web' }, walk.clock.now());
    walk.watchdog.lookAgain({ project: 'shop', service: 'web' });
    await walk.advance(minutes(10));

    expect(await heard('slack', 3)).toEqual([
      '[trying] shop/web is unhealthy; trying: restart',
      '[NEEDS YOU] shop/web is unhealthy and needs you',
      expect.stringMatching(/^\[over\] shop\/web is well after \d+m/),
    ]);
    expect(await heard('pagerduty', 2)).toEqual(['trigger warning', 'resolve']);
    expect(keys('pagerduty').size).toBe(1);
    expect(receivers.webhook.received[1]?.body).toMatchObject({
      health_output: 'connection refused',
      done: [
        expect.stringContaining('Z restart did not help: '),
        expect.stringContaining('Z restart did not help: '),
        expect.stringContaining('Z restart did not help: '),
        expect.stringContaining('standing back: '),
      ],
      todo: expect.arrayContaining(['watchdog resume web --project shop']),
    });
    expect(receivers.webhook.received[2]?.body).toMatchObject({
      done: [...Array(3).fill(expect.stringContaining('did not help')), expect.stringContaining('healed it')],
    });
  });

  test('of a critical service by a page as soon as it is ill', async () => {
    walk.engine.up({ labels: { 'auto_repair.critical': 'true' } });
    await start('slack', 'pagerduty');

    walk.engine.crash('shop-web-1');
    await walk.advance(minutes(2));

    expect(await heard('pagerduty', 2)).toEqual(['trigger critical', 'resolve']);
    expect((await heard('slack', 2))[0]).toBe('[trying] [critical] shop/web has stopped; trying: start');
  });

  test('of an attack by a page at once, whatever the service is, and of its end when a person says so', async () => {
    await walk.end();
    const attack = aPattern({ name: 'root', severity: 'critical', alarm: true, expressions: ['saving to /etc'] });
    walk = new Walk({ patterns: [attack] });
    walk.engine.up();
    await start('pagerduty');
    await walk.advance(2);

    const at = new Date(walk.clock.now()).toISOString().replace('Z', '000000Z');
    walk.logs.readings[0]?.send({ at, stream: 'stderr', text: 'saving to /etc/cron.d', left: 0 });
    await walk.advance(seconds(10));
    expect(await heard('pagerduty', 1)).toEqual(['trigger critical']);

    walk.watchdog.resolveError(walk.keptLogs.errors({ limit: 1 }).items[0]?.id ?? '');
    await walk.advance(seconds(10));
    expect(await heard('pagerduty', 2)).toEqual(['trigger critical', 'resolve']);
  });

  test('through Alertmanager alone where there is one, and the webhook', async () => {
    walk.engine.up();
    await start(...CHANNELS);

    walk.engine.crash('shop-web-1');
    await walk.advance(seconds(30));

    expect(await heard('webhook', 2)).toEqual(['opened', 'resolved']);
    expect(await heard('alertmanager', 2)).toEqual(['opened warning', 'opened warning ended']);
    expect(receivers.slack.received).toEqual([]);
    expect(receivers.pagerduty.received).toEqual([]);
  });

  test('nothing of a service that was taken out, nor of a repair that a person asked for', async () => {
    walk.engine.up({ labels: { auto_repair: 'false' } });
    walk.engine.up({ service: 'api' });
    await start('webhook');

    walk.engine.crash('shop-web-1');
    const asked = walk.watchdog.ask({ project: 'shop', service: 'api' }, {}, seconds(5));
    await walk.advance(minutes(5));
    await asked;

    expect(walk.repairs()).toEqual(['restart shop-api-1 healed']);
    expect(receivers.webhook.received).toEqual([]);
    expect(walk.outbox.threads()).toEqual([]);
  });
});

describe('an engine that goes away', () => {
  test('and is back within a minute wakes nobody', async () => {
    walk.engine.up();
    await start('webhook', 'pagerduty');

    walk.engine.lose();
    await walk.advance(seconds(50));
    walk.engine.back();
    await walk.advance(minutes(5));

    expect(walk.told('incident-escalated', 'incident-resolved')).toEqual([
      'incident-escalated engine no-change',
      'incident-resolved engine',
    ]);
    expect(receivers.webhook.received).toEqual([]);
    expect(receivers.pagerduty.received).toEqual([]);
  });

  test('for longer pages, until it is back', async () => {
    walk.engine.up();
    await start('webhook', 'pagerduty');

    walk.engine.lose();
    await walk.advance(seconds(65));
    expect(await heard('webhook', 1)).toEqual(['escalated']);
    expect(await heard('pagerduty', 1)).toEqual(['trigger critical']);
    walk.engine.back();
    await walk.advance(minutes(1));

    expect(await heard('webhook', 2)).toEqual(['escalated', 'resolved']);
    expect(await heard('pagerduty', 2)).toEqual(['trigger critical', 'resolve']);
  });
});

describe('what a crash of the watchdog left untold', () => {
  /** People have heard that it began; the watchdog wrote down what came of it, died before it told, and is started anew. */
  async function crashAfter(state: IncidentState, because: string): Promise<void> {
    walk.engine.up({ healthcheck: CHECKED });
    await start('webhook');
    fallIll();
    await walk.advance(seconds(1));
    await receivers.webhook.until(1);
    tellers.abort();
    await running;
    walk.kill();
    const key = keyOf({ project: 'shop', service: 'web', kind: 'ailing' });
    const id = walk.ledger.openIncidentOf(key)?.id ?? '';
    walk.ledger.moveIncident(id, state, because, walk.clock.now());
    await start('webhook');
  }

  test('an end, is told at the next start', async () => {
    await crashAfter('resolved', 'shop/web runs');

    expect(await heard('webhook', 2)).toEqual(['opened', 'resolved']);
    expect(walk.outbox.threads()).toEqual([]);
  });

  test('an escalation, is told at the next start', async () => {
    await crashAfter('escalated', 'attempt-cap: 3 attempts are the limit');

    expect(await heard('webhook', 2)).toEqual(['opened', 'escalated']);
    expect(receivers.webhook.received[1]?.body).toMatchObject({
      done: [expect.stringContaining('Z restart is under way'), 'standing back: 3 attempts are the limit'],
    });
  });
});
