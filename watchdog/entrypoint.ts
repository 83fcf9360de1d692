// What the container starts. Runs as root just long enough to find out which group may use the engine's socket, so that
// nobody has to look it up; then drops root for good and hands this very process over to tini and the command line.
// Imports Node's own modules only: nothing of the product or its packages ever runs as root.
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const defaultSocket = '/var/run/docker.sock';
const user = 1000;

/** What is known about one engine socket: missing, or owned by these. */
export type Socket = { path: string; uid: number; gid: number } | { path: string; missing: true };

/** A sentence for the operator; `fatal` when the watchdog can't do its work until it is mended. */
export type Complaint = { because: string; fatal: boolean };

/** The file behind a DOCKER_HOST value (`unix:///path`), or undefined when the engine is not behind a local socket. */
export function socketPath(host: string): string | undefined {
  if (host.startsWith('unix://')) return host.slice('unix://'.length) || defaultSocket;
  return host.startsWith('/') ? host : undefined;
}

/** The local sockets through which the watchdog will read and act, each once. */
export function socketPaths(env: NodeJS.ProcessEnv): string[] {
  const hosts = [env.DOCKER_HOST || `unix://${defaultSocket}`, env.WATCHDOG_ACT_HOST || ''];
  return [...new Set(hosts.map(socketPath).filter(path => path !== undefined))];
}

/** The supplementary groups that open these sockets. Root's own group (0) is among them where the socket belongs to it. */
export function groupsFor(sockets: readonly Socket[]): number[] {
  return [...new Set(sockets.flatMap(socket => ('gid' in socket ? [socket.gid] : [])))];
}

/** What to tell the operator about a socket that is not there or that we may not use. */
export function socketComplaint(socket: Socket, usable: boolean, uid: number): Complaint | undefined {
  if ('missing' in socket) {
    const mount = `mount it (volumes: ["${defaultSocket}:${socket.path}"]) or set DOCKER_HOST to an engine that can be reached`;
    return { because: `there is no engine socket at ${socket.path}: ${mount}; trying again meanwhile`, fatal: false };
  }
  if (usable) return undefined;
  const remedy =
    uid === user
      ? `add 'group_add: ["${socket.gid}"]' to the service, or let the group write to it`
      : `add 'group_add: ["${socket.gid}"]' to the service, or leave out 'user:' and the watchdog finds the group itself`;
  const owner = `it belongs to uid ${socket.uid}, gid ${socket.gid}`;
  return { because: `user ${uid} may not use the engine socket ${socket.path} (${owner}): ${remedy}`, fatal: false };
}

/** What to tell the operator when the data folder can't be written. */
export function dataComplaint(path: string, owner: { uid: number; gid: number } | undefined, uid: number): Complaint {
  if (!owner)
    return {
      because: `there is no folder ${path}: mount a volume there (volumes: ["watchdog-data:${path}"])`,
      fatal: true,
    };
  const found = `it belongs to ${owner.uid}:${owner.gid}`;
  const remedy = `run 'chown -R ${uid}:${uid}' on what is mounted there, or mount a named volume, and check that it is not read-only`;
  return { because: `user ${uid} can't write to ${path} (${found}): ${remedy}`, fatal: true };
}

/**
 * For the process that stays, each for what it saves (docs/performance.md): a young generation of at most 4 MB instead of 16, small
 * when it is quiet; code of the start forgotten, and garbage collected early rather than kept; no optimizing compilers, which cost
 * 10 MB and have little to speed up in a process that mostly sleeps, but for the search that reads every character of every log;
 * `gc`, so that what only the start needed can be given back.
 */
export const STAYING_FLAGS: readonly string[] = [
  '--max-semi-space-size=4',
  '--flush-baseline-code',
  '--optimize-for-size',
  '--no-opt',
  '--maglev-filter=search',
  '--expose-gc',
];

/**
 * The program and arguments that take over this process. Only the long-running command needs tini above it.
 * @param flags what Node itself was told, `process.execArgv`
 */
export function successor(
  args: readonly string[],
  node: string,
  flags: readonly string[],
  folder: string,
  tini: string | undefined,
): string[] {
  const stays = args.length === 1 && args[0] === 'run';
  const cli = [node, ...flags, ...(stays ? STAYING_FLAGS : []), join(folder, 'cli.ts'), ...args];
  return tini && stays ? [tini, '--', ...cli] : cli;
}

/** Becomes the unprivileged user with these supplementary groups. Throws unless root is really out of reach afterwards. */
function dropRoot(groups: readonly number[]): void {
  process.setgroups?.([...groups]);
  process.setgid?.(user);
  process.setuid?.(user);
  let regained = true;
  try {
    process.setuid?.(0);
  } catch {
    regained = false;
  }
  const ids = [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.()];
  if (regained || ids.some(id => id !== user))
    throw new Error(`still privileged after dropping root (${ids.join(', ')})`);
}

function lookAt(path: string): Socket {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? { path, uid: found.uid, gid: found.gid } : { path, missing: true };
}

function allowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function complain(complaint: Complaint): void {
  console.error(`watchdog: ${complaint.because}`);
  if (complaint.fatal) process.exit(2);
}

function main(args: readonly string[]): void {
  const sockets = socketPaths(process.env).map(lookAt);
  if (process.getuid?.() === 0) {
    try {
      dropRoot(groupsFor(sockets));
    } catch (error) {
      const because = `can't drop root (${error instanceof Error ? error.message : error}): give the service 'cap_add: [SETUID, SETGID]', or a 'user:' of its own`;
      complain({ because, fatal: true });
    }
  }
  const uid = process.getuid?.() ?? user;
  if (args[0] === 'run') {
    for (const socket of sockets) {
      const complaint = socketComplaint(socket, allowed(socket.path, constants.R_OK | constants.W_OK), uid);
      if (complaint) complain(complaint);
    }
    const data = process.env.WATCHDOG_DATA || '/data';
    if (!allowed(data, constants.W_OK)) complain(dataComplaint(data, statSync(data, { throwIfNoEntry: false }), uid));
  }
  const tini = ['/sbin/tini', '/usr/bin/tini'].find(path => existsSync(path));
  const [program = process.execPath, ...rest] = successor(
    args,
    process.execPath,
    process.execArgv,
    import.meta.dirname,
    tini,
  );
  process.execve?.(program, [program, ...rest], { ...process.env, HOME: process.env.WATCHDOG_DATA || '/data' });
}

if (import.meta.main) main(process.argv.slice(2));
