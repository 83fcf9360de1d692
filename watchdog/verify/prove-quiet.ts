import type { AlertBook } from '../domain/alert.ts';
import type { AlertCause } from '../domain/incident.ts';
import type { Proof } from '../domain/repair.ts';
import type { Replica, ServiceRef } from '../domain/service.ts';
import { type Duration, inWords, minutes } from '../domain/time.ts';
import { type Eyes, staysWell } from './prove-well.ts';

/**
 * How long an alert may go on firing after its repair. A rate over five minutes needs as long to forget, then come the rule's
 * evaluation and Alertmanager's `group_interval` (five minutes unless set otherwise) until the end is told.
 */
export const ALERT_LIMIT: Duration = minutes(10);

export interface AlertEyes extends Eyes {
  readonly alerts: Pick<AlertBook, 'quiet' | 'firing'>;
}

/**
 * For a repair that an alert asked for: healed means that it no longer fires. Waits for that, and as long watches that the
 * container stays well, because nothing else is attended to at its service meanwhile.
 * @param well the container, as it was proven; undefined for the host's own
 */
export async function proveQuiet(
  ref: ServiceRef,
  { name, fingerprint }: AlertCause,
  well: Replica | undefined,
  eyes: AlertEyes,
  signal: AbortSignal,
): Promise<Proof> {
  const enough = new AbortController();
  const both = AbortSignal.any([signal, enough.signal]);
  const quiet = proof(true, 'proven', `the alert ${name} no longer fires`);
  const stillFiring = proof(false, 'still-firing', `the alert ${name} still fires after ${inWords(ALERT_LIMIT)}`);
  const waited =
    well === undefined
      ? eyes.clock.sleep(ALERT_LIMIT, both).then(() => stillFiring)
      : staysWell(well, ALERT_LIMIT, eyes, both).then(stayed => (stayed.healed ? stillFiring : stayed));
  try {
    const first = await Promise.race([eyes.alerts.quiet(ref, fingerprint, both).then(() => quiet), waited]);
    signal.throwIfAborted();
    return first;
  } finally {
    enough.abort();
  }
}

const proof = (healed: boolean, code: Proof['code'], because: string): Proof => ({ healed, code, because });
