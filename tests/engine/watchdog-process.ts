import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CLI = join(import.meta.dirname, '..', '..', 'watchdog', 'cli.ts');
const TOKEN = 'a-token-for-this-test-alone';

/** The product itself, as people run it on a host: a process of its own, asked over HTTP. */
export interface WatchdogProcess {
  /** `api('repairs')`: the items of the newest page. */
  readonly api: <T>(path: string) => Promise<readonly T[]>;
  /** `POST`, with the token. @returns HTTP's status */
  readonly post: (path: string, body: object) => Promise<number>;
  readonly stop: () => Promise<void>;
  /** What it has logged, for the message of a test that fails. */
  readonly said: () => string;
}

export function aWatchdogProcess(port: number, env: Readonly<Record<string, string>>): WatchdogProcess {
  const folder = mkdtempSync(join(tmpdir(), 'cwt-process-'));
  const log: string[] = [];
  const child: ChildProcess = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, 'run'], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      WATCHDOG_DATA: folder,
      WATCHDOG_PORT: String(port),
      WATCHDOG_TOKEN: TOKEN,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr?.on('data', chunk => log.push(String(chunk)));
  const ended = once(child, 'exit');
  return {
    api: async path => {
      const response = await fetch(`http://127.0.0.1:${port}/api/${path}`, {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      return ((await response.json()) as { items: never[] }).items;
    },
    post: async (path, body) => {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
      const url = `http://127.0.0.1:${port}${path}`;
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
    said: () => log.join('').slice(-4_000),
  };
}
