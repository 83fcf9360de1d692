import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { aHome, type Home, until } from './a-process.ts';

let home: Home;

beforeEach(() => {
  home = aHome();
});

afterEach(() => home.remove());

/** The processes that watch over this one's event loop. */
const guardsOf = (pid: number): readonly string[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter(line => line.includes(`watchdog-guard ${pid} `));

test('a watchdog whose event loop never turns again is ended from outside, with a status and a word of its own', async () => {
  home.strategy('export default () => { for (;;); };');
  const watchdog = await home.start({ WATCHDOG_STUCK_AFTER: '4s' });

  expect(await watchdog.ended).toBe('SIGALRM');
  expect(watchdog.said()).toContain('watchdog: the event loop has stood still for 4s; ending the watchdog (SIGALRM)');
});

test('a watchdog that makes no rounds any more, whatever else it does, ends with status 4 and says why', async () => {
  // Every wait that begins from now on never ends; timers that call back go on.
  home.strategy(`
    import timers from 'node:timers/promises';
    import { syncBuiltinESMExports } from 'node:module';
    timers.setTimeout = () => new Promise(() => undefined);
    syncBuiltinESMExports();
    export default () => undefined;
  `);
  const watchdog = await home.start({ WATCHDOG_STUCK_AFTER: '10s', WATCHDOG_INTERVAL: '1s' });

  await watchdog.says('the watchdog is stuck');

  expect(watchdog.said()).toMatch(/no round has ended, well or not, for \d+s longer than it should/);
  expect(await watchdog.ended).toBe(4);
});

test('a watchdog in which something happens that nobody foresaw ends in order, with status 1 and the stack in its log', async () => {
  home.strategy("export default () => void setTimeout(() => { throw new Error('a defect'); }, 500);");
  const watchdog = await home.start();

  expect(await watchdog.ended).toBe(1);
  expect(watchdog.said()).toMatch(/something unforeseen happened.*a defect.*own\.mjs/);
  expect(watchdog.said()).toContain('watchdog stopped');
});

test('the guard goes when the watchdog does, also when that is killed', async () => {
  const watchdog = await home.start();
  await watchdog.says('watchdog started');
  await until(() => guardsOf(watchdog.pid).length === 1, 'there is no guard');

  watchdog.signal('SIGKILL');
  await watchdog.ended;

  await until(() => guardsOf(watchdog.pid).length === 0, 'the guard is still there');
});
