import { expect, test } from '@jest/globals';
import { deliver, waitAfter } from '../../../watchdog/record/notify/deliver.ts';
import { pagerduty } from '../../../watchdog/record/notify/pagerduty.ts';
import { slack } from '../../../watchdog/record/notify/slack.ts';

const SLACK = slack('https://hooks.slack.example/services/T0/B0/s3cret');
const answer =
  (status: number, text = '', retryAfter?: number) =>
  async () => ({ status, text, retryAfter });

test.each<[string, number, string]>([
  ['delivered', 200, ''],
  ['delivered', 202, ''],
  ['refused', 301, ''],
  ['refused', 400, 'invalid_payload'],
  ['refused', 404, 'no_service'],
  ['failed', 408, ''],
  ['failed', 429, ''],
  ['failed', 500, ''],
  ['failed', 503, 'rollup_error'],
])('it is %s when the receiver says %d', async (result, status, text) => {
  expect(await deliver(SLACK, {}, answer(status, text))).toMatchObject({ result });
});

test('a reason names what the receiver said', async () => {
  expect(await deliver(SLACK, {}, answer(404, 'no_service\n'))).toMatchObject({ because: 'HTTP 404: no_service' });
});

test.each([
  [SLACK, 'no hook at /services/T0/B0/s3cret here'],
  [pagerduty('r0uting-s3cret'), '{"errors":["r0uting-s3cret is unknown"]}'],
])('and never the key, though the receiver repeats it', async (channel, text) => {
  const delivery = await deliver(channel, {}, answer(400, text));

  expect(JSON.stringify(delivery)).toContain('***');
  expect(JSON.stringify(delivery)).not.toContain('s3cret');
});

test('who cannot be reached may be reached later', async () => {
  const send = () => Promise.reject(new Error('ECONNREFUSED'));

  expect(await deliver(SLACK, {}, send)).toEqual({
    result: 'failed',
    because: 'ECONNREFUSED',
    retryAfter: undefined,
  });
});

test.each([
  [1, undefined, 1_000],
  [2, undefined, 2_000],
  [4, undefined, 8_000],
  [9, undefined, 256_000],
  [10, undefined, 300_000],
  [1_000, undefined, 300_000],
  [1, 30_000, 30_000],
  [5, 2_000, 16_000],
  [1, 86_400_000, 3_600_000],
])('after %d tries, asked for %s ms of patience, it waits %d ms', (tries, retryAfter, expected) => {
  expect(waitAfter(tries, retryAfter)).toBe(expected);
});
