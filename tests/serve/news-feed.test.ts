import { expect, test } from '@jest/globals';
import type { Approval } from '../../watchdog/domain/approval.ts';
import type { News } from '../../watchdog/domain/news.ts';
import { eventShapes } from '../../watchdog/serve/event-shapes.ts';
import { NewsFeed } from '../../watchdog/serve/news-feed.ts';
import type { WatchdogEvent } from '../../watchdog/serve/watchdog-view.ts';
import { aFinding, anOrder, NOON } from '../record/ledger/a-ledger.ts';
import { aBeginning, aGo, anEnd, anEscalation, anOpening, aResolution, aStandBack } from '../record/some-news.ts';

function eventsOf(...news: readonly News[]): readonly WatchdogEvent[] {
  const heard: WatchdogEvent[] = [];
  const feed = new NewsFeed();
  feed.subscribe(event => heard.push(event));
  for (const one of news) feed.tell(one);
  return heard;
}

const aFind = (): News => ({ type: 'found', at: NOON, finding: aFinding() });
const approval: Approval = {
  project: 'shop',
  service: 'db',
  id: '4',
  incidentId: '7',
  strategy: 'recreate',
  what: 'recreate shop-db-1',
  deed: 'recreate shop-db-1',
  state: 'waiting',
  askedAt: NOON,
  expiresAt: NOON + 60_000,
  answeredAt: undefined,
  reason: '',
};
const aQuestion = (): News => ({ type: 'approval-asked', at: NOON, approval });
const anAnswer = (): News => ({ type: 'approval-answered', at: NOON, approval, answer: 'granted', reason: 'go on' });
const toFive = { order: anOrder({ strategy: 'scale', with: { replicas: 5, from: 3, reason: 'queue' } }) };

test('each piece of news becomes an event', () => {
  const events = eventsOf(
    aFind(),
    aGo(),
    aQuestion(),
    anAnswer(),
    anOpening(),
    anEscalation(),
    aResolution(),
    aBeginning(),
    anEnd(),
  );

  expect(events.map(({ type, data: { change, code } }) => [type, change ?? code])).toEqual([
    ['finding', undefined],
    ['decision', 'go'],
    ['approval', 'asked'],
    ['approval', 'answered'],
    ['incident', 'opened'],
    ['incident', 'escalated'],
    ['incident', 'resolved'],
    ['outcome', 'began'],
    ['outcome', 'ended'],
  ]);
});

test('a change of size is told twice: as an outcome, and as scaling with what it was about', () => {
  const events = eventsOf({ ...aBeginning(), ...toFive } as News, anEnd({ ...toFive, outcome: 'not-healed' }));

  expect(events.map(({ type }) => type)).toEqual(['outcome', 'scaling', 'outcome', 'scaling']);
  const size = { direction: 'up', from: 3, to: 5, reason: 'queue' };
  expect(events[1]?.data).toMatchObject({ change: 'began', ...size, outcome: undefined });
  expect(events[3]?.data).toMatchObject({ change: 'ended', ...size, outcome: 'not-healed' });
});

test('every event is as openapi.json describes it, and says nothing beyond that', () => {
  const all = [
    aFind(),
    aGo(),
    aStandBack(),
    aQuestion(),
    anAnswer(),
    anOpening(),
    anEscalation(),
    aResolution(),
    aBeginning(),
    anEnd(toFive),
  ];

  for (const { type, at, project, service, data } of eventsOf(...all)) {
    const frame = JSON.parse(JSON.stringify({ at: new Date(at).toISOString(), project, service, ...data }));
    expect([type, eventShapes[type].strict().safeParse(frame).error?.message]).toEqual([type, undefined]);
  }
});

test('who has ended the subscription hears no more', () => {
  const heard: WatchdogEvent[] = [];
  const feed = new NewsFeed();
  const end = feed.subscribe(event => heard.push(event));
  end();

  feed.tell(anOpening());

  expect(heard).toEqual([]);
});
