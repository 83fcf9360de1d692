import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { tryCommand, works } from './command.ts';
import { installPackages } from './debian.ts';
import { cacheFolder } from './places.ts';
import { runTool, step } from './progress.ts';

const startDeadline = 60_000;

/**
 * Makes sure that a Docker Engine answers. Where none is configured or installed, Debian's docker.io is installed and
 * dockerd started; it says so first, and how to avoid it. Throws when there is no engine to be had.
 */
export async function ensureEngine(): Promise<void> {
  const client = await works(['docker', '--version']);
  if (client) {
    const answer = await engineVersion();
    if (answer.code === 0) {
      console.log(`✓ Docker Engine ${answer.stdout.trim()}`);
      return;
    }
    refuseWhatWeMayNotMend(answer.stderr);
  }
  console.log(
    'No Docker Engine answers on this machine: Debian’s docker.io will be installed (where missing) and started.',
  );
  console.log('To avoid that: install Docker yourself, or set DOCKER_HOST to an engine that runs, and start again.');
  if (!client || !(await works(['which', 'dockerd']))) await installPackages(['docker.io', 'iptables']);
  await step('starting dockerd', startEngine);
}

/** What is wrong when the operator named an engine, or may not use the one that is there: theirs to mend, not ours. */
function refuseWhatWeMayNotMend(said: string): void {
  const host = process.env.DOCKER_HOST;
  if (host) {
    throw new Error(
      `DOCKER_HOST is ${host}, but no engine answers there:\n${said.trim()}\n` +
        'Start that engine, correct DOCKER_HOST, or unset it to use an engine on this machine.',
    );
  }
  if (/permission denied/i.test(said)) {
    throw new Error(
      `The engine's socket is there, but user ${process.getuid?.()} may not use it:\n${said.trim()}\n` +
        'Add the user to the group "docker" and log in again, or run this as root.',
    );
  }
}

async function startEngine(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error('Starting dockerd needs root: start Docker yourself, or run this as root.');
  // Installing docker.io starts it where an init system runs; in a container or a bare VM nothing does.
  if (await answersWithin(5_000)) return;
  mkdirSync(cacheFolder, { recursive: true });
  const logFile = join(cacheFolder, 'dockerd.log');
  const log = openSync(logFile, 'a');
  const daemon = spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] });
  const failed = new Promise<never>((_, reject) => {
    daemon.on('error', reject);
    daemon.on('exit', code => reject(new Error(`dockerd exited with ${code}`)));
  });
  daemon.unref();
  closeSync(log);
  try {
    if (await Promise.race([answersWithin(startDeadline), failed])) return;
    throw new Error(`dockerd did not answer within ${startDeadline / 1000} s`);
  } catch (error) {
    const end = (await readFile(logFile, 'utf8')).trim().split('\n').slice(-12).join('\n');
    throw new Error(`${error instanceof Error ? error.message : error}. The end of ${logFile}:\n${end}`);
  }
}

async function answersWithin(deadline: number): Promise<boolean> {
  for (const end = performance.now() + deadline; performance.now() < end; await pause(250)) {
    if ((await engineVersion()).code === 0) return true;
  }
  return false;
}

function engineVersion() {
  return tryCommand(['docker', 'version', '--format', '{{.Server.Version}} (API {{.Server.APIVersion}})'], {
    timeout: 15_000,
  });
}

if (import.meta.main) await runTool(async () => void (await ensureEngine()));
