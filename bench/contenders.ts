import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EngineProxy } from './engine-proxy.ts';
import { undoAtSignal } from './undo.ts';
import { now, until } from './wall-clock.ts';

const run = promisify(execFile);

/** A healer that is measured: ours, the model of another, or another's image. */
export interface Contender {
  readonly name: string;
  start(project: string, folder: string, more?: Readonly<Record<string, string>>): Promise<Healer>;
}

/** A healer at work behind a proxy of its own. */
export interface Healer {
  readonly proxy: EngineProxy;
  readonly pid: number;
  /** When its process was started. */
  readonly startedAt: number;
  /** Where it answers over HTTP, if it does. */
  readonly address: string | undefined;
  stop(): Promise<void>;
}

const PORT = 18_099;

/**
 * The watchdog as the image runs it. Limits are lifted so that a service can be broken again and again; nothing else differs
 * from the defaults.
 */
export const watchdog = (command: readonly string[]): Contender => ({
  name: 'watchdog',
  start: async (project, folder, more = {}) => {
    const proxy = await EngineProxy.listen(join(folder, 'watchdog.sock'));
    const env = {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      DOCKER_HOST: `unix://${proxy.socket}`,
      WATCHDOG_DATA: mkdtempSync(join(folder, 'data-')),
      WATCHDOG_PROJECTS: project,
      WATCHDOG_PORT: String(PORT),
      MAX_RESTART_ATTEMPTS: '1000',
      WATCHDOG_STORM_LIMIT: '10000',
      RESTART_COOLDOWN: '0',
      WATCHDOG_BACKOFF_INITIAL: '0',
      WATCHDOG_SETTLE: '1s',
      ...more,
    };
    const startedAt = now();
    const child = spawn(process.execPath, [...command, 'run'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    return healerOf(child, proxy, startedAt, join(folder, 'watchdog.log'), `http://127.0.0.1:${PORT}`);
  },
});

/** A model of another healer's published behaviour, see `bench/peers/`. */
export const model = (name: 'polling' | 'events'): Contender => ({
  name: `model:${name}`,
  start: async (_project, folder) => {
    const proxy = await EngineProxy.listen(join(folder, `${name}.sock`));
    const startedAt = now();
    const file = join(import.meta.dirname, 'peers', `${name}.ts`);
    const child = spawn(process.execPath, [file, proxy.socket], { stdio: ['ignore', 'pipe', 'pipe'] });
    return healerOf(child, proxy, startedAt, join(folder, `${name}.log`), undefined);
  },
});

/** Another healer's image, started the way its README says; the services carry the labels that these healers ask for. */
export const image = (name: string): Contender => ({
  name,
  start: async (_project, folder) => {
    const proxy = await EngineProxy.listen(join(folder, 'peer.sock'));
    const container = `cw-bench-peer-${process.pid}`;
    const startedAt = now();
    await run('docker', [
      ...['run', '-d', '--name', container, '--network', 'none', '-e', 'AUTOHEAL_CONTAINER_LABEL=autoheal'],
      ...['-v', `${proxy.socket}:/var/run/docker.sock`, name],
    ]);
    const { stdout } = await run('docker', ['inspect', '-f', '{{.State.Pid}}', container]);
    const stop = async () => {
      await run('docker', ['rm', '-f', container]);
      proxy.close();
    };
    undoAtSignal(stop);
    return { proxy, pid: Number(stdout), startedAt, address: undefined, stop };
  },
});

function healerOf(
  child: ChildProcess,
  proxy: EngineProxy,
  startedAt: number,
  log: string,
  address: string | undefined,
): Healer {
  const lines = createWriteStream(log, { flags: 'a' });
  child.stdout?.pipe(lines);
  child.stderr?.pipe(lines);
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    const tooLate = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(tooLate);
    proxy.close();
  };
  undoAtSignal(stop);
  return { proxy, pid: child.pid ?? 0, startedAt, address, stop };
}

/** Waits until the healer has made its first look at the containers. */
export async function firstLook({ proxy, address }: Healer): Promise<void> {
  const isLook = ({ path }: { path: string }) => /\/containers\/json|\/events/.test(path);
  await until('first look', () => proxy.requests.some(isLook), 30_000);
  if (address !== undefined) await until('/readyz', () => answers(`${address}/readyz`), 30_000);
}

/** Whether a URL answers with success. */
export const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    async answer => {
      await answer.arrayBuffer();
      return answer.ok;
    },
    () => false,
  );

/** `builtin:polling`, `builtin:events`, or an image. */
export function contenderFrom(word: string): Contender {
  if (word === 'builtin:polling' || word === 'builtin:events')
    return model(word === 'builtin:polling' ? 'polling' : 'events');
  return image(word);
}
