import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { HttpAnswer, SendHttp } from '../../../watchdog/adapters/send-http.ts';
import { hours, minutes, seconds } from '../../../watchdog/domain/time.ts';
import { type Outbox, QUEUE_LIMIT } from '../../../watchdog/record/ledger/outbox.ts';
import { type Addresses, channelsFrom } from '../../../watchdog/record/notify/channels.ts';
import { Deliverer } from '../../../watchdog/record/notify/deliverer.ts';
import { FakeClock, settled } from '../../fakes/fake-clock.ts';
import { aLog, type Line } from '../a-log.ts';
import { aPlace, type Place } from '../ledger/a-ledger.ts';
import { aResolved, aTelling, aThread } from './a-thread.ts';

const NOWHERE: Addresses = {
  alertmanager: undefined,
  slack: undefined,
  pagerdutyKey: undefined,
  pagerduty: undefined,
  webhook: undefined,
  heartbeat: undefined,
};
const BOTH = { ...NOWHERE, slack: 'http://slack/key', webhook: 'http://webhook/key' };

let place: Place;
let outbox: Outbox;
let clock: FakeClock;
let stop: AbortController;
let deliverer: Deliverer;
/** `slack one`, when it was sent. */
let sent: string[];
let counted: Record<string, number>;
let lines: Line[];
/** By the host's name, one after the other, the last one again and again. */
let replies: Record<string, (Partial<HttpAnswer> | Error)[]>;
let addresses: Addresses;
let running: Promise<void>;

const send: SendHttp = async ({ url, body = '' }) => {
  const { hostname } = new URL(url);
  sent.push(`${hostname} ${body.includes('labels') ? 'alerts' : JSON.parse(body).text}`);
  const list = replies[hostname] ?? [];
  const reply = list.length > 1 ? list.shift() : list[0];
  if (reply instanceof Error) throw reply;
  return { status: 200, text: '', retryAfter: undefined, ...reply };
};

beforeEach(() => {
  place = aPlace();
  outbox = place.open().outbox;
  clock = new FakeClock();
  stop = new AbortController();
  sent = [];
  counted = {};
  replies = {};
  addresses = BOTH;
  const log = aLog();
  lines = log.lines;
  deliverer = new Deliverer({
    outbox,
    channels: () => channelsFrom(addresses),
    send,
    count: (channel, result, times = 1) => {
      counted[`${channel} ${result}`] = (counted[`${channel} ${result}`] ?? 0) + times;
    },
    clock,
    logger: log.logger,
  });
});
afterEach(async () => {
  stop.abort();
  await running;
  expect(clock.pending).toBe(0);
  place.remove();
});

function start(): Promise<void> {
  running = deliverer.run(stop.signal);
  return settled();
}

async function post(text: string, channel = 'slack', hold = 0): Promise<void> {
  const now = clock.now();
  const told = JSON.stringify(aThread([aTelling({ headline: text })], { incident: text }));
  const messages = [{ channel, body: JSON.stringify({ text }) }];
  outbox.post({ incident: text, told, messages, now, notBefore: now + hold });
  deliverer.wake();
  await settled();
}

