import type { Case, Gate, Objection } from '../../domain/decision.ts';
import { headcountOf, isChosen } from '../../domain/headcount.ts';
import { replicasInWords } from '../../domain/scaling.ts';
import { DEPLOY_QUIET } from '../../domain/stack.ts';
import { type Duration, type Instant, minutes, seconds, waitingUntil } from '../../domain/time.ts';
import { isStopping, isWell, wellSince } from '../../domain/wellness.ts';
import { wouldResize } from '../draft-order.ts';
import { mendingUntil } from '../mending.ts';

/** So long a container may stand created before somebody starts it; `up` creates all of them before it starts the first. */
const START_UP_GRACE: Duration = seconds(30);

/** So long the number of replicas that a person chose is respected; then the load decides again. */
export const CHOICE_RESPECTED: Duration = minutes(10);

/** Beyond what a probe may take, for the engine to report it. */
const PROBE_MARGIN: Duration = seconds(1);

/** Somebody else is at it, or it heals by itself: a deploy, an `up` that has not got to this service yet, a recovery. */
export const inFlight: Gate = {
  code: 'in-flight',
  evenWhenAsked: false,
  objection: facts =>
    deployUnderWay(facts) ??
    beingResized(facts) ??
    sizeChosen(facts) ??
    notYetStarted(facts) ??
    mendingItself(facts) ??
    stillRecovering(facts),
};

function deployUnderWay({ stack, incident, now }: Case): Objection | undefined {
  const last = stack.lastDeployAt(incident.project);
  const until = last === undefined ? undefined : waitingUntil(last, DEPLOY_QUIET, now);
  return until === undefined ? undefined : wait(`a deploy of ${incident.project} is under way`, until);
}

/**
 * Replicas that somebody has told to end do not count any more, and what is to become of them shows only when they have: a plain
 * `up` waits for the end of all that it takes before it removes the first. Who made up for them now would be in its way.
 */
function beingResized(facts: Case): Objection | undefined {
  const { service, now } = facts;
  if (!wouldResize(facts)) return undefined;
  const stopping = service?.replicas.find(replica => replica.state === 'running' && isStopping(replica, now));
  return stopping && wait(`${stopping.name} was told to stop by somebody, and has not ended yet`, undefined);
}

/** Only the size is left alone; what is ill is repaired all the same. */
function sizeChosen(facts: Case): Objection | undefined {
  const { size, service, now } = facts;
  const chosen = size?.record.chosen;
  if (chosen === undefined || !wouldResize(facts)) return undefined;
  const until = waitingUntil(chosen.at, CHOICE_RESPECTED, now);
  if (until === undefined) return undefined;
  const present = headcountOf(service);
  if (!isChosen(chosen.before, present)) return undefined;
  return wait(
    `somebody brought it from ${chosen.before.all} to ${replicasInWords(present.all)}, which is respected for a while`,
    until,
  );
}

function notYetStarted({ incident, now }: Case): Objection | undefined {
  if (incident.condition !== 'never-started') return undefined;
  const until = waitingUntil(incident.since, START_UP_GRACE, now);
  return until === undefined
    ? undefined
    : wait('created a moment ago; whoever made it may be about to start it', until);
}

/** A restart would only have it begin again. */
function mendingItself(facts: Case): Objection | undefined {
  const until = mendingUntil(facts);
  return until === undefined
    ? undefined
    : wait(`${facts.incident.because}; the playbook ${facts.playbook?.name} leaves it alone: it mends itself`, until);
}

/**
 * What it depends on has become well since its last probe. That probe says nothing any more: one that succeeds makes it
 * healthy at once (moby daemon/health.go), so the next one is awaited.
 */
function stillRecovering({ incident, service, stack, now }: Case): Objection | undefined {
  const patient = service?.replicas.find(({ id }) => id === incident.patients[0]?.id);
  const check = patient?.inspected?.healthcheck;
  // Its log may tell the cause, which is the condition then: a name of what it depends on that nobody knew, for instance.
  const explained = incident.error?.elseWell === false && patient?.health === 'unhealthy';
  if (service === undefined || check === undefined || !(incident.condition === 'unhealthy' || explained))
    return undefined;
  for (const { service: name } of service.dependencies) {
    const well = stack.service({ project: service.project, service: name })?.replicas.filter(isWell) ?? [];
    // Not down at all while one of its replicas was well throughout.
    const recoveredAt = Math.min(...well.map(wellSince));
    const until = waitingUntil(recoveredAt, check.interval + check.timeout + PROBE_MARGIN, now);
    // At the same moment: nobody knows which of the two was first.
    if (well.length > 0 && recoveredAt >= incident.since && until !== undefined)
      return wait(`${name}, which it depends on, has just recovered; its next health check decides`, until);
  }
  return undefined;
}

const wait = (because: string, until: Instant | undefined): Objection => ({
  code: 'in-flight',
  because,
  until,
  tell: false,
});
