import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sendHttp } from '../../../watchdog/adapters/send-http.ts';
import { Notifier } from '../../../watchdog/record/notify/notifier.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { aPlace, NOON, type Place } from '../ledger/a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

test('what may become of a message is counted from 0 on, for the channels that are set up', () => {
  const { outbox, ledger } = place.open();
  const counted: string[] = [];

  new Notifier({
    ledger,
    outbox,
    settings: () => ({
      notify: {
        alertmanager: undefined,
        slack: 'https://hooks.example/x',
        pagerdutyKey: undefined,
        pagerduty: undefined,
        webhook: undefined,
        heartbeat: undefined,
      },
      dailyReport: undefined,
    }),
    services: () => [],
    critical: () => false,
    send: sendHttp,
    metrics: { notified: (channel, result, times) => counted.push(`${channel} ${result} ${times}`) },
    clock: new FakeClock(NOON),
    logger: place.logger,
  });

  expect(counted).toEqual([
    'slack delivered 0',
    'slack retried 0',
    'slack refused 0',
    'slack expired 0',
    'slack dropped 0',
  ]);
});
