import type { Gate } from '../../domain/decision.ts';
import { coolingUntil } from '../attempts.ts';

/** Repaired a moment ago: give it time to prove itself. */
export const cooldown: Gate = {
  code: 'cooldown',
  evenWhenAsked: false,
  objection: (facts, order) => {
    // A size has a cooldown of its own, in each direction.
    if (order === undefined || facts.incident.kind === 'mis-sized') return undefined;
    const quiet = facts.playbook?.cooldown ?? facts.policy.cooldown;
    // The host has no numbers; it cools down as a whole.
    const numbers = order.targets.length === 0 ? [undefined] : order.targets.map(({ number }) => number);
    const until = numbers.map(number => coolingUntil(number, facts, quiet));
    // The draft leaves out those that cool down unless all of them do.
    if (until.some(at => at === undefined)) return undefined;
    return {
      code: 'cooldown',
      because: 'repaired a moment ago; give it time',
      until: Math.min(...until.flatMap(at => at ?? [])),
      tell: false,
    };
  },
};
