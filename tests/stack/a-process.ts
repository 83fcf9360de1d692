import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DecisionBody, RepairBody } from '../../watchdog/serve/shapes.ts';
import { Pulse, until } from '../engine/pulse.ts';

const CLI = join(import.meta.dirname, '../../watchdog/cli.ts');

export interface Reply {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

/** `watchdog run` as a process of its own, with a data folder that outlives it. */
export interface WatchdogProcess {
  /** Resolves once it listens. */
  readonly start: () => Promise<void>;
  /** SIGKILL. */
  readonly kill: () => Promise<void>;
  readonly isAlive: () => boolean;
  /** To the webhook, with its token unless told otherwise. */
  readonly post: (body: string | Uint8Array<ArrayBuffer> | object, token?: string) => Promise<Reply>;
  readonly repairs: () => Promise<readonly RepairBody[]>;
  readonly decisions: () => Promise<readonly DecisionBody[]>;
  /** How many alerts had that result, since its start. */
  readonly counted: (result: string) => Promise<number>;
  readonly until: <T>(
    what: string,
    probe: () => T | Promise<T>,
  ) => Promise<Exclude<T, false | null | undefined | 0 | ''>>;
  /** Ends it and removes its folder. */
  readonly close: () => Promise<void>;
}

export async function aWatchdogProcess(env: Readonly<Record<string, string>>): Promise<WatchdogProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'cwt-process-'));
  const pulse = new Pulse();
  const beating = setInterval(() => pulse.beat(), 250);
  let child: ChildProcess | undefined;
  let address = '';
  let token = '';

  const ask = async (path: string, init: RequestInit = {}, bearer = token) =>
    await fetch(`${address}${path}`, { ...init, headers: { authorization: `Bearer ${bearer}`, ...init.headers } });
  const all = async <T>(list: string): Promise<readonly T[]> => {
    const items: T[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const answer = await ask(`/api/${list}?limit=500${cursor && `&cursor=${cursor}`}`);
      const page = (await answer.json()) as { readonly items: readonly T[]; readonly next?: string };
      items.push(...page.items);
      cursor = page.next;
    }
    return items;
  };
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    start: async () => {
      child = spawn(process.execPath, [CLI, 'run'], {
        env: { PATH: process.env.PATH, WATCHDOG_DATA: folder, WATCHDOG_PORT: await freePort(), ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      address = await addressIn(child);
      token = (await readFile(join(folder, 'token'), 'utf8')).trim();
    },
    kill,
    isAlive: () => child !== undefined && child.exitCode === null && child.signalCode === null,
    post: async (body, bearer) => {
      const sent = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
      const headers = { 'content-type': 'application/json' };
      const answer = await ask('/webhook/alertmanager', { method: 'POST', body: sent, headers }, bearer);
      return { status: answer.status, json: (await answer.json()) as Reply['json'] };
    },
    repairs: () => all<RepairBody>('repairs'),
    decisions: () => all<DecisionBody>('decisions'),
    counted: async result => {
      const metrics = await (await ask('/metrics')).text();
      const lines = metrics.matchAll(/^watchdog_webhook_alerts_total\{.*result="([^"]+)".*\} (\d+)$/gm);
      return lines.reduce((sum, [, found, count]) => sum + (found === result ? Number(count) : 0), 0);
    },
    until: (what, probe) => until(pulse, what, probe),
    close: async () => {
      clearInterval(beating);
      await kill();
      await rm(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return String(port);
}

/** What its log says; the rest of the log is read and dropped. @throws Error with the log when it ends before */
async function addressIn(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error('its log is not read');
  const said: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const lines = createInterface(child.stderr);
  lines.on('line', line => {
    said.push(line);
    const address = /"message":"watchdog started".*"address":"([^"]+)"/.exec(line)?.[1];
    if (address !== undefined) resolve(address);
  });
  lines.on('close', () => reject(new Error(`the watchdog ended before it listened:\n${said.join('\n')}`)));
  return await promise;
}
