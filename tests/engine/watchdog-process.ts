import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DecisionBody, RepairBody } from '../../watchdog/serve/shapes.ts';
import { freePort } from './free-port.ts';
import { Pulse, until } from './pulse.ts';

const CLI = join(import.meta.dirname, '../../watchdog/cli.ts');

export interface Reply {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

/** How a process ended: by itself, or by a signal. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProcessOptions {
  /** A command that becomes the watchdog, whose own command line is appended: `['unshare', '--mount', 'sh', '-c', 'exec "$@"', '-']`. */
  readonly through?: readonly string[];
  /** What is run in place of Node and our command line. */
  readonly program?: readonly string[];
  /** A module that is loaded before the product, and may be told things. */
  readonly preload?: string;
  /** Its data; a new folder where none is given. */
  readonly folder?: string;
}

/** `watchdog run`, the product itself as people run it on a host: a process of its own, with a data folder that outlives it. */
export interface WatchdogProcess {
  readonly folder: string;
  /** Resolves once it listens; rejects, with its log, when it ends before. */
  readonly start: () => Promise<void>;
  /** SIGKILL. */
  readonly kill: () => Promise<void>;
  /** SIGTERM, and its end. */
  readonly stop: () => Promise<Ending>;
  readonly isAlive: () => boolean;
  /** How many descriptors it has open. */
  readonly descriptors: () => number;
  /** Of its API, on 127.0.0.1. */
  readonly port: () => number;
  /** How the present life ended. */
  readonly ended: () => Promise<Ending>;
  /** Tells its preloaded module something; resolves with the answer. */
  readonly tell: (message: object) => Promise<unknown>;
  /** Of a page that needs no token, `/healthz`. */
  readonly get: (path: string) => Promise<{ readonly status: number; readonly text: string }>;
  /** To the webhook, with its token unless told otherwise. */
  readonly post: (body: string | Uint8Array<ArrayBuffer> | object, token?: string) => Promise<Reply>;
  /** All items of a list of the API: `list('incidents')`. */
  readonly list: <T>(name: string) => Promise<readonly T[]>;
  readonly repairs: () => Promise<readonly RepairBody[]>;
  readonly decisions: () => Promise<readonly DecisionBody[]>;
  /** How many alerts had that result, since its start. */
  readonly counted: (result: string) => Promise<number>;
  /** Looks again with each line of its log, and four times a second. */
  readonly until: <T>(
    what: string,
    probe: () => T | Promise<T>,
  ) => Promise<Exclude<T, false | null | undefined | 0 | ''>>;
  /** The log of all its lives, line by line. */
  readonly said: readonly string[];
  /** Ends it and removes its folder. */
  readonly close: () => Promise<void>;
}

export async function aWatchdogProcess(
  env: Readonly<Record<string, string>>,
  { through = [], preload, ...options }: ProcessOptions = {},
): Promise<WatchdogProcess> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'cwt-process-')));
  const pulse = new Pulse();
  const beating = setInterval(() => pulse.beat(), 250);
  const said: string[] = [];
  let child: ChildProcess | undefined;
  let ending: Promise<Ending> = Promise.resolve({ code: null, signal: null });
  let address = '';

  const imports = preload === undefined ? [] : ['--import', preload];
  const ours = [process.execPath, '--disable-warning=ExperimentalWarning', ...imports, CLI, 'run'];
  const [program = process.execPath, ...words] = [...through, ...(options.program ?? ours)];
  const isAlive = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals) => {
    if (isAlive()) child?.kill(signal);
    return await ending;
  };
  return {
    folder,
    said,
    start: async () => {
      child = spawn(program, words, {
        env: {
          PATH: process.env.PATH,
          HOME: folder,
          WATCHDOG_DATA: folder,
          WATCHDOG_PORT: String(await freePort()),
          ...env,
        },
        stdio: ['ignore', 'ignore', 'pipe', ...(preload === undefined ? [] : (['ipc'] as const))],
      });
      ending = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
      address = await addressIn(child, line => {
        said.push(line);
        pulse.beat();
      });
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    isAlive,
    descriptors: () => readdirSync(`/proc/${child?.pid}/fd`).length,
    port: () => Number(new URL(address).port),
    ended: () => ending,
    tell: async message => {
      if (child === undefined) throw new Error('it has not been started');
      const answer = once(child, 'message');
      child.send(message);
      return (await answer)[0];
    },
    ...asking(() => address, folder),
    until: (what, probe) => until(pulse, what, probe, () => said.slice(-40).join('\n')),
    close: async () => {
      clearInterval(beating);
      await end('SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}

type Asking = Pick<WatchdogProcess, 'get' | 'post' | 'list' | 'repairs' | 'decisions' | 'counted'>;

function asking(address: () => string, folder: string): Asking {
  const ask = async (path: string, init: RequestInit = {}, bearer?: string) => {
    const token = bearer ?? (await readFile(join(folder, 'token'), 'utf8')).trim();
    return await fetch(`${address()}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
    });
  };
  const list = async <T>(name: string): Promise<readonly T[]> => {
    const items: T[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const answer = await ask(`/api/${name}?limit=500${cursor && `&cursor=${cursor}`}`);
      const page = (await answer.json()) as { readonly items: readonly T[]; readonly next?: string };
      items.push(...page.items);
      cursor = page.next;
    }
    return items;
  };
  return {
    get: async path => {
      const answer = await fetch(`${address()}${path}`);
      return { status: answer.status, text: await answer.text() };
    },
    post: async (body, bearer) => {
      const sent = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
      const headers = { 'content-type': 'application/json' };
      const answer = await ask('/webhook/alertmanager', { method: 'POST', body: sent, headers }, bearer);
      return { status: answer.status, json: (await answer.json()) as Reply['json'] };
    },
    list,
    repairs: () => list<RepairBody>('repairs'),
    decisions: () => list<DecisionBody>('decisions'),
    counted: async result => {
      const metrics = await (await fetch(`${address()}/metrics`)).text();
      const lines = metrics.matchAll(/^watchdog_webhook_alerts_total\{.*result="([^"]+)".*\} (\d+)$/gm);
      return lines.reduce((sum, [, found, count]) => sum + (found === result ? Number(count) : 0), 0);
    },
  };
}

/** What its log says. @throws Error with the log when it ends before */
async function addressIn(child: ChildProcess, heard: (line: string) => void): Promise<string> {
  if (child.stderr === null) throw new Error('its log is not read');
  const said: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.once('error', reject);
  const lines = createInterface(child.stderr);
  lines.on('line', line => {
    said.push(line);
    heard(line);
    const address = /"message":"watchdog started".*"address":"([^"]+)"/.exec(line)?.[1];
    if (address !== undefined) resolve(address);
  });
  lines.on('close', () => reject(new Error(`the watchdog ended before it listened:\n${said.join('\n')}`)));
  return await promise;
}
