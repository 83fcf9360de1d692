import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../watchdog/domain/finding.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { hours, seconds } from '../../watchdog/domain/time.ts';
import { KeptAlertBook } from '../../watchdog/observe/alert-book.ts';
import { AlertIntake } from '../../watchdog/observe/alert-intake.ts';
import { StackKeeper } from '../../watchdog/observe/stack-keeper.ts';
import type { AlertLedger } from '../../watchdog/record/ledger/alerts.ts';
import { aReplica } from '../fakes/a-service.ts';
import { aReceivedAlert } from '../fakes/an-alert.ts';
import { FakeClock, settled } from '../fakes/fake-clock.ts';
import { aLog, type Line } from '../record/a-log.ts';
import { aPlace, type Place } from '../record/ledger/a-ledger.ts';

const WEB = { project: 'shop', service: 'web' };

let place: Place;
let queue: AlertLedger;
let clock: FakeClock;
let stack: StackKeeper;
let found: Finding[];
let decisions: string[];
let judged: Finding[];
let refused: string[];
let lines: Line[];
let book: KeptAlertBook;
let lookedAt: boolean;
let intake: AlertIntake;
let inspect: (id: string) => Promise<Replica | undefined>;

beforeEach(() => {
  place = aPlace();
  queue = place.open().alerts;
  book = new KeptAlertBook(queue);
  lookedAt = true;
  clock = new FakeClock();
  stack = new StackKeeper(() => []);
  stack.put(aReplica());
  [found, decisions, judged, refused] = [[], [], [], []];
  inspect = async () => undefined;
  const log = aLog();
  lines = log.lines;
  intake = new AlertIntake({
    queue,
    changed: () => book.changed(),
    openIncidents: () => (lookedAt ? [WEB] : []),
    stack,
    docker: { inspect: id => inspect(id) },
    abilities: () => ({ strategies: ['restart'], playbooks: [] }),
    emit: finding => found.push(finding),
    decided: (finding, decision) => {
      judged.push(finding);
      const code = decision.verdict === 'stand-back' ? decision.objection.code : decision.verdict;
      const because = decision.verdict === 'stand-back' ? decision.objection.because : decision.because;
      decisions.push(`${finding.target.service}, ${code}: ${because}`);
    },
    refused: ({ status }, code) => refused.push(`${status} ${code}`),
    clock,
    logger: log.logger,
  });
});
afterEach(() => place.remove());

const tell = (...differing: Parameters<typeof aReceivedAlert>[0][]) => {
  queue.take(
    differing.map(each => aReceivedAlert(each)),
    clock.now(),
  );
  intake.wake();
  // What came before has had its gap.
  return clock.advance(seconds(1));
};

const summary = () => found.map(({ target, evidence }) => `${target.service} ${evidence.alert} ${evidence.status}`);

describe('an alert that waits', () => {
  test('is put on the road with what it is about, and the book knows it then', async () => {
    intake.round();
    const came = clock.now();

    await tell({ startsAt: came - seconds(30) });

    expect(found).toEqual([
      {
        kind: 'alert',
        target: WEB,
        source: 'alertmanager',
        at: came - seconds(30),
        seenAt: came,
        evidence: { alert: 'HighMemoryUsage', status: 'firing', foundBy: 'labels project and service' },
      },
    ]);
    expect(book.firing(WEB)).toHaveLength(1);
    expect(queue.waiting(10)).toEqual([]);
  });

  test('waits for the first round: before it nobody knows any service', async () => {
    await tell({});
    const before = summary();

    intake.round();
    await settled();

    expect(before).toEqual([]);
    expect(summary()).toEqual(['web HighMemoryUsage firing']);
  });

  test('is found by the watchdog that comes after one that was killed', async () => {
    queue.take([aReceivedAlert()], clock.now());

    intake.round();
    await settled();

    expect(summary()).toEqual(['web HighMemoryUsage firing']);
  });

  test('is looked at each round while it fires, where no open incident leads there', async () => {
    lookedAt = false;
    intake.round();
    await tell({});

    intake.round();
    await tell({ status: 'resolved' });
    intake.round();

    expect(found.map(({ source, evidence }) => `${source} ${evidence.status}`)).toEqual([
      'alertmanager firing',
      'rounds firing',
      'alertmanager resolved',
    ]);
  });

  test('has its turn in the order of arrival, also when there are more than one batch', async () => {
    intake.round();

    const many = Array.from({ length: 250 }, (_, n) => `s${n}`);
    for (const service of many) stack.put(aReplica({ service }));

    await tell(...many.map(service => ({ fingerprint: service, labels: { ...aReceivedAlert().labels, service } })));

    expect(found.map(({ target }) => target.service)).toEqual(many);
  });

  test('is tried again when the ledger did not answer', async () => {
    intake.round();
    const { done } = queue;
    Object.assign(queue, {
      done: () => {
        throw new Error('disk full');
      },
    });
    await tell({});
    Object.assign(queue, { done });

    await clock.advance(seconds(5));

    expect(lines.map(({ message }) => message)).toEqual(['alerts that wait could not be attended to']);
    expect(summary()).toEqual(['web HighMemoryUsage firing']);
  });
});

