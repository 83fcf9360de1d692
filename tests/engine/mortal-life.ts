import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Project } from './project.ts';
import { Pulse, until } from './pulse.ts';

const RUNNER = join(import.meta.dirname, 'mortal-watchdog.ts');

export interface MortalLife {
  /** What is done for what is unhealthy, as a rung of a playbook has it; with its parameters where it needs any. */
  readonly strategy: string;
  readonly project: Project;
  readonly ledgerFile: string;
  /** For the homes of its lives. */
  readonly folder: string;
}

/** Starts it, and resolves once it has died, or has gone as far as wanted and was stopped. */
export async function watchdogLives(
  lane: MortalLife,
  dieAt: number,
  enough: (said: readonly string[]) => boolean | Promise<boolean>,
  dies: (kill: () => void) => { readonly engine?: string } = () => ({}),
) {
  const { strategy, project, ledgerFile, folder } = lane;
  const home = mkdtempSync(join(folder, 'life-'));
  const words = [RUNNER, project.name, ledgerFile, home, strategy, String(dieAt)];
  const { engine } = dies(() => child.kill('SIGKILL'));
  const env = { ...process.env, ...(engine === undefined ? {} : { DOCKER_HOST: engine }) };
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const said: string[] = [];
  const pulse = new Pulse();
  const beating = setInterval(() => pulse.beat(), 250);
  let ended: string | undefined;
  child.once('close', (code, signal) => {
    ended = signal ?? String(code);
    pulse.beat();
  });
  createInterface({ input: child.stdout }).on('line', line => {
    said.push(line);
    pulse.beat();
  });
  const now = () => said.join('\n');
  try {
    await until(pulse, `${strategy}: dead at ${dieAt}, or done`, () => ended !== undefined || enough(said), now);
    const died = ended === 'SIGKILL';
    child.kill('SIGTERM');
    await until(pulse, `${strategy}: the process has ended`, () => ended !== undefined, now);
    return { died, instants: said.filter(line => line.startsWith('instant ')) };
  } finally {
    clearInterval(beating);
    child.kill('SIGKILL');
  }
}

/** All at once; the first failure is thrown once the others have ended, as what goes on after its test leaves containers behind. */
export async function inEveryLane<Lane, Outcome>(lanes: readonly Lane[], run: (lane: Lane) => Promise<Outcome>) {
  const settled = await Promise.allSettled(lanes.map(run));
  return settled.map(lane => {
    if (lane.status === 'rejected') throw lane.reason;
    return lane.value;
  });
}
