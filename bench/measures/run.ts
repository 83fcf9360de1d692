import type { Healer } from '../contenders.ts';
import type { Observer } from '../observer.ts';
import type { Patient, Patients } from '../patients.ts';
import { until } from '../wall-clock.ts';
import type { Fault } from './faults.ts';

/** What every measure is given. */
export interface Run {
  readonly healer: Healer;
  readonly observer: Observer;
  readonly patients: Patients;
  /** How long a repair call is awaited before it counts as never, in milliseconds. */
  readonly patience: number;
}

/** What became of one fault, in milliseconds. */
export interface Treated {
  /** From the engine's event to the repair call; undefined: never. */
  readonly call: number | undefined;
  /** From the engine's event until the engine called it healthy again. */
  readonly healed: number | undefined;
  /** When the engine's event was, and the call: milliseconds since the epoch. */
  readonly eventAt: number;
  readonly calledAt: number | undefined;
}

/** Waits for the event, for the call, and for health. `struckAt`: just before the fault was made. */
export async function treated(run: Run, patient: Patient, fault: Fault, struckAt: number): Promise<Treated> {
  const { healer, observer, patience } = run;
  const event = await until(
    `${fault.event} of ${patient.name}`,
    () => observer.first(patient.id, [fault.event], struckAt),
    30_000,
    2,
  );
  // The call may pass the proxy before the observer has read the event.
  const called = await until('call', () => healer.proxy.repairs(patient, struckAt)[0], patience, 2).catch(
    () => undefined,
  );
  if (called === undefined) return { call: undefined, healed: undefined, eventAt: event.at, calledAt: undefined };
  const healthy = await until(
    `${patient.name} healthy again`,
    () => observer.first(patient.id, ['health_status: healthy'], called.at),
    60_000,
  );
  return { call: called.at - event.at, healed: healthy.at - event.at, eventAt: event.at, calledAt: called.at };
}
