import { expect, test } from '@jest/globals';
import { patienceIn } from '../../watchdog/domain/patience.ts';
import { minutes } from '../../watchdog/domain/time.ts';
import { wait } from '../../watchdog/repair/wait.ts';
import { aReplica } from '../fakes/a-service.ts';
import { aWork } from '../fakes/a-work.ts';

test.each([
  [{}, minutes(1)],
  [{ for: '10m' }, minutes(10)],
])('an order to wait that is told %j waits for %d ms', (told, patience) => {
  expect(patienceIn({ strategy: 'wait', with: told })).toBe(patience);
});

test('an order that does something waits for nothing', () => {
  expect(patienceIn({ strategy: 'throttle', with: { for: '1h' } })).toBe(0);
});

test.each(['11m', '0s', 'a while'])('to wait for %s is refused when it is tried', async time => {
  const attempt = wait().apply(aWork(aReplica(), { strategy: 'wait', with: { for: time } }));

  await expect(attempt).rejects.toThrow(`wait: found for "${time}", expected a duration up to 10m`);
});
