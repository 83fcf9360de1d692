import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, jest, test } from '@jest/globals';
import { aServiceView, FakeView } from '../fakes/watchdog-view.ts';
import { aRunningWatchdog, nowhere } from './a-terminal.ts';

// Each test starts a runtime of its own; on a busy machine that takes a while.
jest.setTimeout(60_000);

const CLI = join(import.meta.dirname, '../../watchdog/cli.ts');

/** Runs the command as a process of its own. */
async function watchdog(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [CLI, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await closed;
  return { status, out, err };
}

test('ends with 0 when all is fine, and writes no colours into a pipe', async () => {
  const said = await watchdog((await aRunningWatchdog()).env, 'status');

  expect(said).toEqual({ status: 0, out: expect.stringContaining('shop/web  running, healthy'), err: '' });
  expect(said.out).not.toContain('\u001b');
});

test('ends with 1 when there is trouble', async () => {
  const view = new FakeView();
  view.known = [aServiceView({ problems: ['label auto_repair.cooldown'] })];

  expect((await watchdog((await aRunningWatchdog({ view })).env, 'status')).status).toBe(1);
});

test.each([[['bogus']], [['status', '--bogus']], [['repair']], [[]]])('ends with 2 for %j', async args => {
  const said = await watchdog(nowhere(), ...args);

  expect(said.status).toBe(2);
  expect(said.out).toBe('');
  expect(said.err).toMatch(/--help|Usage/);
});

test('ends with 3 when the running watchdog cannot be reached', async () => {
  const said = await watchdog(nowhere(), 'repair', 'web');

  expect(said.status).toBe(3);
  expect(said.err).toContain('no watchdog answers at http://127.0.0.1:2 (connect ECONNREFUSED 127.0.0.1:2)');
});

test.each([[['--help']], [['status', '--help']], [['--version']]])('answers %j on stdout', async args => {
  const said = await watchdog(nowhere(), ...args);

  expect(said).toMatchObject({ status: 0, err: '' });
  expect(said.out).not.toBe('');
});
