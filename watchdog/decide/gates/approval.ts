import type { Gate } from '../../domain/decision.ts';

/** What touches data or the host needs a person's yes. */
export const approval: Gate = {
  code: 'approval',
  evenWhenAsked: true,
  objection: ({ dangers, approved }, order) => {
    const danger = order === undefined ? undefined : dangers[order.strategy];
    if (approved || (danger !== 'data' && danger !== 'host')) return undefined;
    return {
      code: 'approval',
      because: `${order?.strategy} touches ${danger === 'data' ? 'data' : 'the host'} and needs a person's yes`,
      until: undefined,
      tell: true,
    };
  },
};