describe('messages', () => {
  test('are delivered at once and in order', async () => {
    await start();

    await post('one');
    await post('two');

    expect(sent).toEqual(['slack one', 'slack two']);
    expect(counted).toEqual({ 'slack delivered': 2 });
  });

  test('that were left by another process are delivered at the start', async () => {
    await post('one');

    await start();

    expect(sent).toEqual(['slack one']);
  });

  test.each<[string, Partial<HttpAnswer> | Error]>([
    ['failed', { status: 500 }],
    ['was too busy', { status: 429 }],
    ['did not answer', new Error('no answer within 10000 ms')],
  ])('wait for one whose receiver %s, which is tried again with growing pauses', async (_, reply) => {
    replies.slack = [reply, reply, reply, { status: 200 }];
    await start();

    await post('one');
    await post('two');
    await clock.advance(seconds(1));
    await clock.advance(seconds(2));
    expect(sent).toEqual(['slack one', 'slack one', 'slack one']);

    await clock.advance(seconds(4));
    expect(sent).toEqual(['slack one', 'slack one', 'slack one', 'slack one', 'slack two']);
    expect(counted).toEqual({ 'slack retried': 3, 'slack delivered': 2 });
  });

  test('are not sent again before the time that the receiver asked for', async () => {
    replies.slack = [{ status: 429, retryAfter: seconds(90) }, { status: 200 }];
    await start();

    await post('one');
    await clock.advance(seconds(89));
    expect(sent).toHaveLength(1);

    await clock.advance(seconds(1));
    expect(sent).toHaveLength(2);
  });

  test('that are refused are said loudly and hold up nothing', async () => {
    replies.slack = [{ status: 400, text: 'invalid_payload' }, { status: 200 }];
    await start();

    await post('one');
    await post('two');

    expect(sent).toEqual(['slack one', 'slack two']);
    expect(counted).toEqual({ 'slack refused': 1, 'slack delivered': 1 });
    expect(lines).toEqual([
      {
        level: 'error',
        message: 'notification refused: it is not sent again',
        values: { channel: 'slack', incident: 'one', reason: 'HTTP 400: invalid_payload' },
      },
    ]);
  });

  test('of one channel do not wait for another one', async () => {
    replies.slack = [{ status: 500 }];
    await start();

    await post('one');
    await post('two', 'webhook');

    expect(sent).toEqual(['slack one', 'webhook two']);
  });

  test('that are held are sent when their time has come', async () => {
    await start();

    await post('held', 'slack', minutes(1));
    await post('now');
    await clock.advance(seconds(59));
    expect(sent).toEqual(['slack now']);

    await clock.advance(seconds(1));
    expect(sent).toEqual(['slack now', 'slack held']);
  });

  test('are given up after a day, which is said', async () => {
    replies.slack = [{ status: 500 }];
    await start();

    await post('one');
    await clock.advance(hours(24) + minutes(10));

    expect(counted['slack expired']).toBe(1);
    expect(lines.map(({ message }) => message)).toEqual([
      'notification not delivered; trying again',
      'notifications given up after 24 hours',
    ]);
    // 1 s, 2 s, 4 s, ... 256 s, then every five minutes.
    expect(sent.length).toBeLessThan(310);
  });

  test('of a channel that is not set up any more wait for a day, in case it comes back', async () => {
    addresses = NOWHERE;
    await start();
    await post('one');
    expect(sent).toEqual([]);

    addresses = BOTH;
    await clock.advance(minutes(1));

    expect(sent).toEqual(['slack one']);
  });

  test('by the thousand wait for a receiver that is down, and the newest are delivered when it is back', async () => {
    replies.slack = [new Error('ECONNREFUSED')];
    await start();

    for (let n = 1; n <= 1_000; n += 1) await post(`${n}`);
    const tries = sent.length;
    replies.slack = [{ status: 200 }];
    await clock.advance(minutes(5));

    expect(tries).toBe(1);
    expect(sent.slice(tries)).toEqual([
      'slack 1',
      ...Array.from({ length: QUEUE_LIMIT }, (_, n) => `slack ${n + 1_001 - QUEUE_LIMIT}`),
    ]);
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warn notification not delivered; trying again',
      'info notifications are delivered again',
    ]);
  });

  test('are not sent while the ledger cannot note that they were', async () => {
    await start();
    const { noteTry } = outbox;
    outbox = Object.assign(outbox, {
      noteTry: () => {
        throw new Error('database or disk is full');
      },
    });

    await post('one');
    expect(sent).toEqual([]);

    Object.assign(outbox, { noteTry });
    await clock.advance(minutes(1));
    expect(sent).toEqual(['slack one']);
  });

  test('that were under way when the watchdog was stopped are tried by the next one', async () => {
    replies.slack = [new Error('aborted')];
    await start();
    stop.abort();

    await post('one');

    expect(outbox.head('slack', clock.now() + hours(1))?.body).toContain('one');
  });
});

describe('an Alertmanager', () => {
  beforeEach(() => {
    addresses = { ...NOWHERE, alertmanager: 'http://alertmanager' };
  });

  test('is reminded every minute of what is open, as long as it is', async () => {
    await start();
    await post('7', 'other');
    await clock.advance(minutes(3));
    expect(sent).toEqual(['alertmanager alerts', 'alertmanager alerts', 'alertmanager alerts']);

    outbox.post({ incident: '7', told: undefined, messages: [], now: clock.now(), notBefore: clock.now() });
    await clock.advance(minutes(3));
    expect(sent).toHaveLength(3);
  });

  test('hears of an end for a quarter of an hour: one that was restarted meanwhile would never pass it on', async () => {
    await start();
    await clock.advance(minutes(1));

    deliverer.ended(aThread([aTelling(), aResolved()]));
    await clock.advance(minutes(14));
    const within = sent.length;
    await clock.advance(minutes(14));

    expect(within).toBe(14);
    expect(sent).toHaveLength(14);
  });

  test('is reminded of nothing that it was not told', async () => {
    await start();
    await post('7', 'alertmanager', minutes(5));

    await clock.advance(minutes(4));

    expect(sent).toEqual([]);
  });
});
