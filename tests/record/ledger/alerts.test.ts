import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ReceivedAlert } from '../../../watchdog/domain/received-alert.ts';
import { hours, minutes } from '../../../watchdog/domain/time.ts';
import { type AlertLedger, NOT_HEARD_FOR, WAITING_LIMIT } from '../../../watchdog/record/ledger/alerts.ts';
import type { Ledger } from '../../../watchdog/record/ledger/ledger.ts';
import { anAlert, aReceivedAlert, BEGAN } from '../../fakes/an-alert.ts';
import { aPlace, NOON, type Place } from './a-ledger.ts';

let place: Place;
let alerts: AlertLedger;
let ledger: Ledger;
beforeEach(() => {
  place = aPlace();
  ({ alerts, ledger } = place.open());
});
afterEach(() => place.remove());

const WEB = { project: 'shop', service: 'web' };
const names = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name);

/** Attends to all that wait as if each were about `shop/web`. */
function attend(): void {
  const waiting = alerts.waiting(1_000);
  alerts.done(
    waiting.map(({ id, alert: { fingerprint, status, startsAt, labels } }) => ({
      id,
      alert: anAlert({ fingerprint, status, startsAt, name: labels.alertname ?? '' }),
    })),
  );
}

const refuseAll = () => alerts.done(alerts.waiting(1_000).map(({ id }) => ({ id, alert: undefined })));

/** A delivery of one alert. */
const told = (differing: Parameters<typeof aReceivedAlert>[0] = {}, at = NOON) => took([aReceivedAlert(differing)], at);

function took(delivery: readonly ReceivedAlert[], at = NOON) {
  const { queued, repeated } = alerts.take(delivery, at);
  return { queued: queued.length, repeated: repeated.length };
}

describe('the queue', () => {
  test('hands out what came, oldest first, until it is done', () => {
    told({ fingerprint: 'a' });
    told({ fingerprint: 'b' });

    const [first] = alerts.waiting(1);
    alerts.done([{ id: first?.id ?? 0, alert: undefined }]);

    expect(first?.alert).toEqual(aReceivedAlert({ fingerprint: 'a' }));
    expect(alerts.waiting(10).map(({ alert }) => alert.fingerprint)).toEqual(['b']);
  });

  test('survives the process', () => {
    told();
    ledger.close();

    expect(
      place
        .open()
        .alerts.waiting(10)
        .map(({ alert }) => alert),
    ).toEqual([aReceivedAlert()]);
  });

  test.each([
    ['while it waits', () => undefined],
    ['after it was attended to', attend],
  ])('takes no alert twice that it knows by fingerprint, status and beginning, %s', (_, between) => {
    told();
    between();
    const waiting = alerts.waiting(10);

    expect(told({ summary: 'other words' })).toEqual({ queued: 0, repeated: 1 });

    expect(alerts.waiting(10)).toEqual(waiting);
  });

  test.each([{ fingerprint: 'other' }, { status: 'resolved' as const }, { startsAt: BEGAN + 1 }])(
    'takes the news that differs in %p',
    differing => {
      told();

      expect(told(differing)).toEqual({ queued: 1, repeated: 0 });
    },
  );

  test('knows the doubles within one delivery', () => {
    expect(took([aReceivedAlert(), aReceivedAlert()])).toEqual({ queued: 1, repeated: 1 });
  });

  test('gives another look to what was refused, when it is told again', () => {
    told({ fingerprint: 'refused' });
    refuseAll();
    told({ fingerprint: 'next' });

    expect(told({ fingerprint: 'refused' })).toEqual({ queued: 1, repeated: 0 });

    expect(alerts.waiting(10).map(({ alert }) => alert.fingerprint)).toEqual(['next', 'refused']);
  });

  test('takes a delivery whole or not at all when too many wait', () => {
    const many = Array.from({ length: WAITING_LIMIT }, (_, n) => aReceivedAlert({ fingerprint: `f${n}` }));
    alerts.take(many.slice(1), NOON);

    expect(() =>
      alerts.take(
        ['x', 'y'].map(fingerprint => aReceivedAlert({ fingerprint })),
        NOON,
      ),
    ).toThrow(`${WAITING_LIMIT - 1} alerts wait already`);

    expect(told({ fingerprint: 'x' })).toEqual({ queued: 1, repeated: 0 });
    expect(ledger.trouble()).toBeUndefined();
  });
});

