import type { Judge } from '../ailment.ts';

/** The engine could not remove the container; it can neither run nor be started again, only be replaced. */
export const dead: Judge = ({ replica, at }) =>
  replica.state === 'dead'
    ? {
        condition: 'dead',
        because: `the engine calls ${replica.name} dead: it failed to remove it and cannot start it again`,
        evidence: replica.inspected?.error ? { error: replica.inspected.error } : {},
        since: replica.inspected?.finishedAt ?? at,
      }
    : undefined;
