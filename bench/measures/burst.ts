import { pidOf } from '../engine.ts';
import { allWell, cure, type Patient } from '../patients.ts';
import { rounded, type Summary, summaryOf } from '../statistics.ts';
import { now, pause } from '../wall-clock.ts';
import { killed, unhealthy } from './faults.ts';
import { holdChecks } from './held-checks.ts';
import { type Run, treated } from './run.ts';

export interface BurstFigures {
  readonly fault: string;
  /** Milliseconds from each one's event to its repair call. */
  readonly call: Summary;
  /** Of as many as may be repaired in parallel, the slowest: milliseconds from its event to its call. */
  readonly upToLimit: number;
  /** Milliseconds from the first event to the last. */
  readonly spread: number;
  /** Milliseconds from the last event to the last call. */
  readonly lastCall: number;
  /** Milliseconds from the first event until all were healthy again. */
  readonly allHealed: number;
  /** The most calls that one of them got: 1 is right. */
  readonly mostCalls: number;
}

const SIZE = 15;
/** `WATCHDOG_MAX_PARALLEL` as it comes. */
const LIMIT = 8;

/** Fifteen services are killed in the same instant: the engine tells of all within a fraction of a second. */
export async function killedAtOnce(run: Run): Promise<BurstFigures> {
  const struck = run.patients.plain.slice(0, SIZE);
  await allWell(run.patients);
  const pids = await Promise.all(struck.map(({ id }) => pidOf(id)));
  const struckAt = now();
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return await figures(run, struck, killed, struckAt);
}

/** Fifteen services fall ill in the same instant. */
export async function illAtOnce(run: Run): Promise<BurstFigures> {
  const struck = run.patients.plain.slice(0, SIZE);
  await allWell(run.patients);
  const fail = await holdChecks(struck);
  return await figures(run, struck, unhealthy, fail());
}

async function figures(
  run: Run,
  struck: readonly Patient[],
  fault: typeof killed,
  struckAt: number,
): Promise<BurstFigures> {
  const all = await Promise.all(struck.map(patient => treated(run, patient, fault, struckAt)));
  await pause(3_000);
  const calls = struck.map(patient => run.healer.proxy.repairs(patient, struckAt).length);
  const events = all.map(({ eventAt }) => eventAt);
  const lastCalled = Math.max(...all.map(({ calledAt }) => calledAt ?? Number.NaN));
  const lastHealed = Math.max(...all.map(({ eventAt, healed }) => eventAt + (healed ?? Number.NaN)));
  await cure(run.patients);
  const calledFirst = all.toSorted((a, b) => (a.calledAt ?? Infinity) - (b.calledAt ?? Infinity)).slice(0, LIMIT);
  return {
    fault: fault.name,
    upToLimit: rounded(Math.max(...calledFirst.map(({ call }) => call ?? Number.NaN))),
    call: summaryOf(all.map(({ call }) => call)),
    spread: rounded(Math.max(...events) - Math.min(...events)),
    lastCall: rounded(lastCalled - Math.max(...events)),
    allHealed: rounded(lastHealed - Math.min(...events)),
    mostCalls: Math.max(...calls),
  };
}
