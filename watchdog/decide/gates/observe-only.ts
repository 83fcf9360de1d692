import type { Gate } from '../../domain/decision.ts';

export const observeOnly: Gate = {
  code: 'observe-only',
  evenWhenAsked: true,
  objection: ({ policy }, order) => {
    if (policy.mode === 'repair') return undefined;
    const would = order === undefined ? 'would leave it to people' : `would ${order.strategy}`;
    return {
      code: 'observe-only',
      because: `observe mode: ${would}, and touches nothing`,
      until: undefined,
      tell: false,
    };
  },
};
