import type { Gate } from '../../domain/decision.ts';
import { inWords } from '../../domain/time.ts';
import { cappedAttempts } from '../attempts.ts';

/**
 * So many attempts in a sliding window, then people. After that the circuit is half open: one attempt once the window has slid
 * past all of them, or once a person said `resume`.
 */
export const attemptCap: Gate = {
  code: 'attempt-cap',
  evenWhenAsked: false,
  objection: facts => {
    const { past, policy, playbook } = facts;
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
