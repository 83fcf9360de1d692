import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** A Docker Engine of the test's own, which it may stop and start without hurting anybody. */
export interface SecondEngine {
  /** In DOCKER_HOST's syntax. */
  readonly host: string;
  /** Resolves once it answers. */
  readonly start: () => Promise<void>;
  /** Resolves once it is gone; it stops its containers first. */
  readonly stop: () => Promise<void>;
  /** SIGKILL, which takes its containerd along; its containers and what looks after each of them live on. */
  readonly kill: () => Promise<void>;
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
  const kill = async () => {
    if (daemon === undefined) return;
    const containerd = readFileSync(join(folder, 'exec/containerd/containerd.pid'), 'utf8');
    const gone = once(daemon, 'exit');
    daemon.kill('SIGKILL');
    await gone;
    daemon = undefined;
    while (lives(containerd)) await pause(20);
    // Its number may be somebody else's by now, and a dead one may wait for ever to be reaped: dockerd would wait for it in vain.
    rmSync(join(folder, 'exec/containerd/containerd.pid'), { force: true });
  };
  return {
    host,
    stop,
    kill,
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
      for (const pid of shimsOf(folder)) process.kill(pid, 'SIGKILL');
      // One that was killed has left its folder mounted on itself, and its next life leaves what it finds.
      spawnSync('umount', [join(folder, 'data')], { stdio: 'ignore' });
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

/** And is no zombie, which only waits for its parent to look (proc(5), /proc/PID/stat). */
function lives(pid: string): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${Number(pid)}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** An engine that was killed does not know all of them any more, and they would outlive the test. */
const shimsOf = (folder: string): readonly number[] =>
  readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      return words[0]?.includes('containerd-shim') && words.some(word => word.startsWith(`${folder}/`))
        ? [Number(name)]
        : [];
    } catch {
      return [];
    }
  });
