import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hours, minutes, seconds } from '../../../watchdog/domain/time.ts';
import type { Ledger } from '../../../watchdog/record/ledger/ledger.ts';
import type { Outbox } from '../../../watchdog/record/ledger/outbox.ts';
import { type Addresses, channelsFrom } from '../../../watchdog/record/notify/channels.ts';
import { DailyReport, momentsAround, type Schedule } from '../../../watchdog/record/notify/daily-report.ts';
import { FakeClock, settled } from '../../fakes/fake-clock.ts';
import { aLog, type Line } from '../a-log.ts';
import { anIncident, aPlace, type Place } from '../ledger/a-ledger.ts';

const ALL: Addresses = {
  alertmanager: undefined,
  slack: 'http://slack/key',
  pagerdutyKey: 'key',
  pagerduty: undefined,
  webhook: 'http://webhook/key',
  heartbeat: undefined,
};
/** In Berlin it is an hour later than in UTC: one hour after the fake clock starts. */
const NOON_IN_BERLIN: Schedule = { at: 12 * 60, zone: 'Europe/Berlin' };

let place: Place;
let ledger: Ledger;
let outbox: Outbox;
let clock: FakeClock;
let schedule: Schedule | undefined;
let addresses: Addresses;
let lines: Line[];
let stop: AbortController;
let running: Promise<void>;

beforeEach(() => {
  place = aPlace();
  clock = new FakeClock();
  schedule = NOON_IN_BERLIN;
  addresses = ALL;
});
afterEach(async () => {
  await stopped();
  place.remove();
});

/** Also a second time, as after a restart: with the memory of the one before. */
async function start(): Promise<void> {
  ({ ledger, outbox } = place.open());
  const log = aLog();
  lines = log.lines;
  stop = new AbortController();
  running = new DailyReport({
    ledger,
    outbox,
    channels: () => channelsFrom(addresses),
    schedule: () => schedule,
    unchecked: () => [{ project: 'shop', service: 'worker' }],
    posted: () => undefined,
    dropped: () => undefined,
    clock,
    logger: log.logger,
  }).run(stop.signal);
  await settled();
}

async function stopped(): Promise<void> {
  stop.abort();
  await running;
  ledger.close();
}

/** What waits on the channel, taken out. */
function sent(channel: string): { text: string; at: string; id: string; event: string; report: { since: string } }[] {
  const bodies = [];
  for (let head = outbox.head(channel, clock.now()); head; head = outbox.head(channel, clock.now())) {
    bodies.push(JSON.parse(head.body));
    outbox.remove(head.id);
  }
  return bodies;
}

