import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach } from '@jest/globals';
import { runProgram } from '../../watchdog/cli/program.ts';
import { createApp } from '../../watchdog/serve/app.ts';
import type { Deps } from '../../watchdog/serve/deps.ts';
import { listen } from '../../watchdog/serve/listen.ts';
import { NOON, someDeps, TOKEN } from '../fakes/watchdog-view.ts';

/** What a command said, and how it ended. */
export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in this process, at noon, without colours. */
export const command = (env: Readonly<Record<string, string>>, ...args: string[]): Promise<Said> =>
  piped([], env, ...args);

/** The same, with something piped in, piece by piece. */
export async function piped(
  input: readonly string[],
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const status = await runProgram(args, {
    env,
    colours: false,
    now: () => NOON,
    input: () => Readable.from(input),
    print: text => out.push(text),
    remark: text => err.push(text),
  });
  return { status, out: out.join('\n'), err: err.join('\n') };
}

/** Runs the command beside a running watchdog of these parts. */
export const beside = async (deps: Partial<Deps>, ...args: string[]): Promise<Said> =>
  command((await aRunningWatchdog(deps)).env, ...args);

/** A running watchdog made of fakes, and the environment in which commands find it. Closed after the test. */
export async function aRunningWatchdog(deps: Partial<Deps> = {}): Promise<{ readonly env: Record<string, string> }> {
  const server = await listen(createApp(someDeps(deps)), { host: '127.0.0.1', port: 0 });
  leftovers.push(server.close);
  return { env: { ...nowhere(), WATCHDOG_PORT: new URL(server.address).port, WATCHDOG_TOKEN: TOKEN } };
}

/** An environment with neither a watchdog (nobody listens on such ports) nor an engine nor a ledger. */
export function nowhere(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'cw-cli-'));
  leftovers.push(() => rmSync(folder, { recursive: true }));
  return {
    PATH: process.env.PATH ?? '',
    WATCHDOG_HOST: '127.0.0.1',
    WATCHDOG_PORT: '2',
    WATCHDOG_DATA: folder,
    DOCKER_HOST: 'tcp://127.0.0.1:9',
  };
}

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const remove of leftovers.splice(0)) await remove();
});
