import type { Diagnosis } from '../domain/incident.ts';
import { patienceIn } from '../domain/patience.ts';
import type { Order, Proof } from '../domain/repair.ts';
import type { Replica } from '../domain/service.ts';
import type { Duration, Instant } from '../domain/time.ts';
import { hasCompleted } from '../domain/wellness.ts';
import { type AlertEyes, proveQuiet } from './prove-quiet.ts';
import { proveWell } from './prove-well.ts';

/** The eyes that saw the trouble, for a second look. */
export interface SecondLook {
  readonly eyes: AlertEyes;
  /** A fresh look at the container; undefined when it is not there any more. */
  readonly at: (containerId: string) => Promise<Replica | undefined>;
  /** What the finding that led to the repair means now, at this container. */
  readonly diagnose: (containerId: string) => Diagnosis;
  /** The container is well; what is still waited for is an alert, and concerns nobody who depends on it. */
  readonly provenWell: () => void;
}

/** The proof of the container itself, the end of the alert that asked for the repair, and then the eyes that saw the trouble. */
export async function proveRepair(
  order: Order,
  containerId: string,
  startedBefore: Instant | undefined,
  settle: Duration,
  look: SecondLook,
  signal: AbortSignal,
): Promise<Proof> {
  const proof = await proveWell(containerId, startedBefore, settle, look.eyes, signal, patienceIn(order));
  const replica = await look.at(containerId);
  if (order.asked) return proof;
  if (proof.healed && replica !== undefined && order.alert !== undefined) {
    look.provenWell();
    const quiet = await proveQuiet(order, order.alert, replica, look.eyes, signal);
    if (!quiet.healed) return quiet;
  }
  const again = look.diagnose(containerId);
  // A one-shot that was started again and has now completed did not stay, and need not. One that the engine has already
  // started once more has only ended.
  const completed = replica !== undefined && hasCompleted(replica);
  if (proof.code === 'ended' && completed && again.verdict === 'well')
    return { healed: true, code: 'proven', because: again.because };
  if (!proof.healed || !isStillIll(again, order, containerId)) return proof;
  return { healed: false, code: 'still-ill', because: again.incident.because };
}

/** A fresh look at the host's own, and the end of the alert that asked for the repair. */
export async function proveHostRepair(
  order: Order,
  look: { readonly eyes: AlertEyes; readonly diagnose: () => Promise<Diagnosis> },
  signal: AbortSignal,
): Promise<Proof> {
  const again = await look.diagnose();
  if (again.verdict === 'incident' && again.incident.alert === undefined)
    return { healed: false, code: 'still-ill', because: again.incident.because };
  if (order.alert !== undefined) return await proveQuiet(order, order.alert, undefined, look.eyes, signal);
  const because = again.verdict === 'incident' ? again.incident.because : again.because;
  return { healed: true, code: 'proven', because };
}

/** The container has the trouble that the repair was for, or is ailing. An alert is judged by its own end, others by theirs;
 * another error in its log is another trouble. */
function isStillIll(
  again: Diagnosis,
  order: Order,
  containerId: string,
): again is Extract<Diagnosis, { verdict: 'incident' }> {
  if (again.verdict !== 'incident' || !again.incident.patients.some(({ id }) => id === containerId)) return false;
  const { kind, alert, error, condition } = again.incident;
  if (error !== undefined) return condition === order.condition;
  return kind === 'ailing' || (kind === order.kind && alert === undefined);
}
