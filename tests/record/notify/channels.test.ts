import { describe, expect, test } from '@jest/globals';
import { alertmanager } from '../../../watchdog/record/notify/alertmanager.ts';
import { CHANNELS } from '../../../watchdog/record/notify/channel.ts';
import { type Addresses, channelsFrom } from '../../../watchdog/record/notify/channels.ts';
import { PAGERDUTY_ADDRESS, pagerduty } from '../../../watchdog/record/notify/pagerduty.ts';
import { slack } from '../../../watchdog/record/notify/slack.ts';
import type { Thread } from '../../../watchdog/record/notify/thread.ts';
import { webhook } from '../../../watchdog/record/notify/webhook.ts';
import { blocksIn, namesIn } from '../../markdown.ts';
import { anEscalated, aResolved, aTelling, aThread } from './a-thread.ts';

const KEY = 'compose-watchdog/shop/web/ailing/7/1769860795000';
const opened = aThread();
const escalated = aThread([aTelling(), anEscalated()]);
const resolved = aThread([aTelling(), anEscalated(), aResolved()]);

describe('Alertmanager', () => {
  const channel = alertmanager('http://alertmanager:9093/prefix/');
  const labels = {
    alertname: 'ComposeWatchdogIncident',
    project: 'shop',
    service: 'web',
    kind: 'ailing',
    condition: 'unhealthy',
    severity: 'warning',
    stage: 'opened',
    incident: '7',
  };

  test('is given an alert at the opening, without an end', () => {
    expect(channel.messageFor(opened)).toEqual([
      {
        labels,
        annotations: {
          summary: 'shop/web is unhealthy; trying: restart',
          description: [
            'its health check fails',
            'What was done:',
            '  restart is under way, attempt 1',
            'What to do:',
            '  Nothing now.',
            'Incident 7, since 2026-01-31T11:59:55.000Z',
          ].join('\n'),
        },
        startsAt: '2026-01-31T11:59:55.000Z',
      },
    ]);
  });

  test('is given an alert of its own at the escalation, or nobody would hear of it', () => {
    expect(channel.messageFor(escalated)).toMatchObject([
      { labels, annotations: { summary: 'shop/web is unhealthy; trying: restart' } },
      { labels: { ...labels, stage: 'escalated' }, annotations: { summary: 'shop/web is unhealthy and needs you' } },
    ]);
  });

  test('hears the end of all that it was given, under the same labels', () => {
    const end = { annotations: { summary: 'shop/web is well after 2m 5s' }, endsAt: '2026-01-31T12:02:00.000Z' };

    expect(channel.messageFor(resolved)).toMatchObject([
      { labels, ...end },
      { labels: { ...labels, stage: 'escalated' }, ...end },
    ]);
    expect(channel.messageFor(aThread([anEscalated(), aResolved()]))).toHaveLength(1);
  });

  test('is never given an end before the beginning, whatever the engine’s clock says', () => {
    const [alert] = channel.messageFor(aThread([aTelling(), aResolved()], { since: 4_000_000_000_000 })) as [
      { startsAt: string; endsAt: string },
    ];

    expect(Date.parse(alert.endsAt)).toBeGreaterThan(Date.parse(alert.startsAt));
  });

  test.each<[Partial<Thread>, string]>([
    [{}, 'warning'],
    [{ critical: true }, 'critical'],
    [{ critical: true, test: true }, 'info'],
    [{ project: 'host', service: 'disk:/data', kind: 'host', condition: 'disk-low' }, 'warning'],
  ])('hears of %j as %s', (changes, severity) => {
    expect(channel.messageFor(aThread([aTelling()], changes))).toMatchObject([{ labels: { severity } }]);
  });

  test('is reminded every minute of all that is open, in one request', () => {
    expect(channel.refresh?.every).toBe(60_000);
    expect(channel.refresh?.messageFor([opened, escalated])).toHaveLength(3);
  });

  test('is asked below the path that the address has', () => {
    expect(channel.requestFor([]).url).toBe('http://alertmanager:9093/prefix/api/v2/alerts');
  });
});

describe('Slack', () => {
  const channel = slack('https://hooks.slack.example/services/T0/B0/s3cret');

  test('hears in plain text what is broken, what was done and what to do', () => {
    expect(channel.messageFor(escalated)).toEqual({
      text: [
        '[NEEDS YOU] shop/web is unhealthy and needs you',
        'its health check fails',
        'Last output of its health check:',
        '  no answer',
        'What was done:',
        '  restart did not help',
        'What to do:',
        '  docker logs web',
        'Incident 7, since 2026-01-31T11:59:55.000Z',
      ].join('\n'),
      mrkdwn: false,
      unfurl_links: false,
      unfurl_media: false,
    });
  });

  test.each([
    ['[trying] shop/web', opened],
    ['[trying] [critical] shop/web', aThread([aTelling()], { critical: true })],
    ['[over] shop/web', resolved],
    ['[TEST] [trying] shop/web', aThread([aTelling()], { test: true })],
  ])('begins with %j', (beginning, thread) => {
    expect((channel.messageFor(thread) as { text: string }).text.startsWith(beginning)).toBe(true);
  });

  test('reads nothing of it as markup: nobody calls the whole channel from a container', () => {
    const thread = aThread([aTelling({ because: '<!channel> & <https://evil|look>' })]);

    expect((channel.messageFor(thread) as { text: string }).text).toContain(
      '&lt;!channel&gt; &amp; &lt;https://evil|look&gt;',
    );
  });
});

