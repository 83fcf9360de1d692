import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sendHttp } from '../../../watchdog/adapters/send-http.ts';
import { Notifier } from '../../../watchdog/record/notify/notifier.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { type Receiver, startReceiver } from '../../fakes/receiver.ts';
import { aPlace, NOON, type Place } from '../ledger/a-ledger.ts';

const POSTER = join(import.meta.dirname, 'poster.ts');

let place: Place;
let receiver: Receiver;
beforeEach(async () => {
  place = aPlace();
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
  place.remove();
});

test('killed with SIGKILL between the news and its delivery, the next watchdog delivers it, once', async () => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', POSTER, place.file, receiver.address],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(receiver.received).toEqual([]);

  const { outbox, ledger } = place.open();
  const delivered = Promise.withResolvers<void>();
  const stop = new AbortController();
  const notifier = new Notifier({
    ledger,
    outbox,
    settings: () => ({
      notify: {
        alertmanager: undefined,
        slack: undefined,
        pagerdutyKey: undefined,
        pagerduty: undefined,
        webhook: receiver.address,
        heartbeat: undefined,
      },
      dailyReport: undefined,
    }),
    services: () => [],
    critical: () => false,
    send: sendHttp,
    metrics: { notified: (_, __, times) => (times > 0 ? delivered.resolve() : undefined) },
    clock: new FakeClock(NOON),
    logger: place.logger,
  });
  const running = notifier.run(stop.signal);
  await delivered.promise;
  stop.abort();
  await running;

  expect(receiver.received).toMatchObject([{ body: { event: 'opened', incident: { id: '7', service: 'web' } } }]);
  expect(outbox.head('webhook', NOON)).toBeUndefined();
});
