import { allWell, type Patient } from '../patients.ts';
import { rounded } from '../statistics.ts';
import { pause, until } from '../wall-clock.ts';
import { unhealthy } from './faults.ts';
import { holdChecks } from './held-checks.ts';
import { type Run, treated } from './run.ts';

export interface BehindStubborn {
  /** Milliseconds from the engine's event to the repair call of the service that fell ill last. */
  readonly call: number | undefined;
  /** How many of the eight were sitting out their stop grace at that event. */
  readonly sittingOut: number;
}

/** Eight services ignore SIGTERM and sit out their whole stop grace of ten seconds; then a ninth falls ill. */
export async function behindStubborn(run: Run): Promise<BehindStubborn> {
  const { stubborn, plain } = run.patients;
  const ninth = plain.at(-1) as Patient;
  await allWell(run.patients);
  const failNinth = await holdChecks([ninth]);
  const fail = await holdChecks(stubborn);
  const struckAt = fail();
  for (const { id, name } of stubborn)
    await until(`${name} unhealthy`, () => run.observer.first(id, [unhealthy.event], struckAt), 30_000);
  // The healer may be one that only comes around now and then, so give it the time to call for the eight.
  await pause(1_000);
  const ninthStruckAt = failNinth();
  const { call, eventAt } = await treated({ ...run, patience: 120_000 }, ninth, unhealthy, ninthStruckAt);
  const sittingOut = stubborn.filter(patient => {
    const called = run.healer.proxy.repairs(patient, struckAt)[0];
    const died = run.observer.first(patient.id, ['die'], struckAt);
    return called !== undefined && called.at < eventAt && (died === undefined || died.at > eventAt);
  });
  return { call: call === undefined ? undefined : rounded(call), sittingOut: sittingOut.length };
}
