import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type AlertInbox, alertInbox } from '../../watchdog/record/alert-inbox.ts';
import { Chronicle } from '../../watchdog/record/chronicle.ts';
import type { AlertLedger } from '../../watchdog/record/ledger/alerts.ts';
import type { Ledger } from '../../watchdog/record/ledger/ledger.ts';
import { createMetrics } from '../../watchdog/record/metrics.ts';
import { aReceivedAlert } from '../fakes/an-alert.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { aLog } from './a-log.ts';
import { aPlace, type Place } from './ledger/a-ledger.ts';

let place: Place;
let alerts: AlertLedger;
let ledger: Ledger;
let inbox: AlertInbox;
let arrivals: number;
const metrics = createMetrics({ version: '1' });

beforeEach(() => {
  place = aPlace();
  ({ alerts, ledger } = place.open());
  arrivals = 0;
  const clock = new FakeClock();
  const chronicle = new Chronicle(ledger, () => undefined, clock, aLog().logger);
  inbox = alertInbox({
    alerts,
    chronicle,
    metrics,
    clock,
    arrived: () => {
      arrivals += 1;
    },
  });
});
afterEach(() => place.remove());

const FOR_PEOPLE = aReceivedAlert({ fingerprint: 'p', labels: { alertname: 'WatchdogDown' } });

test('queues what asks for a repair, once, and says that it is there', () => {
  const first = inbox.take([aReceivedAlert()]);
  const second = inbox.take([aReceivedAlert()]);

  expect(first).toEqual({ queued: 1, repeated: 0, ignored: 0 });
  expect(second).toEqual({ queued: 0, repeated: 1, ignored: 0 });
  expect(alerts.waiting(10).map(({ alert }) => alert)).toEqual([aReceivedAlert()]);
  expect(arrivals).toBe(1);
});

test.each([{ auto_repair: 'false' }, { auto_repair: 'True' }, { auto_repair: '' }, {}])(
  'leaves an alert with the labels %j to people, and records that in one decision',
  labels => {
    inbox.take([aReceivedAlert({ labels: { alertname: 'A', ...labels } })]);
    inbox.take([aReceivedAlert({ labels: { alertname: 'B', ...labels } })]);

    expect(alerts.waiting(10)).toEqual([]);
    expect(arrivals).toBe(0);
    expect(ledger.decisions({ limit: 10 }).items).toMatchObject([
      { project: 'host', service: 'alerts', verdict: 'nothing-wrong', count: 2 },
    ]);
  },
);

test('names some of those that it leaves to people, not all', () => {
  inbox.take(Array.from({ length: 7 }, (_, n) => aReceivedAlert({ labels: { alertname: `A${n}` } })));

  expect(ledger.decisions({ limit: 1 }).items[0]?.because).toBe(
    'alerts without auto_repair="true" are left to people: A0, A1, A2, A3, A4 and 2 more',
  );
});

test('counts by status and by what became of them', async () => {
  inbox.take([aReceivedAlert(), FOR_PEOPLE, aReceivedAlert({ status: 'resolved' })]);
  ledger.close();

  expect(() => inbox.take([aReceivedAlert()])).toThrow('is closed');

  const page = await metrics.metrics();
  for (const line of [
    'status="firing",result="ignored"} 1',
    'status="resolved",result="queued"} 1',
    'status="firing",result="not-queued"} 1',
  ])
    expect(page).toContain(`watchdog_webhook_alerts_total{${line}`);
});
