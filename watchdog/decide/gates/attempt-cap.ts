import type { Gate } from '../../domain/decision.ts';
import { inWords } from '../../domain/time.ts';
import { cappedAttempts } from '../attempts.ts';
import { standingOn } from '../question-about.ts';

/**
 * So many attempts in a sliding window, then people. After that the circuit is half open: one attempt once the window has slid
 * past all of them, or once a person said `resume`. What a person has said yes to is that person's order: the cap ends loops of ours,
 * and nobody loops who has to be asked each time.
 */
export const attemptCap: Gate = {
  code: 'attempt-cap',
  evenWhenAsked: false,
  objection: (facts, order) => {
    const { past, policy, playbook, consent, now } = facts;
    if (order !== undefined && standingOn(order, consent, now) === 'granted') return undefined;
    const attempts = cappedAttempts(facts);
    const allowed = past.escalated ? 1 : (playbook?.attempts ?? policy.maxAttempts);
    if (attempts.length < allowed) return undefined;
    const freeing = attempts[attempts.length - allowed];
    const tried = `${attempts.length} attempts within ${inWords(policy.window)}`;
    return {
      code: 'attempt-cap',
      because: past.escalated
        ? `${tried} did not help; one more when the window has passed, or after: watchdog resume`
        : `${tried} is the limit (max_attempts ${allowed}); a person has to look`,
      until: freeing === undefined ? undefined : freeing.at + policy.window,
      tell: true,
    };
  },
};
