import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Outbox, type Post, QUEUE_LIMIT } from '../../../watchdog/record/ledger/outbox.ts';
import { aPlace, NOON, type Place } from './a-ledger.ts';

let place: Place;
let outbox: Outbox;
beforeEach(() => {
  place = aPlace();
  outbox = place.open().outbox;
});
afterEach(() => place.remove());

const post = (body: string, changes: Partial<Post> = {}) =>
  outbox.post({
    incident: '7',
    told: `told ${body}`,
    messages: [{ channel: 'slack', body }],
    now: NOON,
    notBefore: NOON,
    ...changes,
  });

const next = (now = NOON): string | undefined => outbox.head('slack', now)?.body;

test('messages leave in the order in which they were posted, each once', () => {
  post('one');
  post('two');

  const first = outbox.head('slack', NOON);
  outbox.remove(first?.id ?? 0);

  expect(first).toMatchObject({ body: 'one', incident: '7', tries: 0, nextTryAt: NOON, createdAt: NOON });
  expect(next()).toBe('two');
});

test('one that is tried again keeps its place', () => {
  post('one');
  post('two');

  const id = outbox.head('slack', NOON)?.id ?? 0;
  outbox.noteTry(id, NOON + 1_000);
  outbox.postpone(id, NOON + 60_000);

  expect(outbox.head('slack', NOON)).toMatchObject({ body: 'one', tries: 1, nextTryAt: NOON + 60_000 });
});

test('one that is held stands in nobody else’s way, and is due when its time has come', () => {
  post('held', { notBefore: NOON + 60_000 });
  post('now', { incident: '8' });

  expect(next()).toBe('now');
  expect(outbox.heldUntil('slack', NOON)).toBe(NOON + 60_000);
  expect(next(NOON + 60_000)).toBe('held');
});

test('what is held is taken back when its incident is over before', () => {
  post('held', { notBefore: NOON + 60_000 });

  const held = outbox.holds('7', NOON);
  post('', { told: undefined, messages: [] });

  expect(held).toBe(true);
  expect(next(NOON + 60_000)).toBeUndefined();
  expect(outbox.threads()).toEqual([]);
});

test('what was held when the process ended is held once more, and nothing else', () => {
  post('held', { notBefore: NOON + 60_000 });
  post('now', { incident: '8' });

  outbox.holdAnew(NOON + 300_000);

  expect(next(NOON + 200_000)).toBe('now');
  expect(outbox.heldUntil('slack', NOON)).toBe(NOON + 300_000);
});

test('a clock that was set back holds nothing', () => {
  post('one');

  expect(next(NOON - 3_600_000)).toBe('one');
  expect(outbox.holds('7', NOON - 3_600_000)).toBe(false);
});

test('a full queue lets its oldest messages go, and no other channel’s', () => {
  post('other', { messages: [{ channel: 'webhook', body: 'other' }] });
  let dropped = 0;

  for (let n = 1; n <= QUEUE_LIMIT + 3; n += 1) dropped += post(`${n}`).get('slack') ?? 0;

  expect(dropped).toBe(3);
  expect(next()).toBe('4');
  expect(outbox.head('webhook', NOON)?.body).toBe('other');
});

test('what is a day old is given up, by channel', () => {
  post('old');
  post('young', { now: NOON + 1, notBefore: NOON + 1 });

  expect(outbox.expire('webhook', NOON + 1)).toEqual([]);
  expect(outbox.expire('slack', NOON + 1)).toEqual(['7']);
  expect(next(NOON + 1)).toBe('young');
});

test('a thread is known where none of its messages waits', () => {
  post('one');

  expect(outbox.threads()).toEqual([{ incident: '7', told: 'told one' }]);
  expect(outbox.threadsKnownAt('slack')).toEqual([]);
  expect(outbox.threadsKnownAt('alertmanager')).toHaveLength(1);
});

test('both survive a restart', () => {
  post('one');

  const again = place.open().outbox;

  expect(again.head('slack', NOON)?.body).toBe('one');
  expect(again.threads()).toHaveLength(1);
});

test('what is told once for each moment is not posted a second time, nor for an earlier moment', () => {
  const tell = (body: string, upTo: number) =>
    outbox.postOnce({
      bookmark: 'report',
      upTo,
      incident: 'report',
      messages: [{ channel: 'slack', body }],
      now: NOON,
    });

  tell('first', NOON);
  tell('again', NOON);
  tell('earlier', NOON - 1);
  outbox.remove(outbox.head('slack', NOON)?.id ?? 0);
  const left = next();
  tell('later', NOON + 1);

  expect(left).toBeUndefined();
  expect(next()).toBe('later');
});

test('messages that cannot be written leave the moment untold', () => {
  const messages = [{ channel: 'slack', body: 'whole' }];
  const broken = [...messages, { channel: 'webhook', body: null as unknown as string }];
  const post = { bookmark: 'report', upTo: NOON, incident: 'report', now: NOON };

  expect(() => outbox.postOnce({ ...post, messages: broken })).toThrow();
  const left = next();
  outbox.postOnce({ ...post, messages });

  expect(left).toBeUndefined();
  expect(next()).toBe('whole');
});
