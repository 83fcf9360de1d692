import { NOTIFY } from '../domain/people.ts';
import type { Strategy } from '../domain/repair.ts';

/** A rung at which people are told. Never carried out: the gate `no-change` stands in its place, with what the rung says. */
export const notify = (): Strategy => ({
  name: NOTIFY,
  danger: 'none',
  summary: 'tells people, in the words of the playbook, and touches nothing',
  apply: async () => undefined,
});