describe('the report of the day', () => {
  test('goes to Slack and the webhook at its time in its zone, and wakes nobody by PagerDuty', async () => {
    await start();
    ledger.openIncident(anIncident(), clock.now());

    await clock.advance(hours(1) - 1);
    const before = sent('webhook');
    await clock.advance(1);

    expect(before).toEqual([]);
    expect(sent('webhook')).toMatchObject([
      {
        event: 'report',
        at: '2026-03-01T11:00:00.000Z',
        report: { since: '2026-02-28T11:00:00.000Z', total: { incidents: 1 } },
        text: expect.stringContaining('shop/worker has no health check'),
      },
    ]);
    const [slack] = sent('slack');
    expect(slack?.text).toMatch(
      /^\[report\] 2026-02-28 11:00Z to 2026-03-01 11:00Z \(24h\)\n1 incident, 1 still open;/,
    );
    expect(sent('pagerduty')).toEqual([]);
  });

  test('comes every day, each with an id of its own', async () => {
    await start();

    await clock.advance(hours(73));

    const ids = sent('webhook').map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
  });

  test('is not sent twice, however often the watchdog is started again', async () => {
    await start();
    await clock.advance(hours(1));
    const first = sent('webhook');

    for (let again = 0; again < 3; again += 1) {
      await stopped();
      await start();
      await clock.advance(minutes(10));
    }

    expect(first).toHaveLength(1);
    expect(sent('webhook')).toEqual([]);
  });

  test('of a day whose time passed while the watchdog was away comes at its start, of several days the last', async () => {
    await start();
    await stopped();
    clock.jump(hours(24 * 5));

    await start();

    expect(sent('webhook')).toMatchObject([{ at: '2026-03-05T11:00:00.000Z' }]);
  });

  test('does not tell what was before somebody asked for it', async () => {
    clock.jump(hours(12));

    await start();

    expect(sent('webhook')).toEqual([]);
  });

  test('is not sent while nobody asked for it, and is a minute after the settings say so', async () => {
    schedule = undefined;
    await start();
    await clock.advance(hours(48));
    const before = sent('webhook');

    schedule = NOON_IN_BERLIN;
    await clock.advance(minutes(1) + hours(24));

    expect(before).toEqual([]);
    expect(sent('webhook')).toHaveLength(1);
  });

  test('goes to Slack beside an Alertmanager, which has no place for it', async () => {
    addresses = { ...ALL, webhook: undefined, alertmanager: 'http://alertmanager' };
    await start();

    await clock.advance(hours(1));

    expect(sent('slack')).toHaveLength(1);
    expect(sent('alertmanager')).toEqual([]);
  });

  test('that nobody is there to hear is logged with what to set', async () => {
    addresses = { ...ALL, webhook: undefined, slack: undefined };
    await start();

    await clock.advance(hours(1));

    expect(lines).toMatchObject([{ level: 'warn', values: { remedy: expect.stringContaining('SLACK_WEBHOOK_URL') } }]);
  });

  test('is tried again a minute after the ledger could not be read', async () => {
    await start();
    const { report } = ledger;
    ledger.report = () => {
      throw new Error('the disk is full');
    };
    await clock.advance(hours(1));
    const before = sent('webhook');

    ledger.report = report;
    await clock.advance(seconds(60));

    expect(before).toEqual([]);
    expect(lines).toMatchObject([{ level: 'error', message: 'the daily report waits' }]);
    expect(sent('webhook')).toHaveLength(1);
  });
});

describe('the moments of a schedule', () => {
  const iso = ({ last, next }: ReturnType<typeof momentsAround>) => [last, next].map(at => new Date(at).toISOString());

  test.each([
    [
      'keep the time of the wall clock when summer begins',
      '02:30',
      '2026-03-28T12:00Z',
      ['2026-03-28T01:30Z', '2026-03-29T01:30Z'],
    ],
    ['come once where an hour comes twice', '02:30', '2026-10-25T00:45Z', ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
    ['take 24:00 for the end of the day', '24:00', '2026-01-10T22:59Z', ['2026-01-09T23:00Z', '2026-01-10T23:00Z']],
    ['have come when the clock shows them', '08:00', '2026-01-10T07:00Z', ['2026-01-10T07:00Z', '2026-01-11T07:00Z']],
  ])('%s', (_, at, now, moments) => {
    const [hour = 0, minute = 0] = at.split(':').map(Number);

    const around = momentsAround({ at: hour * 60 + minute, zone: 'Europe/Berlin' }, Date.parse(now));

    expect(iso(around)).toEqual(moments.map(moment => new Date(moment).toISOString()));
  });

  test('lie on both sides of now, a day apart but for the hour that a change of the clock takes', () => {
    const anySchedule = fc.record({
      at: fc.nat({ max: 24 * 60 }),
      zone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Pacific/Kiritimati', 'America/New_York'),
    });
    const anyNow = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) });
    fc.assert(
      fc.property(anySchedule, anyNow, (wanted, now) => {
        const { last, next } = momentsAround(wanted, now);

        expect(last <= now && now < next).toBe(true);
        expect(Math.abs(next - last - hours(24))).toBeLessThanOrEqual(hours(1));
        expect(momentsAround(wanted, next).last).toBe(next);
        expect(momentsAround(wanted, last - 1).next).toBe(last);
      }),
    );
  });
});
