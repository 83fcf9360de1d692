import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';

/** A Docker Engine of the test's own, which it may stop and start without hurting anybody. */
export interface SecondEngine {
  /** In DOCKER_HOST's syntax. */
  readonly host: string;
  /** Resolves once it answers. */
  readonly start: () => Promise<void>;
  /** Resolves once it is gone; it stops its containers first. */
  readonly stop: () => Promise<void>;
  /** Hands an image over from the usual engine. */
  readonly load: (image: string) => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** Needs root and `dockerd`. Its containers have no network (`network_mode: none`), so that it changes nothing of the host's. */
export function aSecondEngine(): SecondEngine {
  const folder = mkdtempSync(join(tmpdir(), 'cwt-engine-'));
  const host = `unix://${folder}/docker.sock`;
  const words = [
    ['--host', host],
    ['--data-root', join(folder, 'data')],
    ['--exec-root', join(folder, 'exec')],
    ['--pidfile', join(folder, 'pid')],
    ['--bridge=none', '--iptables=false', '--ip-masq=false'],
  ].flat();
  let daemon: ChildProcess | undefined;
  const stop = async () => {
    if (daemon === undefined) return;
    const gone = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await gone;
    daemon = undefined;
  };
  return {
    host,
    stop,
    start: async () => {
      // In a network namespace of its own: `--bridge=none` makes dockerd delete `docker0`, which is the other engine's.
      const started = spawn('unshare', ['--net', 'dockerd', ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
      daemon = started;
      await answers(started);
    },
    load: async image => {
      const save = spawn('docker', ['save', image], { stdio: ['ignore', 'pipe', 'inherit'] });
      const load = spawn('docker', ['-H', host, 'load'], { stdio: ['pipe', 'ignore', 'inherit'] });
      await Promise.all([pipeline(save.stdout, load.stdin), once(load, 'exit')]);
    },
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** It says so in its log. */
function answers(daemon: ChildProcess): Promise<void> {
  const log: string[] = [];
  return new Promise((resolve, reject) => {
    daemon.once('error', reject);
    daemon.once('exit', code => reject(new Error(`dockerd ended with ${code}:\n${log.slice(-20).join('\n')}`)));
    if (daemon.stderr === null) throw new Error('dockerd was started without its log');
    createInterface({ input: daemon.stderr }).on('line', line => {
      log.push(line);
      if (line.includes('API listen on')) resolve();
    });
  });
}
