import { type Alert, type AlertBook, NO_ALERTS } from '../domain/alert.ts';
import { type ErrorBook, NO_ERRORS, type StandingError } from '../domain/error-book.ts';
import type { Finding } from '../domain/finding.ts';
import { HOST } from '../domain/finding.ts';
import type { Diagnosis, Incident } from '../domain/incident.ts';
import { nameOf, type Replica, type Service } from '../domain/service.ts';
import { NOTHING_SCALED, type SizeBook } from '../domain/size.ts';
import type { Stack } from '../domain/stack.ts';
import { alerted, namesOf } from './alerted.ts';
import { attacked, erred, explained, stillCounting } from './erred.ts';
import { diagnoseHost } from './host.ts';
import { memoryLow } from './memory-low.ts';
import { diagnoseSize } from './mis-sized.ts';
import { ailing, atEase, lookedAt, withoutIllness } from './own-eyes.ts';
import { starved } from './starved.ts';
import { wanted } from './wanted.ts';

/**
 * What the finding means, given the stack as it stands now, the alerts that fire and what logs tell. Always with a sentence
 * why. What our own eyes see comes first, with its cause where a log says it, then what was measured, then what others tell: a
 * service is in one trouble at a time, the worst, and an attack is worse than any. Its size is asked for by findings of its own: it may be wrong beside any trouble.
 */
export function diagnose(
  finding: Finding,
  stack: Stack,
  alerts: Pick<AlertBook, 'firing'> = NO_ALERTS,
  sizes: SizeBook = NOTHING_SCALED,
  errors: ErrorBook = NO_ERRORS,
): Diagnosis {
  const { target, seenAt } = finding;
  const firing = alerts.firing(target);
  if (target.project === HOST) return diagnoseHost(finding, stack, firing);
  const service = stack.service(target);
  if (service === undefined)
    return { verdict: 'well', because: `${nameOf(target)} has no containers any more`, wellSince: 0 };

  if (finding.kind === 'load') {
    const scaled = sizes.of(target);
    if (scaled === undefined) return { verdict: 'well', because: `${nameOf(target)} is not scaled`, wellSince: 0 };
    return diagnoseSize(service, scaled, stack.sampledEvery, seenAt);
  }

  const judged = lookedAt(service, stack, seenAt);
  const sound = atEase(judged);
  const counting = stillCounting(service, errors.standing(target), seenAt);
  const ill = ailing(judged, service, target.containerId);
  const incident =
    // A person who asks for a repair knows more than the log.
    (finding.kind === 'asked' ? undefined : attacked(service, counting)) ??
    (ill && explained(ill, service, counting)) ??
    wanted(finding, service, stack) ??
    starved(service, sound, stack.sampledEvery, seenAt) ??
    memoryLow(service, sound, stack.memory(), seenAt) ??
    toldBy(service, sound, firing, counting);
  if (incident !== undefined) return { verdict: 'incident', incident };

  const { because, wellSince } = withoutIllness(judged, service);
  const told = firing.length === 0 ? because : `${because}; the alert ${namesOf(firing)} fires all the same`;
  return wellSince === undefined
    ? { verdict: 'nothing-wrong', because: told }
    : { verdict: 'well', because: told, wellSince };
}

/** An alert tells of an effect, a log of its cause: what can be repaired comes before an alert that asks for nothing. */
function toldBy(
  service: Service,
  sound: readonly Replica[],
  firing: readonly Alert[],
  counting: readonly StandingError[],
): Incident | undefined {
  const alert = alerted(service, sound, firing);
  if (alert?.alert?.wants.kind !== 'none') return alert ?? erred(service, sound, counting);
  return (
    erred(
      service,
      sound,
      counting.filter(({ remedy }) => remedy === 'even-if-well'),
    ) ?? alert
  );
}