describe('the book', () => {
  test('says what fires about a service, and nothing once it is resolved', () => {
    told();
    attend();
    const before = alerts.firing(WEB);

    told({ status: 'resolved' });
    attend();

    expect(before).toEqual([anAlert()]);
    expect(alerts.firing(WEB)).toEqual([]);
    expect(alerts.entry(anAlert().fingerprint)?.status).toBe('resolved');
  });

  test('keeps services apart', () => {
    told();
    attend();

    expect(alerts.firing({ project: 'shop', service: 'db' })).toEqual([]);
    expect(alerts.firingServices()).toEqual([WEB]);
  });

  test.each([
    { late: { status: 'firing' as const, startsAt: BEGAN }, firing: 0, of: 'the same beginning' },
    { late: { status: 'firing' as const, startsAt: BEGAN - 1 }, firing: 0, of: 'an older beginning' },
    { late: { status: 'firing' as const, startsAt: BEGAN + 1 }, firing: 1, of: 'a newer beginning' },
  ])('a firing that comes after the end is believed only with a newer beginning: $of', ({ late, firing }) => {
    told({ status: 'resolved' });
    attend();

    told(late);
    attend();

    expect(alerts.firing(WEB)).toHaveLength(firing);
  });

  test('an end that is older than what fires now ends nothing', () => {
    told({ startsAt: BEGAN + 1 });
    attend();

    told({ status: 'resolved', startsAt: BEGAN });
    attend();

    expect(alerts.firing(WEB)).toHaveLength(1);
  });

  test('tells those by Prometheus from those by Alertmanager', () => {
    told({ fingerprint: 'a', labels: { alertname: 'A' } });
    told({ fingerprint: 'p', labels: { alertname: 'P' }, source: 'prometheus' });
    attend();

    expect(names(alerts.firingBy('prometheus'))).toEqual(['P']);
  });
});

describe('an alert that nobody tells of any more', () => {
  test('lapses after a day, and fires until then', () => {
    told();
    attend();

    expect(alerts.lapse(NOON + NOT_HEARD_FOR - 1)).toEqual([]);
    expect(alerts.firing(WEB)).toHaveLength(1);
    expect(names(alerts.lapse(NOON + NOT_HEARD_FOR))).toEqual(['HighMemoryUsage']);
    expect(alerts.firing(WEB)).toEqual([]);
    expect(alerts.lapse(NOON + NOT_HEARD_FOR)).toEqual([]);
  });

  test('lives on with each repetition', () => {
    told();
    attend();
    told({}, NOON + hours(20));

    expect(alerts.lapse(NOON + NOT_HEARD_FOR)).toEqual([]);
    expect(alerts.lapse(NOON + hours(20) + NOT_HEARD_FOR)).toHaveLength(1);
  });

  test('lapses at the end it was given', () => {
    told({ endsAt: NOON + minutes(5) });
    attend();

    expect(alerts.lapse(NOON + minutes(5) - 1)).toEqual([]);
    expect(alerts.lapse(NOON + minutes(5))).toHaveLength(1);
  });

  test('is attended to again when it comes back', () => {
    told();
    attend();
    alerts.lapse(NOON + NOT_HEARD_FOR);

    expect(told({}, NOON + NOT_HEARD_FOR + 1)).toEqual({ queued: 1, repeated: 0 });
    attend();

    expect(alerts.firing(WEB)).toHaveLength(1);
  });
});

describe('forgetting', () => {
  const MONTH = 30 * hours(24);

  test('takes what is over and old, and leaves what waits, fires or is young', () => {
    told({ fingerprint: 'fires', startsAt: BEGAN });
    attend();
    told({ fingerprint: 'over', status: 'resolved' });
    attend();
    told({ fingerprint: 'waits' });
    told({ fingerprint: 'young', status: 'resolved' }, NOON + MONTH);

    const deleted = ledger.forget(MONTH, 2 ** 30, NOON + MONTH + 1);

    expect(deleted).toBe(1);
    expect(alerts.entry('over')).toBeUndefined();
    expect(alerts.entry('fires')).toBeDefined();
    expect(alerts.waiting(10).map(({ alert }) => alert.fingerprint)).toEqual(['waits', 'young']);
    expect(told({ fingerprint: 'fires' })).toEqual({ queued: 0, repeated: 1 });
  });
});
