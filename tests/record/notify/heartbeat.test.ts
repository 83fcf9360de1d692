import { expect, test } from '@jest/globals';
import { Heartbeat } from '../../../watchdog/record/notify/heartbeat.ts';
import { settled } from '../../fakes/fake-clock.ts';
import { aLog } from '../a-log.ts';

const answer = (status: number) => ({ status, text: '', retryAfter: undefined });

test('each beat is a GET; its failures are said once, and so is the end of them', async () => {
  const { logger, lines } = aLog();
  const calls: string[] = [];
  const answers = [answer(200), answer(500), answer(404), answer(200)];
  const send = async ({ method, url }: { method: string; url: string }) => {
    calls.push(`${method} ${url}`);
    return answers.shift() ?? answer(200);
  };
  const heartbeat = new Heartbeat(() => 'https://beat.example/key', send, logger);

  for (let n = 0; n < 4; n += 1) {
    heartbeat.beat();
    await settled();
  }

  expect(calls).toEqual(Array.from({ length: 4 }, () => 'GET https://beat.example/key'));
  expect(lines).toEqual([
    { level: 'warn', message: 'heartbeat not delivered', values: { reason: 'HTTP 500' } },
    { level: 'info', message: 'heartbeat is delivered again', values: {} },
  ]);
});

test('none is sent without an address, nor while one is under way', async () => {
  let calls = 0;
  let address: string | undefined;
  const send = () => {
    calls += 1;
    return new Promise<never>(() => undefined);
  };
  const heartbeat = new Heartbeat(() => address, send, aLog().logger);

  heartbeat.beat();
  address = 'https://beat.example/key';
  heartbeat.beat();
  heartbeat.beat();
  await settled();

  expect(calls).toBe(1);
});
