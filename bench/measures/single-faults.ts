import { allWell, cure, type Patient } from '../patients.ts';
import { type Summary, summaryOf } from '../statistics.ts';
import { now, pause } from '../wall-clock.ts';
import { type Fault, hung, killed, unhealthy } from './faults.ts';
import { type Run, type Treated, treated } from './run.ts';

export interface FaultFigures {
  readonly fault: string;
  /** Milliseconds from the engine's event to the repair call. */
  readonly call: Summary;
  /** Milliseconds from the engine's event until the engine called it healthy again. */
  readonly healed: Summary;
}

/** After the engine calls a service healthy the healer still proves it for its settle time. */
const REST = 1_500;

/** One service falls ill at a time, and the next when it is well again. */
export async function singleFaults(run: Run, repetitions: number): Promise<FaultFigures[]> {
  const { plain, deaf } = run.patients;
  return [
    await figuresOf(run, unhealthy, plain, repetitions),
    await figuresOf(run, killed, plain, repetitions),
    await figuresOf(run, hung, deaf, Math.ceil(repetitions / 2)),
  ];
}

async function figuresOf(run: Run, fault: Fault, patients: readonly Patient[], times: number): Promise<FaultFigures> {
  const all: Treated[] = [];
  for (let turn = 0; turn < times; turn += 1) {
    const patient = patients[turn % patients.length] as Patient;
    await allWell(run.patients);
    const struckAt = now();
    await fault.strike(patient);
    const one = await treated(run, patient, fault, struckAt);
    all.push(one);
    if (one.call !== undefined) await pause(REST);
    else {
      await cure(run.patients);
      // Nobody repaired it: two repetitions say as much as twenty.
      if (turn >= 1) break;
    }
  }
  return {
    fault: fault.name,
    call: summaryOf(all.map(({ call }) => call)),
    healed: summaryOf(all.map(({ healed }) => healed)),
  };
}
