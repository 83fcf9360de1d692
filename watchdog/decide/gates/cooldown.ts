import type { Gate } from '../../domain/decision.ts';
import { coolingUntil } from '../attempts.ts';

/** Repaired a moment ago: give it time to prove itself. */
export const cooldown: Gate = {
  code: 'cooldown',
  evenWhenAsked: false,
  objection: ({ past, policy, playbook, now }, order) => {
    const quiet = playbook?.cooldown ?? policy.cooldown;
    const until = (order?.targets ?? []).map(({ number }) => coolingUntil(number, past, quiet, now));
    // The draft leaves out those that cool down unless all of them do.
    if (until.length === 0 || until.some(at => at === undefined)) return undefined;
    return {
      code: 'cooldown',
      because: 'repaired a moment ago; give it time',
      until: Math.min(...until.flatMap(at => at ?? [])),
      tell: false,
    };
  },
};
