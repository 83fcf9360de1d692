import type { Case, Gate, Objection } from '../../domain/decision.ts';
import { type Duration, type Instant, seconds } from '../../domain/time.ts';

/** So long after the last container was made or removed, a deploy counts as still under way. */
const DEPLOY_QUIET: Duration = seconds(10);
/** So long a container may stand created before somebody starts it; `up` creates all of them before it starts the first. */
const START_UP_GRACE: Duration = seconds(30);

/** Somebody else is at it: a deploy, an `up` that has not got to this service yet. */
export const inFlight: Gate = {
  code: 'in-flight',
  evenWhenAsked: false,
  objection: facts => deployUnderWay(facts) ?? notYetStarted(facts),
};

function deployUnderWay({ stack, incident, now }: Case): Objection | undefined {
  const last = stack.lastDeployAt(incident.project);
  if (last === undefined || now >= last + DEPLOY_QUIET) return undefined;
  return wait(`a deploy of ${incident.project} is under way`, last + DEPLOY_QUIET);
}

function notYetStarted({ incident, now }: Case): Objection | undefined {
  if (incident.condition !== 'never-started' || now >= incident.since + START_UP_GRACE) return undefined;
  return wait('created a moment ago; whoever made it may be about to start it', incident.since + START_UP_GRACE);
}

const wait = (because: string, until: Instant): Objection => ({ code: 'in-flight', because, until, tell: false });
