import { defineStrategy } from '../../../../watchdog/repair/define-strategy.ts';

/** What an operator might bring along, and what nobody may do to his data unasked. */
export default defineStrategy(({ docker }) => ({
  name: 'mend-files',
  danger: 'data',
  summary: 'mends the files of the container',
  apply: async ({ order, target, signal }) => {
    await docker.restart(target.id, order.stopTimeout, signal);
    return undefined;
  },
}));
