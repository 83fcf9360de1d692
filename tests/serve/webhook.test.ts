import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ReceivedAlert } from '../../watchdog/domain/received-alert.ts';
import { readAlerts } from '../../watchdog/serve/alert-body.ts';
import { createApp } from '../../watchdog/serve/app.ts';
import type { Deps } from '../../watchdog/serve/deps.ts';
import type { Limits } from '../../watchdog/serve/limits.ts';
import { Problem } from '../../watchdog/serve/problem.ts';
import { aBurst, aDelivery, anAlertBody } from '../fakes/a-delivery.ts';
import { someDeps } from '../fakes/watchdog-view.ts';
import { type Api, type Said, serving } from './api.ts';

let api: Api | undefined;
afterEach(() => api?.close());

const PATH = '/webhook/alertmanager';
const BEGAN = Date.UTC(2026, 2, 1, 9, 58, 0, 123);

/** A watchdog that remembers what it was handed. */
async function start(deps: Partial<Deps> = {}, limits?: Limits) {
  const received: ReceivedAlert[][] = [];
  const alerts: Deps['alerts'] = {
    take: async taken => {
      received.push([...taken]);
      return { queued: taken.length, repeated: 0, ignored: 0 };
    },
  };
  api = await serving(createApp(someDeps({ alerts, ...deps }), limits));
  return { received, post: (body: unknown): Promise<Said> => (api as Api).post(PATH, body) };
}

const problemsOf = ({ json }: Said): string => [json.detail, ...((json.problems as string[]) ?? [])].join('\n');

describe('a delivery of Alertmanager', () => {
  test('is handed over alert by alert, each with its own status, and answered with 202', async () => {
    const { received, post } = await start();
    const over = anAlertBody({ status: 'resolved', fingerprint: 'over', endsAt: '2026-03-01T11:00:00+01:00' });

    const said = await post(aDelivery([anAlertBody(), over]));

    expect(said.status).toBe(202);
    expect(said.json).toEqual({ queued: 2, repeated: 0, ignored: 0, notes: [] });
    expect(received).toEqual([
      [
        {
          fingerprint: '0a1b2c3d4e5f6071',
          status: 'firing',
          labels: anAlertBody().labels,
          summary: 'shop/web uses 95 % of its memory',
          startsAt: BEGAN,
          endsAt: undefined,
          source: 'alertmanager',
        },
        expect.objectContaining({ fingerprint: 'over', status: 'resolved', endsAt: Date.UTC(2026, 2, 1, 10) }),
      ],
    ]);
  });

  test('of 2,000 alerts fits', async () => {
    const { received, post } = await start();

    expect((await post(aBurst(2_000))).status).toBe(202);

    expect(received[0]).toHaveLength(2_000);
  });

  test('says what was ignored, and what Alertmanager left out', async () => {
    const { post } = await start({ alerts: { take: async () => ({ queued: 0, repeated: 0, ignored: 1 }) } });

    const { json } = await post(aDelivery([anAlertBody()], { truncatedAlerts: 7 }));

    expect(json).toMatchObject({
      ignored: 1,
      notes: [expect.stringContaining('auto_repair="true"'), expect.stringContaining('7 alerts were left out')],
    });
  });

  test('is answered with 503 when it cannot be queued, so that Alertmanager tries again', async () => {
    const take = () => {
      throw new Error('database or disk is full');
    };
    const { post } = await start({ alerts: { take } });

    const said = await post(aDelivery());

    expect(said.status).toBe(503);
    expect(said.json.detail).toBe('the alerts cannot be queued: database or disk is full');
    expect(said.headers.get('retry-after')).toBe('10');
  });

  test('is never hammering', async () => {
    const { post } = await start({}, { requestsPerMinute: 1, failuresPerMinute: 10 });

    const statuses = await Promise.all(Array.from({ length: 20 }, () => post(aDelivery())));

    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([202]));
  });

  test('needs the token', async () => {
    const { received } = await start();

    const said = await (api as Api).post(PATH, aDelivery(), { authorization: 'Bearer wrong' });

    expect(said.status).toBe(401);
    expect(received).toEqual([]);
  });

  test('is cut where it says too much', async () => {
    const { received, post } = await start();
    const labels = { ...anAlertBody().labels, error: 'x'.repeat(5_000) };

    await post(aDelivery([anAlertBody({ labels, annotations: { description: `${'long\nwords '.repeat(200)}` } })]));

    expect(received[0]?.[0]?.labels.error).toHaveLength(1_000);
    expect(received[0]?.[0]?.summary).toMatch(/^(long words ){45}/);
    expect(received[0]?.[0]?.summary.length).toBeLessThanOrEqual(500);
  });

  test('may come compressed, and with any content type', async () => {
    const { received } = await start();
    const packed = new Blob([JSON.stringify(aDelivery())]).stream().pipeThrough(new CompressionStream('gzip'));
    const body = await new Response(packed).arrayBuffer();

    const said = await (api as Api).send('POST', PATH, {
      headers: {
        authorization: `Bearer ${someDeps().token}`,
        'content-encoding': 'gzip',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body,
    });

    expect(said.status).toBe(202);
    expect(received).toHaveLength(1);
  });
});

