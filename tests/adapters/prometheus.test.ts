import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { labelFingerprint } from '../../watchdog/adapters/label-fingerprint.ts';
import { connectPrometheus } from '../../watchdog/adapters/prometheus.ts';
import { sendHttp } from '../../watchdog/adapters/send-http.ts';
import { type Receiver, startReceiver } from '../fakes/receiver.ts';

describe('the fingerprint of labels', () => {
  // The numbers of prometheus/common model/metric_test.go.
  test.each([
    [{}, 14695981039346656037n],
    [{ first_name: 'electro', occupation: 'robot', manufacturer: 'westinghouse' }, 5911716720268894962n],
    [{ x: 'y' }, 8241431561484471700n],
    [{ a: 'bb', b: 'c' }, 3016285359649981711n],
    [{ a: 'b', bb: 'c' }, 7122421792099404749n],
  ])('of %j is the one of Prometheus', (labels, expected) => {
    expect(labelFingerprint(labels)).toBe(expected.toString(16).padStart(16, '0'));
  });

  test('is that of FNV-1a over the UTF-8 bytes, whatever the labels, and in whatever order they come', () => {
    const plainly = (labels: Readonly<Record<string, string>>): string => {
      let hash = 0xcbf29ce484222325n;
      const names = Object.keys(labels).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      for (const byte of names.flatMap(name => [...Buffer.from(name), 255, ...Buffer.from(labels[name] ?? ''), 255]))
        hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
      return hash.toString(16).padStart(16, '0');
    };

    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), labels => {
        const turned = Object.fromEntries(Object.entries(labels).reverse());
        expect(labelFingerprint(turned)).toBe(plainly(labels));
      }),
    );
  });
});

describe('the alerts of a Prometheus', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  const firing = (path = '') => connectPrometheus(`${receiver.address}${path}`, sendHttp).firingAlerts();
  const says = (alerts: unknown) =>
    receiver.replies({ status: 200, text: JSON.stringify({ status: 'success', data: { alerts } }) });

  const ALERT = {
    labels: { alertname: 'HighErrorRate', auto_repair: 'true' },
    annotations: { summary: '12 % of its\nanswers are errors' },
    state: 'firing',
    activeAt: '2026-03-01T09:58:00.5Z',
    value: '1.2e-01',
  };

  test('are those that fire, with the fingerprint that Alertmanager would give them', async () => {
    says([ALERT, { ...ALERT, state: 'pending' }]);

    expect(await firing('/prometheus/')).toEqual([
      {
        fingerprint: labelFingerprint(ALERT.labels),
        status: 'firing',
        labels: ALERT.labels,
        summary: '12 % of its answers are errors',
        startsAt: Date.UTC(2026, 2, 1, 9, 58, 0, 500),
        endsAt: undefined,
        source: 'prometheus',
      },
    ]);
    expect(receiver.received.map(({ call }) => call)).toEqual(['GET /prometheus/api/v1/alerts']);
  });

  test('may be many', async () => {
    says(Array.from({ length: 2_000 }, (_, n) => ({ ...ALERT, labels: { alertname: `A${n}` } })));

    expect(await firing()).toHaveLength(2_000);
  });

  test.each([
    [{ status: 503, text: 'starting' }, 'it answered with status 503'],
    [{ status: 200, text: '<html>' }, 'its answer is not JSON'],
    [{ status: 200, text: '{"status":"error"}' }, 'its answer is no list of alerts'],
    [{ status: 200, text: '{"status":"success","data":{"alerts":[{"state":"firing"}]}}' }, 'has no labels'],
  ])('are not known by the answer %j', async (reply, because) => {
    receiver.replies(reply);

    await expect(firing()).rejects.toThrow(because);
  });
});