describe('an alert that is over', () => {
  test('is about what its beginning was about, also when that is gone', async () => {
    intake.round();
    await tell({ labels: { alertname: 'Down', repair: 'restart', container: 'shop-web-1' } });
    stack.remove(aReplica().id);

    await tell({ status: 'resolved', labels: { alertname: 'Down', repair: 'restart', container: 'shop-web-1' } });

    expect(summary()).toEqual(['web Down firing', 'web Down resolved']);
    expect(book.firing(WEB)).toEqual([]);
  });

  test('has nothing begun for it when both came before anybody looked', async () => {
    await tell({}, { status: 'resolved' });

    const firing: number[] = [];
    found.push = () => firing.push(book.firing(WEB).length);
    intake.round();
    await settled();

    expect(firing).toEqual([0]);
  });

  test('ends the wait for its quiet', async () => {
    intake.round();
    await tell({});
    const quiet = book.quiet(WEB, aReceivedAlert().fingerprint, new AbortController().signal).then(() => 'quiet');

    const before = await Promise.race([quiet, settled().then(() => 'still waiting')]);
    await tell({ status: 'resolved' });

    expect(before).toBe('still waiting');
    expect(await quiet).toBe('quiet');
  });

  test('is not waited for where it does not fire, nor once nobody wants to know', async () => {
    intake.round();
    await tell({});
    const enough = new AbortController();
    const given = book.quiet(WEB, aReceivedAlert().fingerprint, enough.signal);

    enough.abort();

    await expect(given).resolves.toBeUndefined();
    await expect(book.quiet(WEB, 'another', new AbortController().signal)).resolves.toBeUndefined();
  });
});

describe('an alert that gets no repair', () => {
  test.each([
    [{ service: 'nobody' }, 'unknown-service', 'no service that is watched fits service=nobody of project shop'],
    [{ repair: 'reboot' }, 'unknown-repair', 'the label repair is "reboot"; expected restart, playbook:NAME or none'],
  ])('with %j ends in one recorded decision, and is counted', async (labels, code, because) => {
    intake.round();

    await tell({ labels: { ...aReceivedAlert().labels, ...labels } });

    expect(found).toEqual([]);
    expect(decisions).toEqual([`alert HighMemoryUsage, ${code}: ${because}`]);
    expect(refused).toEqual([`firing ${code}`]);
    expect(queue.waiting(10)).toEqual([]);
  });

  test('is judged again when it is told again', async () => {
    intake.round();
    const late = { labels: { ...aReceivedAlert().labels, service: 'late' } };
    await tell(late);
    stack.put(aReplica({ service: 'late' }));

    await tell(late);

    expect(summary()).toEqual(['late HighMemoryUsage firing']);
  });
});

test('a name that only an inspect tells is asked for before the alert is refused', async () => {
  stack.put(aReplica({ id: 'mail-id', name: 'shop-mail-1', service: 'mail', inspected: null }));
  const asked: string[] = [];
  inspect = async id => {
    asked.push(id);
    return aReplica({ id, name: 'shop-mail-1', service: 'mail', inspected: { aliases: ['smtp.local'] } });
  };
  intake.round();

  await tell({ labels: { alertname: 'MailDown', repair: 'restart', instance: 'smtp.local:25' } });

  expect(asked).toEqual(['mail-id']);
  expect(summary()).toEqual(['mail MailDown firing']);
  expect(refused).toEqual([]);
});

test('an alert that nobody tells of any more counts no more, and that is said', async () => {
  intake.round();
  await tell({});

  await clock.advance(hours(24));
  intake.round();

  expect(decisions).toEqual([
    'web, nothing-wrong: HighMemoryUsage has not been told of for too long, and counts as firing no more',
  ]);
  expect(summary()).toEqual(['web HighMemoryUsage firing', 'web HighMemoryUsage lapsed']);
  // The look has a decision of its own.
  expect(found).not.toContain(judged[0]);
  expect(book.firing(WEB)).toEqual([]);
});
