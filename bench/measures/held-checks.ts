import { readdirSync, readFileSync } from 'node:fs';
import { pidOf } from '../engine.ts';
import type { Patient } from '../patients.ts';
import { now, until } from '../wall-clock.ts';
import { hung } from './faults.ts';

/** Longer than the time between two checks and the time that a busy engine takes to begin one. */
const ALL_AT_CHECK_WITHIN = 60_000;

/**
 * Holds each patient's next health check until all are at it, so that they can fail in one instant: by themselves they would
 * be found ill one after the other, each by its own next check. Takes root on the engine's machine.
 * @returns lets every held check fail now, and says when that was
 */
export async function holdChecks(patients: readonly Patient[]): Promise<() => number> {
  await Promise.all(patients.map(patient => hung.strike(patient)));
  const mains = await Promise.all(patients.map(({ id }) => pidOf(id)));
  await until('all checks held', () => mains.every(main => heldBeside(main).length > 0), ALL_AT_CHECK_WITHIN, 100);
  const checks = mains.flatMap(heldBeside);
  return () => {
    const struckAt = now();
    for (const pid of checks) process.kill(pid, 'SIGKILL');
    return struckAt;
  };
}

/** A check that hangs has become this (tests/images/patient). */
const HELD = 'sleep\x003600\x00';

/** What the engine runs in a container besides its PID 1 has the same parent, the shim. */
function heldBeside(main: number): number[] {
  const shim = parentOf(main);
  const pids = readdirSync('/proc').flatMap(name => (/^\d+$/.test(name) ? Number(name) : []));
  return pids.filter(pid => pid !== main && parentOf(pid) === shim && read(pid, 'cmdline') === HELD);
}

function parentOf(pid: number): number {
  // proc(5): the fields after the name, which may hold anything, begin with state and parent.
  const stat = read(pid, 'stat');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** Empty for a process that has ended meanwhile. */
function read(pid: number, file: 'stat' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
