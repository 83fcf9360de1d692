import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { alertInbox, type Delivery } from '../../watchdog/record/alert-inbox.ts';
import { Chronicle } from '../../watchdog/record/chronicle.ts';
import { type GroupCommit, groupCommit } from '../../watchdog/record/group-commit.ts';
import type { AlertLedger } from '../../watchdog/record/ledger/alerts.ts';
import { createMetrics } from '../../watchdog/record/metrics.ts';
import { aReceivedAlert } from '../fakes/an-alert.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { aLog } from './a-log.ts';
import { aPlace, type Place } from './ledger/a-ledger.ts';

let place: Place;
let alerts: AlertLedger;
let door: GroupCommit;
/** How many alerts each transaction took, or tried to. */
let transactions: number[];
/** What has to be done when the event loop has read all that came. */
let due: (() => void)[];
/** Alerts of this name cannot be written. */
let unwritable: string | undefined;

beforeEach(() => {
  place = aPlace();
  const opened = place.open();
  alerts = opened.alerts;
  transactions = [];
  due = [];
  unwritable = undefined;
  const clock = new FakeClock();
  const take: AlertLedger['take'] = (received, now) => {
    transactions.push(received.length);
    if (received.some(({ fingerprint }) => fingerprint === unwritable)) throw new Error('cannot be written');
    return alerts.take(received, now);
  };
  const inbox = alertInbox({
    alerts: { take },
    chronicle: new Chronicle(opened.ledger, () => undefined, clock, aLog().logger),
    metrics: createMetrics({ version: '1' }),
    clock,
    arrived: () => undefined,
  });
  door = groupCommit(inbox, work => due.push(work));
});
afterEach(() => place.remove());

const turn = () => {
  for (const work of due.splice(0)) work();
};

const named = (...names: string[]) => names.map(fingerprint => aReceivedAlert({ fingerprint }));

const FOR_PEOPLE = aReceivedAlert({ fingerprint: 'p', labels: { alertname: 'WatchdogDown' } });

describe('deliveries that come side by side', () => {
  test('share one transaction, and each hears what became of its own', async () => {
    const answers = [door.take(named('a')), door.take([...named('a', 'b'), FOR_PEOPLE]), door.take([])];
    turn();

    expect(await Promise.all(answers)).toEqual([
      { queued: 1, repeated: 0, ignored: 0 },
      { queued: 1, repeated: 1, ignored: 1 },
      { queued: 0, repeated: 0, ignored: 0 },
    ]);
    expect(transactions).toEqual([3]);
    expect(alerts.waiting(10).map(({ alert }) => alert.fingerprint)).toEqual(['a', 'b']);
  });

  test('are answered only when they are in the file', async () => {
    const answer = door.take(named('a'));
    let answered: Delivery | undefined;
    void answer.then(delivery => {
      answered = delivery;
    });
    await new Promise(resolve => setImmediate(resolve));
    expect(answered).toBeUndefined();

    turn();
    await answer;

    expect(alerts.waitingNow()).toBe(1);
  });

  test('are no worse off for one that cannot be taken', async () => {
    unwritable = 'bad';
    const answers = [door.take(named('a')), door.take(named('bad')), door.take(named('b'))];
    turn();

    const settled = await Promise.allSettled(answers);

    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(alerts.waiting(10).map(({ alert }) => alert.fingerprint)).toEqual(['a', 'b']);
  });

  test('share no more than 500 alerts, except one that has more by itself', async () => {
    const many = (n: number, from: string) => named(...Array.from({ length: n }, (_, at) => `${from}${at}`));
    const answers = [300, 200, 1, 800, 2].map((n, at) => door.take(many(n, `${at}-`)));
    while (due.length > 0) turn();

    expect((await Promise.all(answers)).map(({ queued }) => queued)).toEqual([300, 200, 1, 800, 2]);
    expect(transactions).toEqual([500, 1, 800, 2]);
  });

  test('are turned away when too many wait, and show how many do', async () => {
    const first = Array.from({ length: 1_000 }, (_, n) => door.take(named(`${n}`)));

    await expect(door.take(named('late'))).rejects.toThrow('1000 deliveries wait for the ledger already');
    expect(door.fill()).toEqual({ queue: 'deliveries', fill: 1_000, limit: 1_000 });

    while (due.length > 0) turn();
    await Promise.all(first);
    expect(door.fill()).toMatchObject({ fill: 0 });
  });
});
