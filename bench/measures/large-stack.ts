import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from '../contenders.ts';
import { answers } from '../contenders.ts';
import { cpuSeconds, type Memory, memoryOf } from '../process-figures.ts';
import { rounded } from '../statistics.ts';
import { pause, until } from '../wall-clock.ts';

export interface LargeStack {
  readonly containers: number;
  /** CPU milliseconds of one round, everything else that the process does meanwhile included. */
  readonly roundCpu: number;
  readonly memory: Memory;
  /** MB beside the same watchdog with ten containers. */
  readonly growth: number;
  /** MB, of the highest point. */
  readonly peakGrowth: number;
}

const PROJECT = 'simulated';
const INTERVAL = 2_000;
const ROUNDS = 20;
/** The watchdog gives back what only its start needed after ten seconds. */
const SETTLED = 14_000;

/** Rounds of the real process over an engine that is simulated. */
export async function largeStack(contender: Contender, folder: string, containers: number): Promise<LargeStack> {
  const small = await figures(contender, folder, 10);
  const large = await figures(contender, folder, containers);
  return {
    containers,
    roundCpu: rounded(large.roundCpu),
    memory: large.memory,
    growth: rounded(large.memory.rss - small.memory.rss),
    peakGrowth: rounded(large.memory.peak - small.memory.peak),
  };
}

async function figures(contender: Contender, folder: string, containers: number) {
  const socket = join(folder, 'simulated.sock');
  rmSync(socket, { force: true });
  const file = join(import.meta.dirname, '..', 'simulated-engine.ts');
  const engine = spawn(process.execPath, [file, socket, String(containers), PROJECT], { stdio: 'inherit' });
  try {
    await until('simulated engine', () => existsSync(socket), 20_000);
    const more = { DOCKER_HOST: `unix://${socket}`, WATCHDOG_INTERVAL: String(INTERVAL / 1_000) };
    const healer = await contender.start(PROJECT, folder, more);
    try {
      await until('/readyz', () => answers(`${healer.address}/readyz`), 60_000);
      await pause(SETTLED);
      const before = cpuSeconds(healer.pid);
      await pause(ROUNDS * INTERVAL);
      const roundCpu = ((cpuSeconds(healer.pid) - before) * 1_000) / ROUNDS;
      return { roundCpu, memory: memoryOf(healer.pid) };
    } finally {
      await healer.stop();
    }
  } finally {
    engine.kill();
  }
}
