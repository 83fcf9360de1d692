import type { Gate } from '../../domain/decision.ts';

/** Taken out by its owner, or by a label that cannot be read: what its owner wanted is then unknown, so hands off. */
export const optOut: Gate = {
  code: 'opt-out',
  evenWhenAsked: true,
  objection: ({ policy }) => {
    const problem = policy.problems[0];
    if (problem !== undefined) return { code: 'opt-out', because: problem, until: undefined, tell: true };
    if (policy.enabled) return undefined;
    return {
      code: 'opt-out',
      because: 'the service is taken out of repair (auto_repair=false)',
      until: undefined,
      tell: false,
    };
  },
};