describe('PagerDuty', () => {
  const channel = pagerduty('the-routing-key');

  test('hears nothing of what is being tried, nor of its end', () => {
    expect(channel.messageFor(opened)).toBeUndefined();
    expect(channel.messageFor(aThread([aTelling(), aResolved()]))).toBeUndefined();
  });

  test('is triggered by an escalation and resolved by its end, under one key', () => {
    expect(channel.messageFor(escalated)).toEqual({
      event_action: 'trigger',
      dedup_key: KEY,
      client: 'Compose Watchdog',
      payload: {
        summary: 'shop/web is unhealthy and needs you',
        source: 'shop/web',
        severity: 'warning',
        timestamp: '2026-01-31T12:01:00.000Z',
        component: 'web',
        group: 'shop',
        class: 'unhealthy',
        custom_details: {
          incident: '7',
          stage: 'escalated',
          details: expect.stringContaining('What to do:\n  docker logs web'),
        },
      },
    });
    expect(channel.messageFor(resolved)).toEqual({ event_action: 'resolve', dedup_key: KEY });
  });

  test('pages for a disk that is low only when the clean-up did not help, and then loudly', () => {
    const disk = { project: 'host', service: 'disk:/data', kind: 'host', condition: 'disk-low' } as const;

    expect(channel.messageFor(aThread([aTelling()], disk))).toBeUndefined();
    expect(channel.messageFor(aThread([aTelling(), aResolved()], disk))).toBeUndefined();
    expect(channel.messageFor(aThread([aTelling(), anEscalated()], disk))).toMatchObject({
      event_action: 'trigger',
      payload: { severity: 'critical' },
    });
  });

  test('pages for a critical service as soon as it is ill', () => {
    const critical = { critical: true };

    expect(channel.messageFor(aThread([aTelling()], critical))).toMatchObject({
      event_action: 'trigger',
      payload: { severity: 'critical' },
    });
    expect(channel.messageFor(aThread([aTelling(), aResolved()], critical))).toMatchObject({ event_action: 'resolve' });
  });

  test('has its key in the request and not in the message, which waits in the ledger', () => {
    const message = channel.messageFor(escalated) ?? {};

    expect(JSON.stringify(message)).not.toContain('the-routing-key');
    expect(channel.requestFor(message)).toMatchObject({ method: 'POST', url: PAGERDUTY_ADDRESS });
    expect(JSON.parse(channel.requestFor(message).body ?? '')).toMatchObject({ routing_key: 'the-routing-key' });
  });

  test('takes keys of at most 255 characters and summaries of at most 1024', () => {
    const long = aThread([anEscalated({ headline: 'x'.repeat(2_000) })], { service: 's'.repeat(400) });
    const message = channel.messageFor(long) as { dedup_key: string; payload: { summary: string } };

    expect(message.dedup_key).toHaveLength(255);
    expect(message.dedup_key.endsWith('/7/1769860795000')).toBe(true);
    expect(message.payload.summary).toHaveLength(1_024);
  });
});

test('a webhook hears all of it in a shape of its own, with a version', () => {
  expect(webhook('https://example.com/hook').messageFor(escalated)).toEqual({
    version: 1,
    id: `${KEY}/escalated/1769860860000`,
    key: KEY,
    event: 'escalated',
    test: false,
    at: '2026-01-31T12:01:00.000Z',
    incident: {
      id: '7',
      project: 'shop',
      service: 'web',
      kind: 'ailing',
      condition: 'unhealthy',
      critical: false,
      since: '2026-01-31T11:59:55.000Z',
    },
    summary: 'shop/web is unhealthy and needs you',
    because: 'its health check fails',
    health_output: 'no answer',
    done: ['restart did not help'],
    todo: ['docker logs web'],
    text: expect.stringContaining('What to do:'),
  });
});

test('docs/notifications.md shows the shape of the webhook, and every channel', () => {
  const [example = ''] = blocksIn('docs/notifications.md', 'json');
  const shapeOf = (body: object): string[] =>
    Object.entries(body).flatMap(([key, value]) =>
      typeof value === 'object' && !Array.isArray(value) && value !== null
        ? shapeOf(value).map(inner => `${key}.${inner}`)
        : [key],
    );

  expect(shapeOf(JSON.parse(example))).toEqual(shapeOf(webhook('https://a.example/b').messageFor(escalated) ?? {}));
  expect(namesIn('docs/notifications.md', 'channel')).toEqual([...CHANNELS]);
});

describe('the channels in use', () => {
  const nowhere: Addresses = {
    alertmanager: undefined,
    slack: undefined,
    pagerdutyKey: undefined,
    pagerduty: undefined,
    webhook: undefined,
    heartbeat: undefined,
  };
  const straight = { slack: 'https://a/b', pagerdutyKey: 'k' };

  test.each<[string, Partial<Addresses>, string[]]>([
    ['none, as long as nothing is set', {}, []],
    ['Slack and PagerDuty, when their keys are', straight, ['slack', 'pagerduty']],
    ['Alertmanager instead of PagerDuty', { ...straight, alertmanager: 'http://a' }, ['alertmanager', 'slack']],
    ['the webhook always', { alertmanager: 'http://a', webhook: 'http://b' }, ['alertmanager', 'webhook']],
    ['none for a heartbeat alone', { heartbeat: 'http://c', pagerduty: 'http://d' }, []],
  ])('are %s', (_, set, names) => {
    expect(channelsFrom({ ...nowhere, ...set }).map(({ name }) => name)).toEqual(names);
  });

  test('tell Slack of no incident where there is an Alertmanager: its silences would be worth nothing', () => {
    const channels = channelsFrom({ ...nowhere, ...straight, alertmanager: 'http://a' });

    expect(channels.map(({ messageFor }) => messageFor(escalated) !== undefined)).toEqual([true, false]);
  });
});
