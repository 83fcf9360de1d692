import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Receiver, startReceiver } from '../fakes/receiver.ts';
import { command, nowhere } from './a-terminal.ts';

let good: Receiver;
let bad: Receiver;
beforeEach(async () => {
  good = await startReceiver();
  bad = await startReceiver();
  bad.replies({ status: 404, text: 'no_service at /s3cret' });
});
afterEach(() => Promise.all([good.close(), bad.close()]));

test('notify test sends one of each kind to every channel, marked as a test, and says that it worked', async () => {
  const env = {
    ...nowhere(),
    SLACK_WEBHOOK_URL: `${good.address}/slack`,
    PAGERDUTY_ROUTING_KEY: 'r0uting-s3cret',
    WATCHDOG_PAGERDUTY_URL: `${good.address}/pagerduty`,
    WATCHDOG_NOTIFY_WEBHOOK_URL: `${good.address}/own`,
  };

  const said = await command(env, 'notify', 'test');

  expect(said).toEqual({
    status: 0,
    err: '',
    out: [
      'slack: works (opened, escalated, resolved, report)',
      'pagerduty: works (opened, escalated, resolved)',
      'webhook: works (opened, escalated, resolved, report)',
    ].join('\n'),
  });
  const to = (path: string) => good.received.filter(({ call }) => call === `POST ${path}`).map(({ body }) => body);
  expect(to('/slack')).toMatchObject([
    { text: expect.stringMatching(/^\[TEST\] \[trying\]/) },
    { text: expect.stringMatching(/^\[TEST\] \[NEEDS YOU\]/) },
    { text: expect.stringMatching(/^\[TEST\] \[over\]/) },
    { text: expect.stringMatching(/^\[TEST\] \[report\]/) },
  ]);
  expect(to('/pagerduty')).toMatchObject([
    { routing_key: 'r0uting-s3cret', event_action: 'trigger', payload: { severity: 'info' } },
    { event_action: 'trigger' },
    { event_action: 'resolve' },
  ]);
  expect(to('/own')).toMatchObject([
    { event: 'opened', test: true },
    { event: 'escalated', test: true },
    { event: 'resolved', test: true },
    { event: 'report', test: true },
  ]);
});

test('it says of each channel what was not taken, without its key, and ends with 1', async () => {
  const env = {
    ...nowhere(),
    ALERTMANAGER_URL: good.address,
    WATCHDOG_NOTIFY_WEBHOOK_URL: `${bad.address}/s3cret`,
  };

  const said = await command(env, 'notify', 'test');

  expect(said.status).toBe(1);
  expect(said.out.split('\n')).toEqual([
    'alertmanager: works (opened, escalated, resolved)',
    'webhook: opened was not taken: HTTP 404: no_service at ***',
    'webhook: escalated was not taken: HTTP 404: no_service at ***',
    'webhook: resolved was not taken: HTTP 404: no_service at ***',
    'webhook: report was not taken: HTTP 404: no_service at ***',
  ]);
});

test('it prints JSON for programs', async () => {
  const said = await command({ ...nowhere(), SLACK_WEBHOOK_URL: good.address }, 'notify', 'test', '--json');

  expect(JSON.parse(said.out)[0]).toEqual({ channel: 'slack', stage: 'opened' });
});

test.each([
  [[], 'no channel is set up: set ALERTMANAGER_URL'],
  [['PAGERDUTY_ROUTING_KEY_FILE'], 'env PAGERDUTY_ROUTING_KEY_FILE: found "/nowhere"'],
])('it ends with 2 when there is nobody to tell', async (names, word) => {
  const env = { ...nowhere(), ...Object.fromEntries(names.map(name => [name, '/nowhere'])) };

  const said = await command(env, 'notify', 'test');

  expect(said.status).toBe(2);
  expect(said.err).toContain(word);
});
