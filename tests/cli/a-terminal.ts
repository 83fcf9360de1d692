import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../watchdog/cli/program.ts';
import { createApp } from '../../watchdog/serve/app.ts';
import type { Deps } from '../../watchdog/serve/deps.ts';
import { type Listening, listen } from '../../watchdog/serve/listen.ts';
import { NOON, someDeps, TOKEN } from '../fakes/watchdog-view.ts';

/** What a command said, and how it ended. */
export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in this process, at noon, without colours. */
export async function command(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const status = await runProgram(args, {
    env,
    colours: false,
    now: () => NOON,
    print: text => out.push(text),
    remark: text => err.push(text),
  });
  return { status, out: out.join('\n'), err: err.join('\n') };
}

/** A running watchdog made of fakes, and the environment in which commands find it. */
export async function aRunningWatchdog(
  deps: Partial<Deps> = {},
): Promise<Listening & { readonly env: Record<string, string> }> {
  const server = await listen(createApp(someDeps(deps)), { host: '127.0.0.1', port: 0 });
  return { ...server, env: { ...nowhere(), WATCHDOG_PORT: new URL(server.address).port, WATCHDOG_TOKEN: TOKEN } };
}

/** An environment with neither a watchdog (nobody listens on such ports) nor an engine nor a ledger. */
export function nowhere(): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    WATCHDOG_HOST: '127.0.0.1',
    WATCHDOG_PORT: '2',
    WATCHDOG_DATA: mkdtempSync(join(tmpdir(), 'cw-cli-')),
    DOCKER_HOST: 'tcp://127.0.0.1:9',
  };
}
