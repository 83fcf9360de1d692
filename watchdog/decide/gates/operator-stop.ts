import type { Case, Gate, Objection } from '../../domain/decision.ts';
import { type Duration, seconds } from '../../domain/time.ts';
import { isStopping, wholeProjectStopped } from '../../domain/wellness.ts';

/** How soon to look again while the rest of the project is still going down. */
const LOOK_AGAIN: Duration = seconds(5);

/** What a person stopped is started again only after a grace, and never when they asked for that or took down everything. */
export const operatorStop: Gate = {
  code: 'operator-stop',
  evenWhenAsked: false,
  objection: facts => {
    const { incident, policy, stack, scope, now, watchingSince } = facts;
    const stoppedAt = incident.stoppedByHandAt;
    // Also for what had crashed before: whoever stops a project does not want the rest of it started.
    if (wholeProjectStopped(stack, incident.project, scope.selfId))
      return stay(`the whole project ${incident.project} was stopped by hand`, undefined);
    if (stoppedAt === undefined) return undefined;
    if (policy.onStop === 'respect')
      return stay('stopped by hand, which is respected here (on_stop=respect)', undefined);
    if (goingDown(facts)) return stay('the project is being stopped', now + LOOK_AGAIN);
    const until = Math.max(stoppedAt, watchingSince) + policy.stopGrace;
    return now < until ? stay('stopped by hand; it is started again after a grace', until) : undefined;
  },
};

const stay = (because: string, until: number | undefined): Objection => ({
  code: 'operator-stop',
  because,
  until,
  tell: false,
});

const goingDown = ({ stack, incident, now }: Case): boolean =>
  [...stack.services(incident.project)].some(service => service.replicas.some(replica => isStopping(replica, now)));
