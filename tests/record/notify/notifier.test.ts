import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sendHttp } from '../../../watchdog/adapters/send-http.ts';
import type { LedgerDamage } from '../../../watchdog/record/ledger/ledger.ts';
import { Notifier } from '../../../watchdog/record/notify/notifier.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { aPlace, NOON, type Place } from '../ledger/a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

function aNotifier({ ledger, outbox }: ReturnType<Place['open']>, notified: (...said: unknown[]) => void): Notifier {
  return new Notifier({
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
    metrics: { notified },
    clock: new FakeClock(NOON),
    logger: place.logger,
  });
}

test('what may become of a message is counted from 0 on, for the channels that are set up', () => {
  const counted: string[] = [];

  aNotifier(place.open(), (channel, result, times) => counted.push(`${channel} ${result} ${times}`));

  expect(counted).toEqual([
    'slack delivered 0',
    'slack retried 0',
    'slack refused 0',
    'slack expired 0',
    'slack dropped 0',
  ]);
});

describe('a ledger that has forgotten', () => {
  const nobody = () => undefined;
  const told = ({ outbox }: ReturnType<Place['open']>) => outbox.head('slack', NOON)?.body;

  test('is told to people once, with what they have to say again, and where the damaged file is', () => {
    writeFileSync(place.file, 'this is no database '.repeat(500));
    const opened = place.open();
    const notifier = aNotifier(opened, nobody);

    notifier.beat();
    notifier.beat();

    expect(told(opened)).toContain('The ledger of the watchdog was damaged: all that it remembered is gone');
    expect(told(opened)).toContain('watchdog pause');
    expect(told(opened)).toContain(basename(opened.ledger.damage()?.kept ?? 'nowhere'));
    expect(opened.outbox.waitingNow().get('slack')).toBe(1);
    expect(opened.outbox.threads()).toEqual([]);
  });

  test('is told of while the watchdog runs as well', () => {
    const opened = place.open();
    const found: LedgerDamage = { forgotten: 'newest', kept: undefined };
    let damage: LedgerDamage | undefined;
    const notifier = aNotifier({ ...opened, ledger: { ...opened.ledger, damage: () => damage } }, nobody);

    notifier.beat();
    expect(told(opened)).toBeUndefined();
    damage = found;
    notifier.beat();

    expect(told(opened)).toContain('its newest entries are gone');
    expect(told(opened)).not.toContain('kept');
  });

  test('of nothing wakes nobody', () => {
    const opened = place.open();
    const damage = (): LedgerDamage => ({ forgotten: 'nothing', kept: 'somewhere' });

    aNotifier({ ...opened, ledger: { ...opened.ledger, damage } }, nobody).beat();

    expect(told(opened)).toBeUndefined();
  });
});
