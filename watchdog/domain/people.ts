import type { Rung } from './playbook.ts';

/** The strategy of a rung at which nothing is done and people are told. */
export const NOTIFY = 'notify';

/** What people are told at this rung, in the words of who wrote the playbook; undefined where it is another rung, or has none. */
export function sayingOf({ strategy, with: { say } }: Pick<Rung, 'strategy' | 'with'>): string | undefined {
  return strategy === NOTIFY && typeof say === 'string' && say.trim() !== '' ? say.trim() : undefined;
}
