import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sendHttp, sendWithin } from '../../watchdog/adapters/send-http.ts';
import { type Receiver, startReceiver } from '../fakes/receiver.ts';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

test('a body arrives as JSON, and a password in the address as Basic authentication', async () => {
  const url = `${receiver.address.replace('://', '://ann:s3%40cret@')}/hook?a=1`;

  const answer = await sendHttp({ method: 'POST', url, body: '{"text":"für"}' });

  expect(answer).toEqual({ status: 200, retryAfter: undefined, text: '' });
  expect(receiver.received).toMatchObject([
    {
      call: 'POST /hook?a=1',
      body: { text: 'für' },
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from('ann:s3@cret').toString('base64')}`,
        'user-agent': 'compose-watchdog',
      },
    },
  ]);
});

test('a redirect is an answer, and is not followed', async () => {
  receiver.replies({ status: 307, headers: { location: `${receiver.address}/elsewhere` } });

  const { status } = await sendHttp({ method: 'POST', url: `${receiver.address}/hook`, body: '{}' });

  expect(status).toBe(307);
  expect(receiver.received).toHaveLength(1);
});

test('of an answer without end only the beginning is read', async () => {
  receiver.replies(response => {
    const more = (): void => void response.write('x'.repeat(1_024), error => error ?? setImmediate(more));
    more();
  });

  const { text } = await sendHttp({ method: 'GET', url: receiver.address });

  expect(text).toBe('x'.repeat(2_048));
});

test.each([
  ['7', 7_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', undefined],
])('Retry-After %j is read', async (value, expected) => {
  receiver.replies({ status: 429, headers: { 'retry-after': value } });

  const { retryAfter } = await sendHttp({ method: 'GET', url: receiver.address });

  expect(retryAfter).toBe(expected);
});

test('who never answers is given up, with a reason that names no address', async () => {
  receiver.replies(() => undefined);

  const answer = sendWithin(20, { method: 'GET', url: `${receiver.address}/s3cret` });

  await expect(answer).rejects.toThrow(/^no answer within 20 ms$/);
});

test('who begins an answer and does not end it is given up as well', async () => {
  receiver.replies(response => void response.write('x'));

  const answer = sendWithin(50, { method: 'GET', url: `${receiver.address}/s3cret` });

  await expect(answer).rejects.toThrow();
});

test('an address where nobody listens is said in a word', async () => {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));

  const answer = sendHttp({ method: 'GET', url: `http://127.0.0.1:${port}/s3cret` });

  await expect(answer).rejects.toThrow(/^ECONNREFUSED$/);
});

test('a stop breaks it off', async () => {
  receiver.replies(() => undefined);
  const stop = new AbortController();

  const answer = sendHttp({ method: 'GET', url: receiver.address }, stop.signal);
  void receiver.until(1).then(() => stop.abort());

  await expect(answer).rejects.toThrow();
});
