import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RepairRecord } from '../../watchdog/domain/records.ts';
import { openLedger } from '../../watchdog/record/ledger/open-ledger.ts';
import type { HttpEngine } from '../fakes/http-engine.ts';

const CLI = join(import.meta.dirname, '..', '..', 'watchdog', 'cli.ts');
export const TOKEN = 'a-token-for-this-test-alone';
const quiet = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** The product itself, a process of its own on a folder that outlives it. */
export interface LivingWatchdog {
  readonly url: string;
  readonly pid: number;
  /** What it wrote to stderr. */
  readonly said: () => string;
  /** Resolves once it has said that; rejects when it ends before. */
  readonly says: (words: string) => Promise<void>;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Resolves when it is gone: its exit status, or the name of the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** A data folder, with watchdogs that live in it one after the other. */
export interface Home {
  readonly folder: string;
  /** An own strategy, that the watchdog loads at its start. */
  readonly strategy: (text: string) => void;
  readonly start: (env?: Readonly<Record<string, string>>) => Promise<LivingWatchdog>;
  /** The repairs that the journal holds as begun and not ended. */
  readonly unfinished: () => readonly RepairRecord[];
  /** Ends what is left, and removes the folder. */
  readonly remove: () => Promise<void>;
}

export function aHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'cw-itself-'));
  const strategies = join(folder, 'strategies');
  const config = join(folder, 'watchdog.yml');
  mkdirSync(strategies);
  writeFileSync(config, `strategies: { folder: ${strategies} }\n`);
  const all: { readonly child: ChildProcess; readonly ended: Promise<unknown> }[] = [];
  return {
    folder,
    strategy: text => writeFileSync(join(strategies, 'own.mjs'), text),
    start: async (env = {}) => {
      const port = await freePort();
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, 'run'], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          PATH: process.env.PATH ?? '',
          WATCHDOG_DATA: folder,
          WATCHDOG_CONFIG: config,
          WATCHDOG_PROJECTS: 'shop',
          WATCHDOG_PORT: String(port),
          WATCHDOG_TOKEN: TOKEN,
          DOCKER_HOST: 'unix:///nowhere/engine.sock',
          ...env,
        },
      });
      const watchdog = living(child, `http://127.0.0.1:${port}`);
      all.push({ child, ended: watchdog.ended });
      return watchdog;
    },
    unfinished: () => {
      const { ledger } = openLedger(join(folder, 'ledger.sqlite'), { logger: quiet });
      const repairs = ledger.unfinishedRepairs();
      ledger.close();
      return repairs;
    },
    remove: async () => {
      for (const { child } of all) child.kill('SIGKILL');
      await Promise.all(all.map(({ ended }) => ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function living(child: ChildProcess, url: string): LivingWatchdog {
  let text = '';
  let gone = false;
  child.stderr?.setEncoding('utf8').on('data', chunk => {
    text += chunk;
  });
  // Not `close`: the guard of the event loop may hold stderr a moment longer.
  const ended = once(child, 'exit').then(([status, signal]) => {
    gone = true;
    return status ?? signal;
  });
  return {
    url,
    pid: child.pid ?? 0,
    said: () => text,
    says: words =>
      until(() => {
        if (!text.includes(words) && gone) throw new Error(`it ended without a word of '${words}':\n${text}`);
        return text.includes(words);
      }, `it said nothing of '${words}'`),
    signal: signal => child.kill(signal),
    ended,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export const WEB = 'a'.repeat(64);

const LABELS = {
  'com.docker.compose.container-number': '1',
  'com.docker.compose.oneoff': 'False',
  'com.docker.compose.project': 'shop',
  'com.docker.compose.service': 'web',
};

/** How `shop-web-1` stands, as the engine tells it. */
export function webIs(
  engine: HttpEngine,
  state: 'running' | 'exited' | 'restarting',
  health?: 'healthy' | 'starting',
): void {
  const status = { running: 'Up 3 days', exited: 'Exited (1) 3 days ago', restarting: 'Restarting (1) 3 s ago' }[state];
  const host = { NetworkMode: 'shop_default' };
  const common = { Id: WEB, Image: 'shop/web:1', NetworkSettings: { Networks: {} } };
  engine.answer('GET /containers/json', {
    status: 200,
    body: [
      {
        ...common,
        Names: ['/shop-web-1'],
        Created: 1_790_000_000,
        Ports: [],
        Labels: LABELS,
        State: state,
        Status: health === undefined ? status : `${status} (${health === 'starting' ? 'health: starting' : health})`,
        HostConfig: host,
      },
    ],
  });
  engine.answer(`GET /containers/${WEB}/json`, {
    status: 200,
    body: {
      ...common,
      Name: '/shop-web-1',
      Created: '2026-09-20T10:00:00Z',
      RestartCount: 0,
      State: {
        Status: state,
        ExitCode: state === 'exited' ? 1 : 0,
        // A container that was started by us runs since then.
        StartedAt: state === 'running' ? new Date().toISOString() : '2026-09-20T10:00:00Z',
        FinishedAt: '2026-09-20T11:00:00Z',
        ...(health !== undefined && { Health: { Status: health, FailingStreak: 0, Log: [] } }),
      },
      Config: {
        Image: 'shop/web:1',
        Labels: LABELS,
        ...(health !== undefined && { Healthcheck: { Test: ['CMD', 'true'], Interval: 60e9 } }),
      },
      HostConfig: { ...host, RestartPolicy: { Name: 'no' } },
    },
  });
}

/** Accepts the request and never says a word. */
export const hangs = (): void => undefined;

/** An engine that accepts the subscription to its events, and has none. */
export const hearsNothing = (engine: HttpEngine): void =>
  engine.answer('GET /events', response => response.flushHeaders());

/** Resolves once the engine was asked for that. */
export const asked = (engine: HttpEngine, call: string): Promise<void> =>
  until(() => engine.seen.some(seen => seen.call === call), `the engine was not asked for ${call}`);

/** Generous: the machine may be busy with other things. */
const PATIENCE = 300_000;

/** Resolves once it holds. */
export async function until(holds: () => boolean, otherwise: string): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(otherwise);
    await pause(20);
  }
}
