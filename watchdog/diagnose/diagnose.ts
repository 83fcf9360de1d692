import { type AlertBook, NO_ALERTS } from '../domain/alert.ts';
import type { Finding } from '../domain/finding.ts';
import { HOST } from '../domain/finding.ts';
import type { Diagnosis } from '../domain/incident.ts';
import { nameOf } from '../domain/service.ts';
import { NOTHING_SCALED, type SizeBook } from '../domain/size.ts';
import type { Stack } from '../domain/stack.ts';
import { alerted, namesOf } from './alerted.ts';
import { diagnoseHost } from './host.ts';
import { diagnoseSize } from './mis-sized.ts';
import { ailing, atEase, lookedAt, withoutIllness } from './own-eyes.ts';
import { starved } from './starved.ts';
import { wanted } from './wanted.ts';

/**
 * What the finding means, given the stack as it stands now and the alerts that fire. Always with a sentence why. What our own
 * eyes see comes first, then what was measured, then what others tell: a service is in one trouble at a time, the worst. Its size
 * is asked for by findings of its own: it may be wrong beside any trouble.
 */
export function diagnose(
  finding: Finding,
  stack: Stack,
  alerts: Pick<AlertBook, 'firing'> = NO_ALERTS,
  sizes: SizeBook = NOTHING_SCALED,
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
  const incident =
    ailing(judged, service, target.containerId) ??
    wanted(finding, service, stack) ??
    starved(service, sound, stack.sampledEvery, seenAt) ??
    alerted(service, sound, firing);
  if (incident !== undefined) return { verdict: 'incident', incident };

  const { because, wellSince } = withoutIllness(judged, service);
  const told = firing.length === 0 ? because : `${because}; the alert ${namesOf(firing)} fires all the same`;
  return wellSince === undefined
    ? { verdict: 'nothing-wrong', because: told }
    : { verdict: 'well', because: told, wellSince };
}