describe('what is no delivery is refused with 400 and hands over nothing:', () => {
  const changed = (differing: object) => JSON.stringify(aDelivery([anAlertBody(differing as never)]));
  const manyLabels = Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`label_${n}`, 'x']));

  test.each([
    ['another version', JSON.stringify(aDelivery([], { version: '3' })), 'body version: found "3", expected "4"'],
    ['no version', '{"alerts":[]}', 'body version: found nothing, expected "4"'],
    ['no alerts', '{"version":"4"}', 'body alerts: found nothing, expected a list of alerts'],
    ['a list', '[]', 'found a list'],
    ['a word', '"firing"', 'expected'],
    ['a body that was cut short', JSON.stringify(aDelivery()).slice(0, -20), 'the body is not JSON'],
    ['a form', 'version=4&alerts=none', 'the body is not JSON'],
    ['nothing', '', 'the body is empty'],
    [
      'a prototype among the labels',
      changed({ labels: JSON.parse('{"__proto__":{"auto_repair":"true"}}') }),
      'labels: found the name "__proto__"',
    ],
    [
      'labels that are no words',
      changed({ labels: { service: 7 } }),
      'labels: found 7 as the value of "service", expected a string',
    ],
    ['labels that are a list', changed({ labels: [] }), 'labels: found a list, expected an object of strings'],
    ['no labels', changed({ labels: undefined }), 'labels: found nothing, expected an object of strings'],
    ['too many labels', changed({ labels: manyLabels }), 'labels: found 201 of them, expected at most 200'],
    ['another status', changed({ status: 'broken' }), 'status: found "broken", expected firing or resolved'],
    ['a beginning that is no time', changed({ startsAt: 'yesterday' }), 'startsAt: found "yesterday", expected a time'],
    ['no fingerprint', changed({ fingerprint: undefined }), 'fingerprint: found nothing, expected the fingerprint'],
    [
      'an odd fingerprint',
      changed({ fingerprint: "'; DROP TABLE" }),
      'fingerprint: found "\'; DROP TABLE", expected the',
    ],
  ])('%s', async (_what, body, because) => {
    const { received, post } = await start();

    const said = await post(body);

    expect(said.status).toBe(400);
    expect(said.headers.get('content-type')).toContain('application/problem+json');
    expect(problemsOf(said)).toContain(because);
    expect(received).toEqual([]);
  });

  test('invalid UTF-8', async () => {
    const { received } = await start();
    const body = Buffer.concat([Buffer.from('{"version":"4","x":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);

    const said = await (api as Api).send('POST', PATH, {
      headers: { authorization: `Bearer ${someDeps().token}` },
      body,
    });

    expect(said).toMatchObject({ status: 400, json: { detail: 'the body is not UTF-8' } });
    expect(received).toEqual([]);
  });

  test('every place is named, twenty at most', async () => {
    const { post } = await start();

    const said = await post(aDelivery(Array.from({ length: 30 }, () => anAlertBody({ status: 'odd' }))));

    expect(said.json.detail).toBe('30 things are wrong');
    expect(said.json.problems).toHaveLength(21);
    expect(problemsOf(said)).toContain('body alerts[19].status: found "odd"');
    expect(problemsOf(said)).toContain('and 10 more');
  });
});

test('a body of 5 MB is refused with 413 and the limit', async () => {
  const { received, post } = await start();

  const said = await post(aDelivery([anAlertBody({ annotations: { summary: 'x'.repeat(5_000_000) } })]));

  expect(said.status).toBe(413);
  expect(said.json.detail).toBe('the body is larger than 4 MiB');
  expect(received).toEqual([]);
});

test('whatever bytes come, they are read or refused with 400', () => {
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom('4', 'firing', '__proto__', '2026-03-01T10:00:00Z'));
  const alert = fc
    .dictionary(fc.constantFrom('status', 'labels', 'annotations', 'startsAt', 'endsAt', 'fingerprint'), odd)
    .map(differing => anAlertBody(differing));
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
    fc.jsonValue().map(value => Buffer.from(JSON.stringify(value))),
    fc.array(alert, { maxLength: 4 }).map(alerts => Buffer.from(JSON.stringify(aDelivery(alerts)))),
    fc.nat({ max: 900 }).map(length => Buffer.from(JSON.stringify(aDelivery())).subarray(0, length)),
  );

  fc.assert(
    fc.property(body, bytes => {
      try {
        for (const { labels, startsAt, fingerprint } of readAlerts(bytes).alerts) {
          expect(Object.values(labels).every(value => typeof value === 'string')).toBe(true);
          expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
          expect([Number.isFinite(startsAt), /^[\w-]+$/.test(fingerprint)]).toEqual([true, true]);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(Problem);
        expect((error as Problem).status).toBe(400);
      }
    }),
    { numRuns: 500 },
  );
});
